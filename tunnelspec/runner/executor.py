"""Runs the cases of a suite against one target, in their order, in one session.

First it finds out which operations the target implements; an operation that it lacks is one failed case, and the
rest of its cases are skipped with that reason. Then every other case is run. Several at a time: `tunnelspec.fleet`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.latency import Latency
from tunnelspec.runner.outcomes import run_case
from tunnelspec.runner.presence import is_lacking
from tunnelspec.runner.rounds import FurtherRounds, further_rounds
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome


@dataclass
class Run:
    """A finished run. `stopped` is one sentence if it was not run to the end; `spent` likewise, where only the
    budget of what may be created kept cases from being run. `absent`: the target implements none of the operations.
    `errors` are tracebacks of failures of our own. `further` is what the searches found after every case was run, if
    time was left for that.
    """

    results: list[Result] = field(default_factory=list)
    requests: int = 0
    duration_s: float = 0.0
    stopped: str = ""
    spent: str = ""
    nothing_tested: bool = False
    absent: bool = False
    throttled: int = 0
    interval_s: float = 0.0
    latency: Latency = field(default_factory=Latency)
    further: FurtherRounds | None = None

    @property
    def errors(self) -> list[str]:
        """The tracebacks of failures of our own, each once."""
        return list(dict.fromkeys(item.error for item in self.results if item.error))

    @property
    def why_nothing_was_tested(self) -> str:
        """Why there is no verdict about any case, or nothing where there is one."""
        tested = any(item.outcome not in (Outcome.INCONCLUSIVE, Outcome.SKIPPED) for item in self.results)
        if tested and not self.nothing_tested:
            return ""
        reasons = (self.stopped, self.spent, *(item.reason for item in self.results))
        return next((reason for reason in reasons if reason), "no case was tested")

    def totals(self) -> dict[str, int]:
        """How many cases ended in each outcome."""
        counts = Counter(item.outcome for item in self.results)
        return {outcome.value: counts[outcome] for outcome in Outcome}


#: Called with every result as it comes in.
OnResult = Callable[[Result], None]
#: Makes the session of a run.
MakeSession = Callable[[], Session]


def run_cases(
    contract: Contract,
    cases: Sequence[Case],
    make_session: MakeSession,
    *,
    probes: Iterable[Case],
    on_result: OnResult = lambda result: None,
    search_on: bool = False,
) -> Run:
    """Run the cases. `probes` are run first even where they are not among `cases`. With `search_on`, the searches then
    go on for as long as the budget lasts.

    Never raises for what the target does: a target that is lost leaves the rest inconclusive.
    """
    started = time.monotonic()
    scheduler = _Scheduler(contract, cases, make_session(), on_result)
    run = scheduler.run
    try:
        scheduler.probe(probes)
        if not run.stopped:
            scheduler.prepare()
            scheduler.work()
            if search_on and not scheduler.run.stopped:
                scheduler.search_on()
    except KeyboardInterrupt:
        scheduler.stop("the run was interrupted")
    finally:
        scheduler.close()
    scheduler.leave_rest()
    scheduler.count()
    run.duration_s = time.monotonic() - started
    return run


class _Scheduler:
    """Runs one case after another and collects results."""

    def __init__(self, contract: Contract, cases: Sequence[Case], session: Session, on_result: OnResult) -> None:
        self.run = Run()
        self._contract = contract
        self._todo = {case.id: case for case in cases}
        self._order = {case.id: number for number, case in enumerate(cases)}
        self._session = session
        self._on_result = on_result
        self._missing: dict[str, str] = {}
        self._prepared: dict[str, object] = {}
        session.unimplemented, session.prepared = self._missing, self._prepared

    def probe(self, probes: Iterable[Case]) -> None:
        """Find out which operations there are; end the run if there are none."""
        results = []
        for case in probes:
            item = self._run_case(case)
            if is_lacking(item):
                self._missing[case.operation] = item.observed
            if item.outcome is not Outcome.SKIPPED:
                results.append(item)
            if case.id in self._order:
                self._done(item)
            if self.run.stopped:
                return
        if not results or any(item.outcome in (Outcome.PASS, Outcome.WARN) for item in results):
            return
        untested = [item for item in results if item.case.operation not in self._missing]
        # A response that violates HTTP is a finding, though no other case can be tested.
        broken = [item for item in untested if item.outcome is Outcome.FAIL]
        if broken and all(map(self._is_left_out, broken)):
            return  # the first of the cases will show it
        self.run.nothing_tested = not broken
        if untested:
            self.stop(f"The endpoint cannot be tested: {untested[0].reason or untested[0].observed}.")
            return
        self.run.absent = True
        observed = next(iter(self._missing.values()))
        self.stop(
            f"The endpoint implements none of the {len(self._contract.operations)} operations of"
            f" {self._contract.service.sdk_id}: a valid call returns {observed}."
        )

    def prepare(self) -> None:
        """Let cases begin what takes time. One that cannot is left without what it prepares."""
        for case in self._todo.values():
            if case.prepare is None or case.refusal(self._contract, self._session.budget.mode) is not None:
                continue
            if case.unimplemented(self._missing) is None:
                with suppress(NotSent):
                    self._prepared[case.id] = case.prepare(case, self._session)

    def work(self) -> None:
        """Run everything that is left."""
        while self._todo and not self.run.stopped:
            self._done(self._run_case(next(iter(self._todo.values()))))

    def search_on(self) -> None:
        """Spend what is left of the budget on searches."""
        self.run.further, results, ended = further_rounds(self.run.results, self._session, self._missing)
        found = {item.case.id: item for item in results}
        self.run.results = [found.get(item.case.id, item) for item in self.run.results]
        if ended:
            self.stop(ended)

    def stop(self, why: str) -> None:
        """Run nothing more, and say why."""
        self.run.stopped = self.run.stopped or why

    def close(self) -> None:
        """Delete what the session still holds open, unless the target is gone."""
        if self.run.stopped:
            self._session.budget.stop(self.run.stopped)
        self._session.close()

    def leave_rest(self) -> None:
        """What was not run is inconclusive, with the reason."""
        for case in list(self._todo.values()):
            self._done(Result(case, Outcome.INCONCLUSIVE, reason=self.run.stopped or "not run"))
        self.run.results.sort(key=lambda item: self._order[item.case.id])

    def count(self) -> None:
        """Take over what the session counted."""
        budget = self._session.budget
        self.run.requests = budget.requests
        self.run.throttled, self.run.latency = budget.throttled, budget.latency
        self.run.interval_s = budget.pace.interval_s

    def _run_case(self, case: Case) -> Result:
        item = run_case(case, self._session, self._missing)
        if item.ends_run and not (item.evidence and self._is_left_out(item)):
            self.stop(item.ends_run)
        elif self._session.budget.creates_spent:
            # What creates nothing can still be run.
            self.run.spent = self._session.budget.creates_spent
        return item

    def _is_left_out(self, item: Result) -> bool:
        """Whether a result is that of a probe which is none of the cases, so that nobody sees it."""
        return item.case.id not in self._order

    def _done(self, item: Result) -> None:
        self._todo.pop(item.case.id, None)
        self.run.results.append(item)
        self._on_result(item)
