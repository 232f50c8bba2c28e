"""How a case is judged: one exchange, or a Hypothesis search over many.

Each judge turns what it sees into a `Result`; the loop around Hypothesis is ours, so that a finding
is an ordinary exception that Hypothesis shrinks (see docs/decisions/0003-own-hypothesis-loop.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import FlakyFailure, HypothesisException
from hypothesis.strategies import SearchStrategy

from tunnelspec.checks import inconclusive
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.budget import BudgetSpent, Stopped, TargetLost
from tunnelspec.runner.case import Case, Evidence, Result, result
from tunnelspec.runner.encode import lives
from tunnelspec.runner.mode import NotAllowed
from tunnelspec.runner.session import Session, SetupFailed
from tunnelspec.verdict import Axis, Finding, Kind, Level, Outcome

#: Failures that are themselves a broken promise: bytes that are no HTTP answer, or too many.
_BROKEN = {
    "garbage": "bytes that are not an HTTP response",
    "too-large": "a response larger than any of this service",
}
#: How many further requests shrinking one finding may cost.
SHRINK_REQUESTS = 150


def describe(exchange: Exchange) -> str:
    """What came back, in a few words."""
    if exchange.response is None:
        return f"no answer ({exchange.failure})"
    return exchange.response.summary


def exchange_case(case: Case, session: Session) -> Result:
    """Judge the case's one request."""
    before = session.sent
    request = case.request
    assert request is not None, case.id
    exchange = _send(session, request)
    if exchange.response is None or exchange.failure is not None:
        return _unanswered(case, session, exchange, before)
    findings = session.judge(exchange)
    nothing = inconclusive(exchange, session.contract)
    if nothing is not None:
        return Result(case, Outcome.INCONCLUSIVE, reason=nothing, requests=session.sent - before)
    if findings and isinstance(request, Request) and _acted(exchange):
        # Whatever the target did with a wrong request, the next case shall not inherit it.
        for resource in lives(request.body):
            session.drop(resource)
    seen = tuple(Evidence(finding, exchange) for finding in findings)
    return result(case, seen, requests=session.sent - before, observed=describe(exchange))


def _acted(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status < 400


def _send(session: Session, request: Request | RawRequest) -> Exchange:
    if isinstance(request, RawRequest):
        return session.send_raw(request)
    return session.send(request)


def _unanswered(case: Case, session: Session, exchange: Exchange, before: int) -> Result:
    """A call without a usable answer: a finding only if the same call fails twice on a live target."""
    failure = str(exchange.failure)
    if failure != "throttled" and session.alive(but=case.operation):
        again = _send(session, case.request) if case.request is not None else exchange
        if again.failure == failure:
            observed = _BROKEN.get(failure, f"no response ({failure}), twice; other calls work")
            finding = Finding(
                "protocol/answered",
                Level.MUST,
                Axis.SAFETY,
                Kind.NO_RESPONSE,
                "every request must get a response",
                observed,
                ("rfc9110",),
            )
            return result(case, (Evidence(finding, again),), requests=session.sent - before, observed=observed)
        if again.response is not None and again.failure is None:
            seen = tuple(Evidence(finding, again) for finding in session.judge(again))
            return result(case, seen, requests=session.sent - before, observed=describe(again))
    reason = inconclusive(exchange, session.contract) or f"no answer: {failure}"
    return Result(case, Outcome.INCONCLUSIVE, reason=reason, requests=session.sent - before)


class Violation(Exception):
    """A MUST is broken by the request that Hypothesis just made."""


class _Search:
    """One search: counts, remembers the first defect, and stops shrinking at its limit."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.found: dict[tuple[str, str, str], Evidence] = {}
        self.first: tuple[str, str, str] | None = None
        self.since_first = 0
        self.judged = 0
        self.nothing: str | None = None
        self.problem: Exception | None = None
        self._known: dict[str, bool] = {}

    def probe(self, request: Request) -> None:
        """Send one request; raises Violation if it shows the defect that is being shrunk."""
        if self.problem is not None:
            return
        key = repr((request.operation, request.body))
        if key in self._known:
            if self._known[key]:
                raise Violation(key)
            return
        if self.first is not None:
            self.since_first += 1
            if self.since_first > SHRINK_REQUESTS:
                return
        try:
            exchange = self.session.send(request)
        except (NotAllowed, BudgetSpent, SetupFailed, Stopped, TargetLost) as problem:
            # Not a defect that Hypothesis should look for again: it is raised when the search is over.
            self.problem = problem
            return
        nothing = inconclusive(exchange, self.session.contract)
        if exchange.response is None or exchange.failure or nothing:
            self.nothing = nothing or f"no answer: {exchange.failure}"
            return
        self.judged += 1
        failing = False
        for finding in self.session.judge(exchange):
            known = self.found.get(finding.identity)
            smaller = known is None or len(exchange.sent.body) < len(known.exchange.sent.body)
            if smaller:
                self.found[finding.identity] = Evidence(finding, exchange)
            if finding.level is Level.MUST:
                self.first = self.first or finding.identity
                failing = failing or finding.identity == self.first
        self._known[key] = failing
        if failing:
            raise Violation(key)


def search_case(
    strategy: Callable[[], SearchStrategy[Request]],
) -> Callable[[Case, Session], Result]:
    """A judge that searches the strategy's requests for one that breaks a rule, and shrinks it.

    The case's settings give `examples` and `seed`; the same seed sends the same requests.
    """

    def judge(case: Case, session: Session) -> Result:
        before = session.sent
        search = _Search(session)
        examples = int(case.settings["examples"])

        @hypothesis.seed(int(case.settings["seed"]))
        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(strategy())
        def loop(request: Request) -> None:
            search.probe(request)

        _run(loop)
        if search.problem is not None and not search.found:
            raise search.problem
        seen = tuple(sorted(search.found.values(), key=lambda s: s.finding.level is Level.SHOULD))
        requests = session.sent - before
        if not search.judged and search.nothing:
            return Result(case, Outcome.INCONCLUSIVE, reason=search.nothing, requests=requests)
        observed = describe(seen[0].exchange) if seen else f"{search.judged} requests, all as due"
        return result(case, seen, requests=requests, observed=observed)

    return judge


def _run(loop: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loop()
        except (Violation, FlakyFailure):
            # What was found is kept by the search itself, the smallest request of each defect.
            pass
        except HypothesisException as problem:
            raise AssertionError(f"the search itself failed: {problem}") from problem
