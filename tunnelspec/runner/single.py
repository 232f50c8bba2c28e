"""Cases of one request: how each is made and run."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.case import Case, Evidence, Priority, Result, result
from tunnelspec.runner.confirm import confirmed
from tunnelspec.runner.encode import lives
from tunnelspec.runner.examine import examined
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, no_response
from tunnelspec.verdict import Outcome


def request_case(
    contract: Contract, area: str, name: str, request: Request | RawRequest, level: str, priority: Priority
) -> Case:
    """A case of one request, `area/Operation/name`; the oracle's row of the request states what is required."""
    row = contract.situations[request.situation]
    return Case(
        id=f"{area}/{request.operation}/{name}",
        operation=str(request.operation),
        level=level,
        requirement=row.requirement,
        cites=row.cites,
        run=run_exchange,
        request=request,
        area=area,
        priority=priority,
    )


def run_exchange(case: Case, session: Session) -> Result:
    """Send the case's one request and check the response."""
    # Of an operation that is given up, the plain call says why: the other cases are inconclusive.
    given_up = session.budget.breaker.given_up(case.operation) if case.priority is Priority.PLAIN else None
    if given_up is not None:
        return result(case, (Evidence(no_response(given_up), given_up),), observed=describe(given_up))
    exchange, evidence, reason = examined(session, _send(session, case))
    if reason:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason)
    if exchange.usable is not None:
        evidence = confirmed(session, evidence)
        if evidence and _had_effect(exchange) and isinstance(exchange.request, Request):
            # Whatever the target did with an invalid request, the next case must not inherit it.
            for resource in lives(exchange.request.body):
                session.pool.drop(resource)
    return result(case, evidence, observed=describe(exchange))


def _had_effect(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status < 400


def _send(session: Session, case: Case) -> Exchange:
    request = case.request
    session.pool.fill_list(case.operation)
    if isinstance(request, RawRequest):
        return session.send_raw(request)
    if request is None:
        raise ValueError(f"{case.id} has no request")
    return session.send(request)
