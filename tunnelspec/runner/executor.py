"""Runs the cases of a suite against one target, with as many workers as asked for.

First it asks, of each operation, whether the target has it at all; an operation that it lacks is one
failed case and the rest of its cases are skipped with that reason. Then every other case is judged,
in its order, by workers that each have a session of their own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Evidence, Result, light
from tunnelspec.runner.latency import Latency
from tunnelspec.runner.outcomes import Then, ending
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome


@dataclass
class Run:
    """A finished run. `stopped` is one sentence if it was not judged to the end; `spent` likewise, where
    only the budget of what may be opened kept cases from being judged.
    """

    results: list[Result] = field(default_factory=list)
    requests: int = 0
    duration_s: float = 0.0
    stopped: str = ""
    spent: str = ""
    nothing_judged: bool = False
    workers: int = 1
    throttled: int = 0
    latency: Latency = field(default_factory=Latency)

    def totals(self) -> dict[str, int]:
        """How many cases ended in each outcome."""
        counts = {outcome.value: 0 for outcome in Outcome}
        for item in self.results:
            counts[item.outcome.value] += 1
        return counts


_LOG = logging.getLogger(__name__)

#: Called with every result as it comes in, from the thread that judged it.
OnResult = Callable[[Result], None]
#: Makes a session for one worker; sessions share their tally.
MakeSession = Callable[[], Session]

PROBE = "implemented"
#: How long a worker may take to end its last call, in seconds; longer than any call may take.
_LAST_CALL_S = 60.0


def run_cases(
    contract: Contract,
    cases: Sequence[Case],
    make_session: MakeSession,
    *,
    probes: Iterable[Case],
    workers: int = 1,
    on_result: OnResult = lambda result: None,
) -> Run:
    """Judge the cases. `probes` are asked first even where they are not among `cases`.

    Never raises for what the target does: a target that is lost leaves the rest inconclusive.
    """
    started = time.monotonic()
    run = Run()
    scheduler = _Scheduler(contract, cases, make_session, run, on_result)
    try:
        scheduler.probe(probes)
        if not run.stopped:
            scheduler.work(workers)
    except KeyboardInterrupt:
        scheduler.stop("the run was interrupted")
    finally:
        scheduler.close()
    scheduler.leave_rest()
    order = {case.id: index for index, case in enumerate(cases)}
    run.results.sort(key=lambda item: order[item.case.id])
    run.requests = scheduler.requests_sent()
    run.workers = workers
    run.throttled, run.latency = scheduler.pace()
    run.duration_s = time.monotonic() - started
    return run


def _light(seen: Evidence) -> Evidence:
    before = tuple(light(exchange) for exchange in seen.before)
    return Evidence(seen.finding, light(seen.exchange), before)


class _Scheduler:
    def __init__(
        self,
        contract: Contract,
        cases: Sequence[Case],
        make_session: MakeSession,
        run: Run,
        on_result: OnResult,
    ) -> None:
        self._contract = contract
        self._todo = {case.id: case for case in cases}
        self._asked = frozenset(self._todo)
        self._make_session = make_session
        self._run = run
        self._on_result = on_result
        self._lock = threading.Lock()
        self._sessions: list[Session] = []
        self._missing: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def probe(self, probes: Iterable[Case]) -> None:
        """Ask which operations there are; end the run if there are none."""
        session = self._session()
        answers = []
        for case in probes:
            if self._barred(case, session) is not None:
                continue
            item = self._judge(case, session)
            if self._run.stopped:
                return
            answers.append(item)
            if item.outcome is Outcome.FAIL:
                self._missing[case.operation] = item.observed
            if case.id in self._asked:
                self._done(item)
        if answers and all(item.outcome is Outcome.INCONCLUSIVE for item in answers):
            self._run.nothing_judged = True
            self.stop(f"The endpoint cannot be judged: {answers[0].reason}.")
        if self._missing and all(i.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE) for i in answers):
            seen = next(iter(self._missing.values()))
            self._run.nothing_judged = True
            self.stop(
                f"The endpoint implements none of the {len(self._missing)} operations of"
                f" {self._contract.service.sdk_id}: to a valid call it {seen}."
            )

    def work(self, workers: int) -> None:
        """Judge everything that is left."""
        if workers <= 1:
            self._drain(self._sessions[0])
            return
        for _ in range(workers):
            # Noted before it starts, so that an interrupt at any moment finds it.
            thread = threading.Thread(target=self._drain, args=(self._session(),), daemon=True)
            self._threads.append(thread)
            thread.start()
        for thread in self._threads:
            while thread.is_alive():
                thread.join(0.2)  # in slices, so that Ctrl-C reaches the main thread

    def stop(self, why: str) -> None:
        """Judge nothing more, and say why."""
        with self._lock:
            self._run.stopped = self._run.stopped or why

    def close(self) -> None:
        """Delete what the sessions still hold open, unless the target is gone."""
        if self._run.stopped:
            for session in self._sessions:
                session.budget.stop(self._run.stopped)
        for thread in self._threads:
            if thread.ident is not None:
                # A worker that still opens something would do so behind our back.
                thread.join(_LAST_CALL_S)
        for session in self._sessions:
            session.close()

    def leave_rest(self) -> None:
        """What was not judged is inconclusive, with the reason."""
        for case in list(self._todo.values()):
            why = self._run.stopped or "not judged"
            self._done(Result(case, Outcome.INCONCLUSIVE, reason=why))

    def requests_sent(self) -> int:
        """How many requests all sessions sent together."""
        return sum(session.sent for session in self._sessions)

    def pace(self) -> tuple[int, Latency]:
        """How often the target asked to slow down, and how long its answers took."""
        if not self._sessions:
            return 0, Latency()
        budget = self._sessions[0].budget
        return budget.throttled, budget.latency

    def _session(self) -> Session:
        session = self._make_session()
        session.unimplemented = self._missing
        self._sessions.append(session)
        return session

    def _drain(self, session: Session) -> None:
        while not self._run.stopped:
            with self._lock:
                if not self._todo:
                    return
                case = self._todo.pop(next(iter(self._todo)))
            reason = self._barred(case, session) or case.lacking(self._missing)
            if reason is not None:
                self._done(Result(case, Outcome.SKIPPED, reason=reason))
            else:
                self._done(self._judge(case, session))

    def _barred(self, case: Case, session: Session) -> str | None:
        return case.not_allowed(self._contract, session.budget.mode)

    def _judge(self, case: Case, session: Session) -> Result:
        before, started = session.sent, time.monotonic()
        try:
            item = case.judge(case, session)
        except Exception as problem:
            # Whatever a target's response did to us, the other cases and the reports are still due.
            end = ending(problem)
            if end.own:
                _LOG.debug("%s failed", case.id, exc_info=True)
            elif end.then is Then.OPENS_NOTHING:
                self._run.spent = end.reason
            elif end.then is Then.ENDS:
                self.stop(end.reason)
            item = Result(case, end.outcome, reason=end.reason)
        return Result(
            case,
            item.outcome,
            tuple(_light(seen) for seen in item.seen),
            item.reason,
            session.sent - before,
            time.monotonic() - started,
            item.observed,
        )

    def _done(self, item: Result) -> None:
        with self._lock:
            self._todo.pop(item.case.id, None)
            self._run.results.append(item)
        self._on_result(item)
