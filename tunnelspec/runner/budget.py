"""What all workers of a run count together, and what ends a run: a spent budget, a lost target, a stop."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tunnelspec.contract.document import Effect, Operation
from tunnelspec.exchange import Exchange
from tunnelspec.runner.breaker import CircuitBreaker
from tunnelspec.runner.latency import Latency
from tunnelspec.runner.mode import Mode, NotAllowed
from tunnelspec.runner.rates import Rates

#: A target that fails this many calls in a row without any answer is taken for lost.
LOST_AFTER = 5
#: The same where nothing but one operation was called meanwhile.
LOST_AFTER_ONE = 20
#: One that has answered before may be restarting: it is not lost before this time, in seconds …
GRACE_S = 3.0
#: … in which it is asked no more often than this, in seconds between.
_PAUSE_S = 0.3
#: How long a wait for its turn may keep a worker from noticing that the run is over, in seconds.
_SLICE_S = 0.25


class TargetLost(Exception):
    """The endpoint stopped answering; the argument is one sentence."""


class BudgetSpent(Exception):
    """The run has sent all the requests, or lasted all the time, that it was allowed."""


class CreateBudgetSpent(BudgetSpent):
    """The run has sent all the requests that could open something; others may still be sent."""


class Stopped(Exception):
    """The run is being ended: nothing is sent any more but what cleans up."""


@dataclass
class Budget:
    """What all workers of a run count together; thread-safe. Whatever is sent is asked for here first.

    `max_openings` bounds requests that could create something, whether the target should refuse them
    or not; `max_seconds` counts from the first request. `stopped` says why nothing more is sent.
    """

    max_requests: int | None = None
    max_creates: int | None = None
    max_seconds: float | None = None
    mode: Mode = Mode.FULL
    rates: Rates | None = None
    requests: int = 0
    creates_sent: int = 0
    by_operation: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    silent: set[str] = field(default_factory=set, repr=False)
    answers: bool = False
    since: float = 0.0
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker, repr=False)
    stopped: str = ""
    throttled: int = 0
    latency: Latency = field(default_factory=Latency)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _until: float | None = None
    #: By thread: whether the request that was counted last cleans up.
    _last: threading.local = field(default_factory=threading.local, repr=False)

    def take(self, operation: Operation | None, *, cleaning: bool = False) -> None:
        """Count one request about to be sent, once it is its turn.

        Raises Barred, Stopped or BudgetSpent, but never while cleaning up: a tunnel left open costs
        more than a request.
        """
        self._last.cleaning = cleaning
        if not cleaning:
            self._allow(operation)
        self._wait(operation, cleaning)
        with self.lock:
            if not cleaning:
                self._allow(operation)
                self.creates_sent += creates(operation)
            self._count(operation)

    def retry(self, operation: Operation | None) -> bool:
        """Whether this thread's last request may be sent again, throttled or without a response; counts it
        then.
        """
        try:
            self.take(operation, cleaning=getattr(self._last, "cleaning", False))
        except (Stopped, BudgetSpent):
            return False
        return True

    def stop(self, why: str) -> None:
        """Let nothing more be sent but what cleans up. Takes no lock: signal handlers call it."""
        self.stopped = self.stopped or why

    def answered(self, exchange: Exchange) -> None:
        """Note whether there was an answer. Raises TargetLost after too many without one."""
        with self.lock:
            self.throttled += exchange.throttled
            if exchange.response is not None:
                self.latency.add(exchange.response.elapsed_s)
                self.unanswered, self.answers = 0, True
                self.silent.clear()
                return
            if not self.unanswered:
                self.since = time.monotonic()
            self.unanswered += 1
            self.silent.add(exchange.operation or "")
            # One operation that fails every time is a finding; a target is lost when others fail as well.
            lost = self.unanswered >= (LOST_AFTER if len(self.silent) > 1 else LOST_AFTER_ONE)
            may_return = self.answers and time.monotonic() - self.since < GRACE_S
            if lost and not may_return:
                raise TargetLost(f"the endpoint stopped answering ({exchange.failure}, {self.unanswered} in a row)")
            pausing = may_return and len(self.silent) > 1 and exchange.failure in ("refused", "reset")
        if pausing:
            time.sleep(_PAUSE_S)

    def _allow(self, operation: Operation | None) -> None:
        not_allowed = self.mode.not_allowed(operation)
        if not_allowed is not None:
            raise NotAllowed(not_allowed)
        self._go_on()
        if creates(operation) and self.max_creates is not None and self.creates_sent >= self.max_creates:
            raise CreateBudgetSpent(f"the budget of {self.max_creates} requests that can open something is spent")

    def _go_on(self) -> None:
        if self.stopped:
            raise Stopped(self.stopped)
        if self._until is not None and time.monotonic() >= self._until:
            raise BudgetSpent(f"the budget of {self.max_seconds:g} seconds is spent")
        if self.max_requests is not None and self.requests >= self.max_requests:
            raise BudgetSpent(f"the budget of {self.max_requests} requests is spent")

    def _wait(self, operation: Operation | None, cleaning: bool) -> None:
        if self.rates is None or operation is None:
            return
        while not self.rates.acquire(operation.name, _SLICE_S):
            if not cleaning:
                self._go_on()

    def _count(self, operation: Operation | None) -> None:
        if self.max_seconds is not None and self._until is None:
            self._until = time.monotonic() + self.max_seconds
        self.requests += 1
        self.by_operation[operation.name if operation is not None else ""] += 1


def creates(operation: Operation | None) -> bool:
    """Whether a call of this operation can open something; without an operation, anything may happen."""
    return operation is None or operation.effect is Effect.CREATE
