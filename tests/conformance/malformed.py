"""Malformed JSON around a body that the target would accept."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.runner.case import Case, Priority, Result
from tunnelspec.runner.encode import lives
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import malformed


def malformed_cases(contract: Contract) -> list[Case]:
    """One case per alteration and operation: `protocol/<Operation>/full-…`."""
    first = next(iter(contract.operations))
    return [
        _case(contract, request, name, Priority.PROTOCOL if operation == first else Priority.PROTOCOL_REPEATED)
        for operation in contract.operations
        if (request := malformed.base(contract, operation)) is not None
        for name in malformed.applicable(contract, request)
    ]


def _case(contract: Contract, request: Request, name: str, priority: Priority) -> Case:
    alteration = malformed.ALTERATIONS[name]
    row = contract.situations[alteration.situation]
    return Case(
        id=f"protocol/{request.operation}/full-{name}",
        operation=request.operation,
        level="wire",
        requirement=row.requirement,
        cites=row.cites,
        run=partial(_run, request, alteration),
        area="protocol",
        # No other operation stands for the few to which it applies.
        priority=Priority.PROTOCOL if alteration.applies_to_few else priority,
    )


def _run(request: Request, alteration: malformed.Alteration, case: Case, session: Session) -> Result:
    raw = session.prepared_request(request)
    altered = replace(raw, body=alteration.alter(raw.body), situation=alteration.situation)
    result = run_exchange(replace(case, request=altered), session)
    if result.evidence:
        # Whatever the target did with it, the next case must not inherit it.
        for resource in lives(request.body):
            session.pool.drop(resource)
    return replace(result, case=case)
