"""Runs a case of two calls on one connection, one after the other or in one segment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from tunnelspec.exchange import Exchange
from tunnelspec.runner.case import Case, Evidence, Reproduces, Result, result
from tunnelspec.runner.denial import denial_reason
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, unanswered
from tunnelspec.strategies import http
from tunnelspec.verdict import Axis, Finding, Kind, Outcome

#: Makes two calls, of which the second shows what the case is about, or both.
Calls: TypeAlias = Callable[[Session, http.RequestPair], tuple[Exchange, Exchange]]


def one_after_the_other(session: Session, pair: http.RequestPair) -> tuple[Exchange, Exchange]:
    """Send the second call when the first has got its response."""
    return session.send_raw(pair.first, fresh=True), session.send_raw(pair.second)


def in_one_segment(session: Session, pair: http.RequestPair) -> tuple[Exchange, Exchange]:
    """Send both calls before a response is read."""
    return session.send_pipelined(replace(pair.first, fresh_connection=True), pair.second)


def run_pair(pair: http.RequestPair, calls: Calls, case: Case, session: Session) -> Result:
    """Make the two calls; something must be wrong a second time."""
    evidence, reason, observed = _evidence(pair, calls, session)
    if evidence:
        # Which rule is violated may depend on what arrives first.
        evidence, *_ = _evidence(pair, calls, session)
    if evidence:
        session.leave_connection()
    if reason and not evidence:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason)
    return result(case, tuple(evidence), observed=observed)


def run_after_close(pair: http.RequestPair, case: Case, session: Session) -> Result:
    """Nothing after the close option is processed. The connection may be reset before the first response is read."""
    first, second = in_one_segment(session, pair)
    evidence: tuple[Evidence, ...] = ()
    if first.response is not None and second.response is not None and not second.reconnected:
        row = session.contract.situations[pair.second.situation]
        finding = Finding(
            "http/after-close",
            row.level,
            Axis.BEHAVIOUR,
            Kind.ACCEPTED_INVALID,
            row.requirement,
            f"both were: the second got {second.response.summary}",
            row.cites,
            situation=row.id,
        )
        evidence = (Evidence(finding, second, (first,), Reproduces.BESIDE),)
    return result(case, evidence, observed=describe(first))


def _evidence(pair: http.RequestPair, calls: Calls, session: Session) -> tuple[list[Evidence], str, str]:
    """What is wrong with the second response, and with the first if the pair says so or it is unusable."""
    first, second = calls(session, pair)
    together = calls is in_one_segment
    evidence: list[Evidence] = []
    # What remains of a body that was not read may be answered before the second request is sent.
    is_first_shown = pair.checks_first or (first.usable is None and bool(first.wire_problems))
    for exchange, others in ((first, ()), (second, (first,))) if is_first_shown else ((second, (first,)),):
        after = Reproduces.AFTER if others else Reproduces.ALONE
        reproduces = Reproduces.BESIDE if together else after
        if together and exchange.failure == "reset":
            # The target may close, and a close with unread data destroys what it had sent (RFC 9112, 9.3.2 and 9.6).
            continue
        if exchange.usable is None and exchange.failure != "throttled":
            if not session.responds():
                return [], describe(exchange), ""
            findings = [unanswered(session, exchange)]
        elif (reason := denial_reason(session, exchange)) is not None:
            return [], reason, ""
        else:
            findings = session.check(exchange)
        evidence += [Evidence(finding, exchange, others, reproduces) for finding in findings]
        if evidence and not together:
            break
    return evidence, "", describe(second)
