"""HTTP: the same call written otherwise, calls that follow another on its connection, and two calls in one segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.case import Case, Evidence, Priority, Reproduces, Result, result
from tunnelspec.runner.denial import denial_reason
from tunnelspec.runner.encode import smallest
from tunnelspec.runner.intermittent import intermittent_case
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import request_case, run_exchange
from tunnelspec.runner.unusable import describe, unanswered
from tunnelspec.strategies import http
from tunnelspec.verdict import Axis, Finding, Kind, Outcome

#: Makes two calls, of which the second shows what the case is about, or both.
_Calls = Callable[[Session, http.RequestPair], tuple[Exchange, Exchange]]


def http_cases(contract: Contract) -> list[Case]:
    """One case per way of writing a call: `http/<Operation>/…`."""
    return [
        *(replace(_case(contract, raw.name, raw), run=_run_alone) for raw in http.cases(contract)),
        *_in_parts(contract),
        *(_pair(contract, pair, _one_after_the_other) for pair in http.followed(contract)),
        *(_pair(contract, pair, _one_after_the_other) for pair in http.after_refusals(contract)),
        *(_pair(contract, pair, _together) for pair in http.pipelined(contract)),
        _after_close(contract),
        *([intermittent_case(contract, reading)] if (reading := http.reading(contract)) is not None else []),
    ]


def _pair(contract: Contract, pair: http.RequestPair, calls: _Calls) -> Case:
    shown = pair.first if pair.checks_first and pair.first.situation in contract.situations else pair.second
    return replace(_case(contract, pair.name, shown), run=partial(_run_pair, pair, calls))


def _in_parts(contract: Contract) -> Iterator[Case]:
    """Calls about a live tunnel whose body must not be lost."""
    operation = http.reading(contract)
    if operation is not None:
        shown = http.written(http.plain(contract, operation))
        for name in http.IN_PARTS:
            run = partial(_run_live, smallest(contract, operation), name)
            yield replace(_case(contract, name, shown[name]), run=run)


def _after_close(contract: Contract) -> Case:
    pair = http.after_close(contract)
    return replace(_case(contract, pair.name, pair.second), run=partial(_run_after_close, pair))


def _case(contract: Contract, name: str, raw: RawRequest) -> Case:
    return request_case(contract, "http", name, raw, "wire", Priority.PROTOCOL)


def _run_live(request: Request, name: str, case: Case, session: Session) -> Result:
    """Send the request about a live resource, written in the way of this name."""
    usual = session.prepared_request(request)
    written = replace(case, request=http.written(usual)[name])
    return replace(_run_beside(usual, written, session), case=case)


def _run_alone(case: Case, session: Session) -> Result:
    return _run_beside(http.plain(session.contract, case.operation), case, session)


def _run_beside(usual: RawRequest, case: Case, session: Session) -> Result:
    item = run_exchange(case, session)
    if item.evidence:
        _leave_connection(session)
    if any(shown.finding.kind is Kind.REJECTED_VALID for shown in item.evidence):
        return _without_what_is_usual(usual, item, session)
    return item


def _without_what_is_usual(usual: RawRequest, item: Result, session: Session) -> Result:
    """The result without the rejection, if the same call is rejected alike when it is written as usual."""
    response, rejected = session.send_raw(usual, fresh=True).response, item.evidence[0].exchange.response
    if response is None or rejected is None or response.accepted or response.status != rejected.status:
        return item
    others = tuple(shown for shown in item.evidence if shown.finding.kind is not Kind.REJECTED_VALID)
    if not others:
        return Result(item.case, Outcome.INCONCLUSIVE, reason=f"the call gets the same as usual: {response.summary}")
    return result(item.case, others, observed=item.observed)


def _leave_connection(session: Session) -> None:
    """Make a plain call on a fresh connection: what else arrives on this one is not the next case's fault."""
    session.responds()


def _run_pair(pair: http.RequestPair, calls: _Calls, case: Case, session: Session) -> Result:
    """Make the two calls; something must be wrong a second time."""
    evidence, reason, observed = _evidence(pair, calls, session)
    if evidence:
        # Which rule is violated may depend on what arrives first.
        evidence, *_ = _evidence(pair, calls, session)
    if evidence:
        _leave_connection(session)
    if reason and not evidence:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason)
    return result(case, tuple(evidence), observed=observed)


def _evidence(pair: http.RequestPair, calls: _Calls, session: Session) -> tuple[list[Evidence], str, str]:
    """What is wrong with the second response, and with the first if the pair says so or it is unusable."""
    first, second = calls(session, pair)
    together = calls is _together
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


def _one_after_the_other(session: Session, pair: http.RequestPair) -> tuple[Exchange, Exchange]:
    return session.send_raw(pair.first, fresh=True), session.send_raw(pair.second)


def _together(session: Session, pair: http.RequestPair) -> tuple[Exchange, Exchange]:
    return session.send_pipelined(replace(pair.first, fresh_connection=True), pair.second)


def _run_after_close(pair: http.RequestPair, case: Case, session: Session) -> Result:
    """Nothing after the close option is processed. The connection may be reset before the first response is read."""
    first, second = _together(session, pair)
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
