"""Calls without a usable response: a finding if the same call fails again on a target that otherwise responds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tunnelspec.checks import framing
from tunnelspec.exchange import Exchange
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Axis, Finding, Kind, Level

#: The rule that a call without a usable response violates.
RESPONSE_REQUIRED = "protocol/answered"
#: Failures that are themselves a violation of HTTP: bytes that are not a response, or too many.
_OBSERVATIONS = {
    "garbage": "bytes that are not an HTTP response",
    "too-large": "a response larger than any of this service",
}


def second_try(
    session: Session, exchange: Exchange, send_again: Callable[[], Exchange] | None = None
) -> tuple[Exchange, Evidence | None]:
    """Send an unusable exchange again on a fresh connection: what came of it, and the evidence if that fails too.

    A throttled call is no evidence. Raises NotSent, TargetLost among them.
    """
    if exchange.failure == "throttled":
        return exchange, None
    again = send_again() if send_again is not None else session.resend(exchange)
    if again.usable is not None or again.failure == "throttled":
        if framing.is_broken(exchange):
            session.budget.broken_once(exchange)
        return again, None
    # Where every response is broken, no call would show that the target is there.
    if not framing.is_broken(again) and not session.responds():
        return again, None
    return again, Evidence(unanswered(session, again), again)


def no_response(exchange: Exchange) -> Finding:
    """The finding that a call gets no usable response."""
    requirement = "every request must get a response"
    cites: tuple[str, ...] = ("rfc9110",)
    observation = _OBSERVATIONS.get(str(exchange.failure), f"no response ({exchange.failure}), twice; other calls work")
    cause = framing.unusable(exchange)
    if cause is not None and cause[0].level is Level.MUST:
        rule, problem = cause
        requirement, cites, observation = rule.requirement, rule.cites, rule.observed(problem)
    return Finding(
        RESPONSE_REQUIRED,
        Level.MUST,
        Axis.SAFETY,
        Kind.NO_RESPONSE,
        requirement,
        observation,
        cites,
        situation=exchange.situation,
    )


def unanswered(session: Session, exchange: Exchange) -> Finding:
    """The finding that a call gets no usable response, by the oracle's row where that is about HTTP.

    What came may be the response to what the target took for another request.
    """
    row, finding = session.contract.situations.get(exchange.situation), no_response(exchange)
    if row is None or not row.is_of_http:
        return finding
    return replace(finding, requirement=row.requirement, cites=row.cites)


def describe(exchange: Exchange) -> str:
    """What a call got, in a few words."""
    if exchange.response is not None:
        return exchange.response.summary
    cause = framing.unusable(exchange)
    return f"no usable response ({cause[0].observed(cause[1])})" if cause else f"no response ({exchange.failure})"
