"""Runs a case that searches many requests with Hypothesis.

The loop around Hypothesis is ours, so that a finding is an ordinary exception that Hypothesis shrinks
(docs/decisions/0003-own-hypothesis-loop.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING

from tunnelspec.exchange import Request
from tunnelspec.runner.case import Case, Evidence, Result, RunFunction, result
from tunnelspec.runner.confirm import confirmed
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.examine import examined
from tunnelspec.runner.search_settings import forget_strategies, rounds, search_settings
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe
from tunnelspec.verdict import Level, Outcome

if TYPE_CHECKING:
    from hypothesis.database import ExampleDatabase
    from hypothesis.strategies import SearchStrategy

#: How many further requests shrinking one finding may cost.
SHRINK_REQUESTS = 150


class Violation(Exception):
    """A MUST is violated by the request that Hypothesis just drew."""


class SearchEnded(BaseException):
    """No more examples are needed: not an Exception, so that Hypothesis does not record it as a failure."""


class _Search:
    """One search: counts, keeps the smallest request of each defect, and stops shrinking at its limit."""

    def __init__(self, session: Session, known: frozenset[tuple[str, str, str]]) -> None:
        self.session = session
        self.known_findings = known
        self.evidence: dict[tuple[str, str, str], Evidence] = {}
        self.first: tuple[str, str, str] | None = None
        self.since_first = 0
        self.checked = 0
        self.inconclusive = ""
        self.problem: NotSent | None = None
        #: By digest of a request, whether it violates: bodies can be long.
        self._known: dict[bytes, bool] = {}

    def try_request(self, request: Request) -> None:
        """Send one request. Raises Violation if it shows the defect that is being shrunk, SearchEnded at the end."""
        key = blake2b(repr((request.operation, request.body)).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key not in self._known:
            if self.first is not None:
                self.since_first += 1
                if self.since_first > SHRINK_REQUESTS:
                    raise SearchEnded
            self._known[key] = self._violates(request)
        if self._known[key]:
            raise Violation

    @property
    def is_over(self) -> bool:
        """Whether nothing more is searched: a violation was shrunk, or nothing more may be sent."""
        return self.first is not None or self.problem is not None

    def while_running(self, strategy: SearchStrategy[Request]) -> SearchStrategy[Request]:
        """The same requests; nothing is drawn any more once the run is to end.

        Of some strategies Hypothesis discards most draws, for minutes, and never comes to send one.
        """
        from hypothesis import strategies as st

        @st.composite
        def drawn(draw: st.DrawFn) -> Request:
            self.problem = self.problem or self.session.budget.ended()
            if self.problem is not None:
                raise SearchEnded
            return draw(strategy)

        return drawn()

    def _violates(self, request: Request) -> bool:
        try:
            exchange, items, reason = examined(self.session, self.session.send(request))
        except NotSent as problem:
            # Not a defect that Hypothesis should look for again: it is raised when the search is over.
            self.problem = problem
            raise SearchEnded from None
        self.inconclusive = reason or self.inconclusive
        self.checked += exchange.usable is not None and not reason
        violates = False
        for item in items:
            identity = item.finding.identity
            if identity in self.known_findings:
                continue
            known = self.evidence.get(identity)
            if known is None or len(item.exchange.sent.body) < len(known.exchange.sent.body):
                self.evidence[identity] = item
            if item.finding.level is Level.MUST:
                self.first = self.first or identity
                violates = violates or identity == self.first
        return violates


def search_case(strategy: Callable[[], SearchStrategy[Request]]) -> RunFunction:
    """Runs a case by searching the strategy's requests for one that violates a rule, and shrinks it.

    The case's settings give `examples` and `seed`; the same seed sends the same requests. Where the session has an
    example database, what earlier searches found is sent first; `known` are the identities of findings that this one is
    not after.
    """

    def run(case: Case, session: Session) -> Result:
        known = case.settings.known
        search = _Search(session, known)
        _draw(strategy, search, case, None if known else session.context.databases(case.id))
        if search.problem is not None and not search.evidence:
            raise search.problem
        evidence = sorted(search.evidence.values(), key=lambda item: item.finding.level is Level.SHOULD)
        if search.problem is None:
            evidence = [confirmed_item for item in evidence for confirmed_item in confirmed(session, [item])]
        if not search.checked and not evidence and search.inconclusive:
            return Result(case, Outcome.INCONCLUSIVE, reason=search.inconclusive)
        observed = describe(evidence[0].exchange) if evidence else f"{search.checked} requests, all as expected"
        return result(case, tuple(evidence), observed=observed)

    return run


def _draw(
    strategy: Callable[[], SearchStrategy[Request]], search: _Search, case: Case, database: ExampleDatabase | None
) -> None:
    """Send what Hypothesis draws, until a violation is shrunk or all examples are sent."""
    import hypothesis

    forget_strategies()
    drawn = search.while_running(strategy())
    for first, count in rounds(case.settings.examples):
        # In this order: a seed alone would take the database away.
        @search_settings(count, shrink=True, database=database)
        @hypothesis.seed(case.settings.seed + first)
        @hypothesis.given(drawn)
        def loop(request: Request) -> None:
            search.try_request(request)

        _run(loop, search)
        if search.is_over:
            break


def _run(loop: Callable[[], None], search: _Search) -> None:
    from hypothesis.errors import FlakyFailure, HypothesisException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loop()
        except (Violation, FlakyFailure, SearchEnded):
            # The search itself keeps the smallest request of each defect.
            pass
        except HypothesisException as problem:
            if search.problem is not None:
                return  # Hypothesis takes a draw that ends early for one that is not always the same
            raise AssertionError(f"the search itself failed: {problem}") from problem
