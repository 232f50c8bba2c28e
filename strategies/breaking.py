"""Requests about one constraint, and values of every JSON type but one."""

from __future__ import annotations

from typing import Any

from tunnelspec.contract import Constraint, Contract, classify
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
    verdict = classify(contract, row.operation, body)
    breaks = tuple(sorted(verdict.breaks, key=lambda name: name != row.name))
    return Request(row.operation, body, verdict.situation, breaks)
