"""Calls as plain data, so that a record or a file of examples can hold them and they can be sent again.

A placeholder for what an earlier call returned, or for a resource that the run has open, is written as
`{"$live": "t1.tunnelId"}`, and with `"edit": "shorter"` for one that is changed by an edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunnelspec.edits import EDITS
from tunnelspec.exchange import Live, RawRequest, Request
from tunnelspec.plain_data import mapped

#: Longer bodies are not kept, in bytes on the wire.
LONGEST = 20_000
_LIVE = "$live"


class NoCalls(Exception):
    """Plain data that describes no calls; the message is a part of a sentence."""


def plain_calls(requests: Sequence[tuple[Request | RawRequest, int]]) -> list[dict[str, object]] | None:
    """Requests, each with the length of its body, as plain data; None for what is malformed or too long."""
    plain = []
    for request, length in requests:
        if isinstance(request, RawRequest) or length > LONGEST:
            return None
        call: dict[str, object] = {"operation": request.operation, "body": mapped(request.body, _plain)}
        if request.returns:
            call["returns"] = request.returns
        plain.append(call)
    return plain


def read_calls(plain: object) -> tuple[Request, ...]:
    """The requests of plain data. Raises NoCalls for what is none."""
    if not isinstance(plain, list) or not plain:
        raise NoCalls("has no list of calls")
    requests = []
    for call in plain:
        if not isinstance(call, Mapping) or not isinstance(call.get("operation"), str):
            raise NoCalls("has a call without an operation")
        body, returns = call.get("body", {}), call.get("returns", "")
        if not isinstance(body, Mapping) or not isinstance(returns, str):
            raise NoCalls(f"has a call of {call['operation']} whose body is no object")
        requests.append(Request(call["operation"], _read(body), returns=returns))
    return tuple(requests)


def _plain(value: object) -> object:
    if not isinstance(value, Live):
        return value
    return {_LIVE: f"{value.resource}.{value.member}", **({"edit": value.edit} if value.edit else {})}


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        edit = value.get("edit", "")
        if value.keys() - {"edit"} == {_LIVE} and isinstance(value[_LIVE], str) and edit in ("", *EDITS):
            resource, _, member = value[_LIVE].partition(".")
            return Live(resource, member, edit)
        return {key: _read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner) for inner in value]
    return value
