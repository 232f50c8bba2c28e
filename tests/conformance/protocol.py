"""The protocol: dispatch, content types, malformed JSON, unknown members, size and depth."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import wire

#: The one case that is an ordinary call.
_PLAIN = "plain"


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
            priority=Priority.PLAIN if variant.name == _PLAIN else repeated,
        )
        for operation, repeated in _priorities(contract)
        for variant in wire.cases(contract, operation)
    ]


def _priorities(contract: Contract) -> list[tuple[str, Priority]]:
    """Every operation, with the priority of what differs from an ordinary call."""
    first, *others = contract.operations
    return [(first, Priority.PROTOCOL), *((operation, Priority.PROTOCOL_REPEATED) for operation in others)]
