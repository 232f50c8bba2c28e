"""Runs a case of two requests on one connection: the second must be read from its own first byte.

Where the second is rejected though it is accepted alone, the first is the cause (RFC 9112, 9.3 and 9.6).
"""

from __future__ import annotations

from dataclasses import replace

from tunnelspec.checks import inconclusive
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.case import Case, Evidence, Reproduces, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import run_exchange
from tunnelspec.runner.unusable import describe, is_unusable, no_response
from tunnelspec.verdict import Finding, Outcome


def run_followed(case: Case, session: Session, follow_up: RawRequest) -> Result:
    """Test the case's request, and then that the connection still serves another."""
    before = session.sent
    first = run_exchange(case, session)
    if first.outcome is not Outcome.PASS:
        return first
    earlier = session.recent[-1]
    second = session.send_raw(follow_up)
    findings = _findings(session, second)
    if not findings:
        return replace(first, requests=session.sent - before)
    reason = inconclusive(second, session.contract)
    alone = {_of(finding) for finding in _findings(session, session.resend(second))}
    caused = [finding for finding in findings if _of(finding) not in alone]
    if reason is not None or not caused:
        # What the call gets by itself is the subject of other cases.
        return replace(first, requests=session.sent - before)
    session.send_raw(earlier.sent, fresh=True)
    again = {_of(finding) for finding in _findings(session, session.send_raw(follow_up))}
    evidence = [
        Evidence(finding, second, (earlier,), Reproduces.AFTER if again else Reproduces.ONCE) for finding in caused
    ]
    return result(case, tuple(evidence), requests=session.sent - before, observed=describe(second))


def run_pipelined(case: Case, session: Session, follow_up: RawRequest) -> Result:
    """Write the case's request and another at once: the responses must come in their order (RFC 9112, 9.3.2)."""
    if not isinstance(case.request, RawRequest):
        raise ValueError(f"{case.id} has no request")
    before = session.sent
    exchanges = session.send_pipelined(case.request, follow_up)
    reason = next(filter(None, (inconclusive(exchange, session.contract) for exchange in exchanges)), None)
    if reason is not None:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason, requests=session.sent - before)
    evidence = [Evidence(finding, exchange) for exchange in exchanges for finding in _findings(session, exchange)]
    alone = (
        {_of(finding) for raw in (case.request, follow_up) for finding in _alone(session, raw)} if evidence else set()
    )
    caused = [replace(item, reproduces=Reproduces.ONCE) for item in evidence if _of(item.finding) not in alone]
    if caused:
        again = [_of(f) for e in session.send_pipelined(case.request, follow_up) for f in _findings(session, e)]
        caused = [item for item in caused if _of(item.finding) in again]
    return result(case, tuple(caused), requests=session.sent - before, observed=describe(exchanges[0]))


def _alone(session: Session, raw: RawRequest) -> list[Finding]:
    return _findings(session, session.send_raw(raw, fresh=True))


def _findings(session: Session, exchange: Exchange) -> list[Finding]:
    """What is wrong with an exchange; a throttled one says nothing."""
    if exchange.failure == "throttled":
        return []
    return [no_response(exchange)] if is_unusable(exchange) else session.check(exchange)


def _of(finding: Finding) -> tuple[str, str]:
    return (finding.rule, finding.situation)
