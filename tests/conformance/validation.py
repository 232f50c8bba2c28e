"""Every constraint at, inside and outside its bound, absent, null and of each wrong type."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import boundary

_PRIORITIES = {
    boundary.VariantKind.ENFORCEMENT: Priority.ENFORCEMENT,
    boundary.VariantKind.BOUND: Priority.BOUND,
    boundary.VariantKind.UNICODE: Priority.UNICODE,
    # What must change nothing where it is rejected has one of these signs for each member.
    boundary.VariantKind.SIGN: Priority.REPEATED,
    boundary.VariantKind.REPEATED: Priority.REPEATED,
}


def validation_cases(contract: Contract) -> list[Case]:
    """One case per case of `strategies/boundary.py`: `validation/<Operation>/<path>/…`."""
    return [_case(contract, variant) for variant in boundary.cases(contract)]


def _case(contract: Contract, variant: boundary.BoundaryCase) -> Case:
    situation = contract.situations[variant.request.situation]
    constraint = contract.constraint.get(variant.constraint or "")
    return Case(
        id=variant.name,
        operation=variant.request.operation,
        level=_level(situation.id, constraint.keyword if constraint else ""),
        requirement=variant.sentence or situation.requirement,
        cites=(*(constraint.cites if constraint else ()), *situation.cites),
        run=run_exchange,
        request=variant.request,
        constraint=variant.constraint or "",
        area="validation",
        priority=_PRIORITIES[variant.kind],
    )


def _level(situation: str, keyword: str) -> str:
    if situation in ("not-found", "foreign-identifier"):
        return "errors"
    if situation.startswith("unknown-member"):
        return "shapes"
    return "shapes" if keyword in ("type", "required") else "constraints"
