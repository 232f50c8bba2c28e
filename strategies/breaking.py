"""Requests about one constraint, and values of every JSON type but one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tunnelspec.contract import Constraint, Contract, request_of
from tunnelspec.exchange import Request

#: Values of every JSON type; which of them are wrong depends on the member.
OF_EACH_TYPE: dict[str, object] = {
    "string": "text",
    "number": 7,
    "boolean": True,
    "list": [],
    "object": {},
}
_TYPE_NAMES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "object",
}


def wrong_types(kind: str) -> dict[str, object]:
    """A value of every JSON type but this one, by the name of its type."""
    return {name: value for name, value in OF_EACH_TYPE.items() if name != _TYPE_NAMES.get(kind)}


def request(contract: Contract, row: Constraint, body: Any) -> Request:
    """A request about one constraint, with its situation and its violations, this constraint first."""
    classified = request_of(contract, row.operation, body)
    return replace(classified, breaks=tuple(sorted(classified.breaks, key=lambda name: name != row.name)))
