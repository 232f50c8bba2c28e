"""Runs the cases of a suite against one target, with as many workers as asked for.

First it finds out which operations the target implements; an operation that it lacks is one failed case, and the
rest of its cases are skipped with that reason. Then every other case is run, in its order, by workers that each have
a session of their own.
"""

from __future__ import annotations

import threading
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
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome


@dataclass
class Run:
    """A finished run. `stopped` is one sentence if it was not run to the end; `spent` likewise, where only the
    budget of what may be created kept cases from being run. `absent`: the target implements none of the operations.
    `errors` are tracebacks of failures of our own.
    """

    results: list[Result] = field(default_factory=list)
    requests: int = 0
    duration_s: float = 0.0
    stopped: str = ""
    spent: str = ""
    nothing_tested: bool = False
    absent: bool = False
    workers: int = 1
    throttled: int = 0
    interval_s: float = 0.0
    latency: Latency = field(default_factory=Latency)

    @property
    def errors(self) -> list[str]:
        """The tracebacks of failures of our own, each once."""
        return list(dict.fromkeys(item.error for item in self.results if item.error))

    def totals(self) -> dict[str, int]:
        """How many cases ended in each outcome."""
        counts = Counter(item.outcome for item in self.results)
        return {outcome.value: counts[outcome] for outcome in Outcome}


#: Called with every result as it comes in, from the thread that ran it.
OnResult = Callable[[Result], None]
#: Makes a session for one worker; sessions share their budget.
MakeSession = Callable[[], Session]

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
    """Run the cases. `probes` are run first even where they are not among `cases`.

    Never raises for what the target does: a target that is lost leaves the rest inconclusive.
    """
    started = time.monotonic()
    scheduler = _Scheduler(contract, cases, make_session, on_result)
    run = scheduler.run
    try:
        scheduler.probe(probes)
        if not run.stopped:
            scheduler.prepare()
            scheduler.work(workers)
    except KeyboardInterrupt:
        scheduler.stop("the run was interrupted")
    finally:
        scheduler.close()
    scheduler.leave_rest()
    scheduler.count()
    run.workers = workers
    run.duration_s = time.monotonic() - started
    return run


class _Scheduler:
    """Hands out cases to workers and collects results; its methods but `work` run in the main thread."""

    def __init__(
        self, contract: Contract, cases: Sequence[Case], make_session: MakeSession, on_result: OnResult
    ) -> None:
        self.run = Run()
        self._contract = contract
        self._todo = {case.id: case for case in cases}
        self._order = {case.id: number for number, case in enumerate(cases)}
        self._make_session = make_session
        self._on_result = on_result
        self._lock = threading.Lock()
        self._sessions: list[Session] = []
        self._missing: dict[str, str] = {}
        self._prepared: dict[str, object] = {}
        self._threads: list[threading.Thread] = []

    def probe(self, probes: Iterable[Case]) -> None:
        """Find out which operations there are; end the run if there are none."""
        session = self._session()
        results = []
        for case in probes:
            item = self._run_case(case, session)
            if item.outcome is Outcome.FAIL:
                self._missing[case.operation] = item.observed
            if item.outcome is not Outcome.SKIPPED:
                results.append(item)
            if case.id in self._order:
                self._done(item)
            if self.run.stopped:
                return
        if not results or any(item.outcome in (Outcome.PASS, Outcome.WARN) for item in results):
            return
        self.run.nothing_tested = True
        untested = [item for item in results if item.outcome is Outcome.INCONCLUSIVE]
        if untested:
            self.stop(f"The endpoint cannot be tested: {untested[0].reason}.")
            return
        self.run.absent = True
        observed = next(iter(self._missing.values()))
        self.stop(
            f"The endpoint implements none of the {len(self._contract.operations)} operations of"
            f" {self._contract.service.sdk_id}: a valid call returns {observed}."
        )

    def prepare(self) -> None:
        """Let cases begin what takes time. One that cannot is left without what it prepares."""
        session = self._sessions[0]
        for case in self._todo.values():
            if case.prepare is None or case.refusal(self._contract, session.budget.mode) is not None:
                continue
            if case.unimplemented(self._missing) is None:
                with suppress(NotSent):
                    self._prepared[case.id] = case.prepare(case, session)

    def work(self, workers: int) -> None:
        """Run everything that is left."""
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
        """Run nothing more, and say why."""
        with self._lock:
            self.run.stopped = self.run.stopped or why

    def close(self) -> None:
        """Delete what the sessions still hold open, unless the target is gone."""
        if self.run.stopped:
            for session in self._sessions:
                session.budget.stop(self.run.stopped)
        for thread in self._threads:
            if thread.ident is not None:
                # A worker that still opens something would do so behind our back.
                thread.join(_LAST_CALL_S)
        for session in self._sessions:
            session.close()

    def leave_rest(self) -> None:
        """What was not run is inconclusive, with the reason."""
        for case in list(self._todo.values()):
            self._done(Result(case, Outcome.INCONCLUSIVE, reason=self.run.stopped or "not run"))
        self.run.results.sort(key=lambda item: self._order[item.case.id])

    def count(self) -> None:
        """Take over what the sessions counted together."""
        if self._sessions:
            budget = self._sessions[0].budget
            self.run.requests = budget.requests
            self.run.throttled, self.run.latency = budget.throttled, budget.latency
            self.run.interval_s = budget.pace.interval_s

    def _session(self) -> Session:
        session = self._make_session()
        session.unimplemented, session.prepared = self._missing, self._prepared
        self._sessions.append(session)
        return session

    def _drain(self, session: Session) -> None:
        while not self.run.stopped:
            with self._lock:
                if not self._todo:
                    return
                case = self._todo.pop(next(iter(self._todo)))
            self._done(self._run_case(case, session))

    def _run_case(self, case: Case, session: Session) -> Result:
        item = run_case(case, session, self._missing)
        if item.ends_run:
            self.stop(item.ends_run)
        elif session.budget.creates_spent:
            # What creates nothing can still be run.
            self.run.spent = session.budget.creates_spent
        return item

    def _done(self, item: Result) -> None:
        with self._lock:
            self._todo.pop(item.case.id, None)
            self.run.results.append(item)
        self._on_result(item)
