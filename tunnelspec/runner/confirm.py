"""Confirms findings: each is sent again by itself, on a fresh connection and about fresh resources.

What does not show again may be the fault of a call before it on the same connection: the shortest sequence of earlier
calls after which it shows again becomes part of the evidence, so that the cause is not blamed on the wrong request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tunnelspec.exchange import Exchange
from tunnelspec.runner.case import Evidence, Reproduces
from tunnelspec.runner.session import Session


def confirmed(session: Session, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of one exchange, with how each finding shows again. Raises NotSent.

    Of findings of one kind, only the first few of a run are sent again.
    """
    doubtful = [item for item in evidence if session.budget.may_confirm(item.finding.rule, item.finding.kind)]
    if not doubtful:
        return tuple(evidence)
    exchange = evidence[0].exchange
    earlier = _before(session, exchange)
    alone = _identities(session, session.resend(exchange))
    reproduced = [replace(item, reproduces=Reproduces.ALONE) for item in evidence if _of(item) in alone]
    hidden = [item for item in evidence if _of(item) not in alone]
    return (*reproduced, *(_with_calls_before(session, item, earlier) for item in hidden))


def _with_calls_before(session: Session, item: Evidence, earlier: Sequence[Exchange]) -> Evidence:
    """The evidence with the fewest calls before it after which it shows again, if there are any."""
    for count in _growing(len(earlier)):
        calls = list(earlier[len(earlier) - count :])
        if not _shows_after(session, item, calls):
            continue
        for call in list(calls):
            fewer = [other for other in calls if other is not call]
            if fewer and _shows_after(session, item, fewer):
                calls = fewer
        return replace(item, before=tuple(calls), reproduces=Reproduces.AFTER)
    return replace(item, reproduces=Reproduces.ONCE)


def _shows_after(session: Session, item: Evidence, calls: Sequence[Exchange]) -> bool:
    for number, call in enumerate(calls):
        session.send_raw(call.sent, fresh=number == 0)
    again = session.send_raw(replace(item.exchange.sent, fresh_connection=False))
    again = replace(again, request=item.exchange.request)
    return _of(item) in _identities(session, again)


def _before(session: Session, exchange: Exchange) -> list[Exchange]:
    """The session's exchanges before this one, as far as they are kept: on whatever connection."""
    recent = list(session.traffic.recent)
    at = next((number for number, other in enumerate(recent) if other.sent is exchange.sent), len(recent))
    return recent[:at]


def _growing(length: int) -> list[int]:
    """1, 2, 4 … and the whole length."""
    counts = [count for count in (1, 2, 4, 8) if count < length]
    return [*counts, length] if length else []


def _of(item: Evidence) -> tuple[str, str, str]:
    finding = item.finding
    return (finding.rule, finding.constraint, finding.kind)


def _identities(session: Session, exchange: Exchange) -> set[tuple[str, str, str]]:
    return {(finding.rule, finding.constraint, finding.kind) for finding in session.check(exchange)}
