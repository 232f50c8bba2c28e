"""Calls that must be rejected, with members beside the violation whose effect would show."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.malformed import malformed, placeholders
from tunnelspec.exchange import Live, RawRequest, Request
from tunnelspec.grouping import grouped
from tunnelspec.plain_data import mapped

from . import boundary


def violating(
    contract: Contract, operation: str, effects: Mapping[str, object], *, thorough: bool
) -> Iterator[Request]:
    """One request for each constraint, or with `thorough` all, about the tunnel `t1` and with these members; and then
    also what the target may reject."""
    variants_of = boundary.cases(contract, operation)
    by_constraint = grouped(
        (variant for variant in variants_of if variant.request.breaks), lambda variant: variant.request.breaks[0]
    )
    for variants in by_constraint.values():
        rejected = [one for one in variants if contract.situations[one.request.situation].decision == "reject"]
        # Others send what is not printable.
        rejected.sort(key=lambda one: one.kind is not boundary.VariantKind.SIGN)
        for request in (one.request for one in (rejected if thorough else rejected[:1])):
            yield _about_t1(contract, request, effects)
    for request in (one.request for one in variants_of if thorough):
        if contract.situations[request.situation].decision == "either":
            yield _about_t1(contract, request, effects)


def malformed_calls(
    contract: Contract, operation: str, body: Mapping[str, object], situations: Collection[str]
) -> Iterator[RawRequest]:
    """The malformed and unusual requests of the document in these situations, each with this body."""
    values = placeholders(contract, operation, body)
    for case in malformed():
        if case.situation in situations:
            headers = case.filled_headers(values)
            text = case.filled_body(values) if case.situation == "malformed-json" else json.dumps(body).encode()
            yield RawRequest(text, operation, headers, case.situation, case.method, case.path, name=case.name)


def _with_effects(contract: Contract, request: Request, effects: Mapping[str, object]) -> dict[str, object]:
    """The body with members that have an effect, as long as it violates the same constraints."""
    body = dict(request.body)
    for name, effect in effects.items():
        there = body.get(name)
        both = [*effect, *there] if isinstance(effect, list) and isinstance(there, list) and there else None
        for value in (both, effect if name not in body else None):
            fuller = {**body, name: value}
            if value is not None and classify(contract, request.operation, fuller).breaks == request.breaks:
                body = fuller
                break
    return body


def _about_t1(contract: Contract, request: Request, effects: Mapping[str, object]) -> Request:
    body: Any = mapped(_with_effects(contract, request, effects), _named_t1)
    return Request(request.operation, body, request.situation, request.breaks)


def _named_t1(leaf: object) -> object:
    return Live("t1", leaf.member) if isinstance(leaf, Live) else leaf
