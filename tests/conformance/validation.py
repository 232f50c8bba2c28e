"""Every constraint at, inside and outside its bound, absent, null and of each wrong type."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import boundary


def validation_cases(contract: Contract) -> list[Case]:
    """One case per boundary case of the strategies: `validation/<Operation>/<path>/…`."""
    cases = []
    for item in boundary.cases(contract):
        row = contract.situations[item.request.situation]
        constraint = contract.constraint.get(item.constraint or "")
        cases.append(
            Case(
                id=item.name,
                operation=item.request.operation,
                level=_level(item.request.situation, constraint.keyword if constraint else ""),
                requirement=item.sentence or row.requirement,
                cites=(*(constraint.cites if constraint else ()), *row.cites),
                run=run_exchange,
                request=item.request,
                constraint=item.constraint or "",
            )
        )
    return cases


def _level(situation: str, keyword: str) -> str:
    if situation in ("not-found", "foreign-identifier"):
        return "errors"
    return "shapes" if keyword in ("type", "required") else "constraints"
