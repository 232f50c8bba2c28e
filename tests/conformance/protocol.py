"""The wire: dispatch, content types, malformed JSON, unknown members, size and depth."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import wire


def protocol_cases(contract: Contract) -> list[Case]:
    """One case per malformation of the strategies: `protocol/<Operation>/…`."""
    cases = []
    for operation in contract.operations:
        for item in wire.cases(contract, operation):
            row = contract.situations[item.request.situation]
            cases.append(
                Case(
                    id=f"protocol/{operation}/{item.name}",
                    operation=operation,
                    level="wire",
                    requirement=row.requirement,
                    cites=row.cites,
                    run=run_exchange,
                    request=item.request,
                )
            )
    return cases
