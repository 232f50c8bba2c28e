"""The protocol: dispatch, content types, malformed JSON, unknown members, size and depth."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import wire

#: The case that is an ordinary call, and those that depend on the operation's members.
_PLAIN = "plain"
_OF_MEMBERS = ("unknown-member", "null-members")


def protocol_cases(contract: Contract) -> list[Case]:
    """One case per request of `strategies/wire.py`: `protocol/<Operation>/…`."""
    return [
        Case(
            id=f"protocol/{operation}/{variant.name}",
            operation=operation,
            level="wire",
            requirement=contract.situations[variant.request.situation].requirement,
            cites=contract.situations[variant.request.situation].cites,
            run=run_exchange,
            request=variant.request,
            area="protocol",
            priority=_priority(variant.name, operation == next(iter(contract.operations))),
        )
        for operation in contract.operations
        for variant in wire.cases(contract, operation)
    ]


def _priority(variant: str, is_first: bool) -> Priority:
    if variant == _PLAIN:
        return Priority.PLAIN
    return Priority.PROTOCOL if is_first or variant in _OF_MEMBERS else Priority.PROTOCOL_REPEATED
