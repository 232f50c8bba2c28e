"""HTTP: the same call written otherwise, calls after a rejected one, and two calls in one segment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.case import Case, Evidence, Priority, Reproduces, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import request_case
from tunnelspec.runner.unusable import describe, no_response
from tunnelspec.strategies import http
from tunnelspec.verdict import Outcome

#: Makes two calls, of which the second shows what the case is about, or both.
_Calls = Callable[[Session, http.After], tuple[Exchange, Exchange]]


def http_cases(contract: Contract) -> list[Case]:
    """One case per way of writing a call: `http/<Operation>/…`."""
    return [
        *(_case(contract, raw.name, raw) for raw in http.cases(contract)),
        *(_pair(contract, pair, _one_after_the_other) for pair in http.after_refusals(contract)),
        *(_pair(contract, pair, _together) for pair in http.pipelined(contract)),
    ]


def _pair(contract: Contract, pair: http.After, calls: _Calls) -> Case:
    shown = pair.second if pair.second.situation in contract.situations else pair.first
    return replace(_case(contract, pair.name, shown), run=partial(_run_pair, pair, calls))


def _case(contract: Contract, name: str, raw: RawRequest) -> Case:
    return request_case(contract, "http", name, raw, "wire", Priority.PROTOCOL)


def _run_pair(pair: http.After, calls: _Calls, case: Case, session: Session) -> Result:
    """Make the two calls; what is wrong must be wrong a second time."""
    evidence, reason, observed = _evidence(pair, calls, session)
    if evidence:
        again, *_ = _evidence(pair, calls, session)
        rules = {item.finding.rule for item in again}
        evidence = [item for item in evidence if item.finding.rule in rules]
    if reason and not evidence:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason)
    return result(case, tuple(evidence), observed=observed)


def _evidence(pair: http.After, calls: _Calls, session: Session) -> tuple[list[Evidence], str, str]:
    """What is wrong with the second response, and with the first if both were requested together or it is unusable."""
    first, second = calls(session, pair)
    together = calls is _together
    evidence: list[Evidence] = []
    # What remains of a body that was not read may be answered before the second request is sent.
    is_first_shown = together or (first.usable is None and bool(first.wire_problems))
    for exchange, others in ((first, ()), (second, (first,))) if is_first_shown else ((second, (first,)),):
        after = Reproduces.AFTER if others else Reproduces.ALONE
        reproduces = Reproduces.BESIDE if together else after
        if exchange.failure == "throttled":
            return [], "the target kept throttling", ""
        if exchange.usable is None:
            if not session.responds():
                return [], describe(exchange), ""
            findings = [no_response(exchange)]
        else:
            findings = session.check(exchange)
        evidence += [Evidence(finding, exchange, others, reproduces) for finding in findings]
    return evidence, "", describe(second)


def _one_after_the_other(session: Session, pair: http.After) -> tuple[Exchange, Exchange]:
    return session.send_raw(pair.first, fresh=True), session.send_raw(pair.second)


def _together(session: Session, pair: http.After) -> tuple[Exchange, Exchange]:
    return session.send_pipelined(replace(pair.first, fresh_connection=True), pair.second)
