"""The protocol: dispatch, content types, malformed JSON, unknown members, size and depth."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.single import request_case
from tunnelspec.strategies import wire

#: The case that is an ordinary call, and those that depend on the operation's members.
_PLAIN = "plain"
_OF_MEMBERS = ("unknown-member", "null-members", "largest")


def protocol_cases(contract: Contract) -> list[Case]:
    """One case per request of `strategies/wire.py`: `protocol/<Operation>/…`."""
    first = next(iter(contract.operations))
    return [
        request_case(contract, "protocol", name, variant.request, "wire", _priority(name, operation == first))
        for operation in contract.operations
        for variant in wire.cases(contract, operation)
        for name in (variant.name,)
    ]


def _priority(variant: str, is_first: bool) -> Priority:
    if variant == _PLAIN:
        return Priority.PLAIN
    return Priority.PROTOCOL if is_first or variant in _OF_MEMBERS else Priority.PROTOCOL_REPEATED
