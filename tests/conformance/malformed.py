"""Malformed JSON around a body that the target would accept."""

from __future__ import annotations

from collections.abc import Callable
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
    """One case per variant and operation: `protocol/<Operation>/full-…`."""
    first = next(iter(contract.operations))
    return [
        _case(contract, request, name, alter, Priority.PROTOCOL if operation == first else Priority.PROTOCOL_REPEATED)
        for operation in contract.operations
        if (request := malformed.base(contract, operation)) is not None
        for name, alter in malformed.VARIANTS.items()
    ]


def _case(contract: Contract, request: Request, name: str, alter: Callable[[bytes], bytes], priority: Priority) -> Case:
    row = contract.situations["not-an-object" if name in malformed.NOT_AN_OBJECT else "malformed-json"]
    return Case(
        id=f"protocol/{request.operation}/full-{name}",
        operation=request.operation,
        level="wire",
        requirement=row.requirement,
        cites=row.cites,
        run=partial(_run, request, alter, row.id),
        area="protocol",
        priority=priority,
    )


def _run(request: Request, alter: Callable[[bytes], bytes], situation: str, case: Case, session: Session) -> Result:
    raw = session.prepared_request(request)
    result = run_exchange(replace(case, request=replace(raw, body=alter(raw.body), situation=situation)), session)
    if result.evidence:
        # Whatever the target did with it, the next case must not inherit it.
        for resource in lives(request.body):
            session.drop(resource)
    return replace(result, case=case)
