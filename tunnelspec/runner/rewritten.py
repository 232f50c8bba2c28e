"""Runs a case of a call whose bytes are written otherwise than the client writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tunnelspec.exchange import RawRequest, Request
from tunnelspec.runner.case import Case, Result, result
from tunnelspec.runner.encode import lives
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import http
from tunnelspec.verdict import Kind, Outcome


def run_rewritten(case: Case, session: Session) -> Result:
    """Send the case's request, which is the plain call written otherwise."""
    return _run_beside(http.plain(session.contract, case.operation), case, session)


def run_live(request: Request, way: str, case: Case, session: Session) -> Result:
    """The same for a request about a live resource, written in this way."""
    usual = session.prepared_request(request)
    return replace(_run_beside(usual, replace(case, request=http.written(usual)[way]), session), case=case)


def run_altered(request: Request, alter: Callable[[RawRequest], RawRequest], case: Case, session: Session) -> Result:
    """Send a request about a live resource in bytes that no longer mean the same."""
    item = run_exchange(replace(case, request=alter(session.prepared_request(request))), session)
    if item.evidence:
        # Whatever the target did with it, the next case must not inherit it.
        for resource in lives(request.body):
            session.pool.drop(resource)
    return replace(item, case=case)


def _run_beside(usual: RawRequest, case: Case, session: Session) -> Result:
    """The result without a rejection if the same call is rejected alike when it is written as usual."""
    item = run_exchange(case, session)
    if item.evidence:
        session.leave_connection()
    others = tuple(shown for shown in item.evidence if shown.finding.kind is not Kind.REJECTED_VALID)
    if len(others) == len(item.evidence):
        return item
    response, rejected = session.send_raw(usual, fresh=True).response, item.evidence[0].exchange.response
    if response is None or rejected is None or response.accepted or response.status != rejected.status:
        return item
    if not others:
        return Result(case, Outcome.INCONCLUSIVE, reason=f"the call gets the same as usual: {response.summary}")
    return result(case, others, observed=item.observed)
