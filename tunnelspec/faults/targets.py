"""Faults of X-Amz-Target: another one than was sent is looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tunnelspec.contract.document import Service
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse
from tunnelspec.faults.defect_classes import DISPATCH
from tunnelspec.faults.rows import Faults

dispatch = Faults("combinations", DISPATCH, "protocol/*/target-")


def _read(name: str, case: str, sentence: str, read: Callable[[str, Emulator], str]) -> None:
    """Seed a fault: the target is what `read` makes of the one that was sent."""

    def handle(call: Callable[[HttpRequest], HttpResponse], self: Emulator, request: HttpRequest) -> HttpResponse:
        target = {"x-amz-target": read(request.target, self)} if request.target else {}
        return call(replace(request, headers={**request.headers, **target}))

    dispatch(name, case, sentence).around(Emulator.handle, handle)


def _same_whatever_case(target: str, self: Emulator) -> str:
    prefix, _, operation = target.partition(".")
    names = {name.lower(): name for name in self.operations}
    return f"{prefix}.{names.get(operation.lower(), operation)}"


_read(
    "hash-for-dot",
    "with-hash",
    "A hash sign in a target is taken for the dot.",
    lambda sent, self: sent.replace("#", "."),
)
_read(
    "slash-for-dot",
    "with-slash",
    "A slash in a target is taken for the dot.",
    lambda sent, self: sent.replace("/", "."),
)
_read(
    "namespace-of-target",
    "with-namespace",
    "What precedes a hash sign in a target is ignored.",
    lambda sent, self: sent.rpartition("#")[2],
)
_read(
    "default-operation",
    "prefix-alone",
    "A target without an operation lists the tunnels.",
    lambda sent, self: sent if "." in sent else f"{sent}.ListTunnels",
)
_read(
    "tail-of-target",
    "with-tail",
    "What follows a second dot in a target is ignored.",
    lambda sent, self: ".".join(sent.split(".")[:2]),
)
_read(
    "query-of-target",
    "with-query",
    "What follows a question mark in a target is ignored.",
    lambda sent, self: sent.partition("?")[0],
)
_read(
    "words-of-target",
    "with-words",
    "What follows a space in a target is ignored.",
    lambda sent, self: sent.split(" ")[0],
)
_read(
    "operation-in-any-case", "operation-lower-case", "The operation's letter case does not count.", _same_whatever_case
)


def _prefix(name: str, case: str, sentence: str, is_known: Callable[[str, Service], bool]) -> None:
    """Seed a fault: prefixes for which `is_known` is true are taken for the target's own."""

    def read(sent: str, self: Emulator) -> str:
        prefix, dot, operation = sent.partition(".")
        return f"{self.service.target_prefix if is_known(prefix, self.service) else prefix}{dot}{operation}"

    _read(name, case, sentence, read)


_prefix(
    "version-of-prefix",
    "versioned",
    "What follows an underscore in the target's prefix is ignored.",
    lambda prefix, service: prefix.partition("_")[0] == service.target_prefix,
)
_prefix(
    "prefix-by-its-beginning",
    "prefix-cut",
    "The target's prefix may be cut short.",
    lambda prefix, service: prefix != "" and service.target_prefix.startswith(prefix),
)
_prefix(
    "prefix-of-sdks",
    "of-sdk",
    "The target's prefix may be the service's name in the SDKs.",
    lambda prefix, service: prefix == service.sdk_id,
)
_prefix(
    "prefix-in-any-case",
    "prefix-lower-case",
    "The letter case of the target's prefix does not count.",
    lambda prefix, service: prefix.lower() == service.target_prefix.lower(),
)
