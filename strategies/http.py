"""One harmless call, written in every way that RFC 9110 and RFC 9112 allow a client to write it.

Each request says in its situation how far the RFCs bind a server. Every one is signed correctly.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.document import Effect
from tunnelspec.contract.minimal import full_body, minimal
from tunnelspec.exchange import Headers, RawRequest, Signing, Wire

from .signatures import operation

#: Bodies that are rejected are as long as this in bytes, so that they do not arrive together with their headers.
_LONG = 40_000
#: A length in bytes that some servers refuse before they read the body.
_TOO_LONG = 1_500_000
IN_PARTS = ("chunks", "chunk-size-zeros", "in-pieces")
_CREATING = ("names-upper-case", "chunks", "chunk-extension", "in-pieces", "expect-continue", "absolute-form")


@dataclass(frozen=True, slots=True)
class RequestPair:
    """A call that follows another one on its connection: a rejected one, or one in the same segment.

    `checks_first`: the response to the first call has to conform as well.
    """

    name: str
    first: RawRequest
    second: RawRequest
    checks_first: bool = False


def plain(contract: Contract, name: str = "") -> RawRequest:
    """The call from which the others differ: of this operation, or of one that is harmless."""
    name = name or operation(contract)
    called = contract.operations[name]
    body = full_body(contract, name)
    if classify(contract, name, body).situation != "valid":
        body = minimal(called.input, live=False)
    text = json.dumps(body, separators=(",", ":")).encode()
    return RawRequest(text, name, contract.headers(name))


def cases(contract: Contract) -> list[RawRequest]:
    """The call written otherwise, by name, but for those in `followed`, and some of it for a call that creates
    something, which costs two."""
    creating = next((name for name in contract.operations if contract.created_by(name) is not None), None)
    created = written(plain(contract, creating)) if creating is not None else {}
    usual = (raw for raw in written(plain(contract)).values() if not _may_be_left(raw))
    return [*usual, *(raw for name, raw in created.items() if name in _CREATING)]


def reading(contract: Contract) -> str | None:
    """An operation that changes nothing and needs its body: a server that loses the body does not do it."""
    operations = contract.operations.values()
    return next((called.name for called in operations if called.effect is Effect.READ and called.input.required), None)


def written(usual: RawRequest) -> dict[str, RawRequest]:
    """A call in every way of writing it, by name."""
    third = max(1, len(usual.body) // 3)
    several = (1, third)
    # Sizes that are written with a letter.
    hexadecimal = Wire(chunk_sizes=(10, 11, 12))
    extended = Wire(chunk_sizes=several, chunk_extension="tunnelspec=1")
    offer = (("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__"))
    ways: dict[str, tuple[str, RawRequest]] = {
        "names-lower-case": ("http-field-names", _renamed(usual, str.lower)),
        "names-upper-case": ("http-field-names", _renamed(usual, str.upper)),
        "names-mixed-case": ("http-field-names", _renamed(usual, str.swapcase)),
        "names-reordered": ("http-field-names", _reordered(usual)),
        "no-white-space": ("http-white-space", replace(usual, wire=Wire(separator=":"))),
        "tabs-and-spaces": ("http-white-space", replace(usual, wire=Wire(separator=": \t "))),
        "white-space-behind": ("http-white-space", _spaced(usual)),
        "unknown-fields": ("http-unknown-fields", _added(usual, ("X-Tunnelspec", "1"), ("Tunnelspec-Trace", "a=1;b"))),
        "empty-field": ("http-unknown-fields", _added(usual, ("X-Tunnelspec", ""))),
        "repeated-field": ("http-unknown-fields", _added(usual, ("X-Tunnelspec", "1"), ("X-Tunnelspec", "2"))),
        "long-field": ("http-large-fields", _added(usual, ("X-Tunnelspec", "x" * 6_000))),
        "many-fields": ("http-large-fields", _added(usual, *((f"X-Tunnelspec-{n}", "1") for n in range(80)))),
        "chunked": ("http-chunked", replace(usual, wire=Wire(chunk_sizes=()))),
        "chunks": ("http-chunked", replace(usual, wire=Wire(chunk_sizes=several))),
        "chunk-extension": ("http-chunked", replace(usual, wire=extended)),
        # The names of transfer codings and expectations have no case (RFC 9112, 7; RFC 9110, 10.1.1).
        "chunked-upper-case": (
            "http-chunked",
            replace(_added(usual, ("TRANSFER-ENCODING", "CHUNKED")), wire=Wire(chunk_sizes=several)),
        ),
        "chunk-size-upper-case": ("http-chunked", replace(usual, wire=replace(hexadecimal, chunk_size_format="X"))),
        "chunk-size-zeros": ("http-chunked", replace(usual, wire=replace(hexadecimal, chunk_size_format="06x"))),
        "chunk-trailers": (
            "http-chunked",
            replace(usual, wire=Wire(chunk_sizes=several, trailers=(("X-Tunnelspec", "1"),))),
        ),
        "chunks-in-pieces": ("http-chunked", replace(usual, wire=replace(extended, piece_bytes=97, pause_s=0.002))),
        "in-pieces": ("http-pieces", replace(usual, wire=Wire(piece_bytes=61, pause_s=0.002))),
        "expect-continue": ("http-expect", replace(usual, wire=Wire(expect_continue=True))),
        "expect-upper-case": (
            "http-expect",
            replace(_added(usual, ("Expect", "100-CONTINUE")), wire=Wire(expect_continue=True)),
        ),
        # requests-aws4auth sends the digest of the body as a header, which SDKs do for Amazon S3 alone.
        "signed-as-by-sdks": ("sdk-signature", replace(usual, signing=Signing(omitted=("x-amz-content-sha256",)))),
        "more-signed": ("more-signed", _added(usual, ("X-Amz-User-Agent", "tunnelspec/1  api/1.0"))),
        "connection-close": ("http-close", replace(usual, wire=Wire(close=True))),
        "absolute-form": ("http-absolute-form", replace(usual, wire=Wire(absolute_target=True))),
        "upgrade-h2c": ("http-upgrade", _added(usual, *offer)),
        "upgrade-unknown": ("http-upgrade", _added(usual, ("Connection", "Upgrade"), ("Upgrade", "tunnelspec/1"))),
    }
    return {name: replace(raw, name=name, situation=situation) for name, (situation, raw) in ways.items()}


def after_refusals(contract: Contract) -> list[RequestPair]:
    """The call on the connection of one that is rejected, perhaps before its body was read."""
    usual = plain(contract)
    second = replace(usual, situation="http-after-refusal")
    target, content_type = ("X-Amz-Target", "nothing"), ("Content-Type", "text/plain")
    long = replace(usual, body=usual.body + b" " * _LONG)
    refused = {
        "after-content-type": replace(long, headers=_replaced(usual, content_type), situation="other-content-type"),
        "after-target": replace(long, headers=_replaced(usual, target), situation="unknown-operation"),
        "after-signature": replace(long, sign=False, situation="signature-missing"),
        "after-malformed-json": replace(usual, body=b"{" * _LONG, situation="malformed-json"),
        "after-path": replace(long, path="/tunnelspec", situation="other-path"),
        "after-length": replace(usual, body=usual.body + b" " * _TOO_LONG, situation="large-body"),
        "after-chunks": replace(
            long, headers=_replaced(usual, content_type), situation="other-content-type", wire=Wire(chunk_sizes=(9, 99))
        ),
    }
    return [RequestPair(name, first, second) for name, first in refused.items()]


def followed(contract: Contract) -> list[RequestPair]:
    """The plain call on the connection of one whose body some servers leave unread, which is then taken for it."""
    usual = plain(contract)
    second = replace(usual, situation="http-next")
    return [
        RequestPair(raw.name, raw, second, checks_first=True) for raw in written(usual).values() if _may_be_left(raw)
    ]


def _may_be_left(raw: RawRequest) -> bool:
    wire, names = raw.wire, {name.lower() for name, _ in raw.headers}
    return wire.chunk_sizes is not None or bool(wire.piece_bytes) or wire.expect_continue or "upgrade" in names


def after_close(contract: Contract) -> RequestPair:
    """A call in one segment with another that has the close option."""
    usual = plain(contract)
    return RequestPair(
        "after-close", replace(usual, wire=Wire(close=True)), replace(usual, situation="http-after-close")
    )


def pipelined(contract: Contract) -> list[RequestPair]:
    """Two calls in one segment, of which one is rejected, so that their responses cannot be confused."""
    usual = replace(plain(contract), situation="http-pipelined")
    unknown = replace(usual, headers=_replaced(usual, ("X-Amz-Target", "nothing")), situation="unknown-operation")
    pairs = {"pipelined": (usual, unknown), "pipelined-after-rejected": (unknown, usual)}
    return [RequestPair(name, *pair, checks_first=True) for name, pair in pairs.items()]


def _renamed(raw: RawRequest, spelled: Callable[[str], str]) -> RawRequest:
    length = ("Content-Length", str(len(raw.body)))
    return replace(raw, headers=tuple((spelled(name), value) for name, value in (*raw.headers, length)))


def _reordered(raw: RawRequest) -> RawRequest:
    return replace(raw, headers=(("Content-Length", str(len(raw.body))), *reversed(raw.headers)))


def _spaced(raw: RawRequest) -> RawRequest:
    return replace(raw, headers=tuple((name, f"{value} \t") for name, value in raw.headers))


def _added(raw: RawRequest, *fields: tuple[str, str]) -> RawRequest:
    return replace(raw, headers=(*raw.headers, *fields))


def _replaced(raw: RawRequest, field: tuple[str, str]) -> Headers:
    return tuple(field if name.lower() == field[0].lower() else (name, value) for name, value in raw.headers)
