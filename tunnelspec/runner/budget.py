"""What all workers of a run may send, counted together before it is sent: retries, probes and clean-up included."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from tunnelspec.contract.document import Effect, Operation
from tunnelspec.exchange import Exchange
from tunnelspec.runner.allowance import Allowance
from tunnelspec.runner.breaker import CircuitBreaker
from tunnelspec.runner.errors import BudgetSpent, CreateBudgetSpent, NotSent, Stopped
from tunnelspec.runner.issued import IssuedValues
from tunnelspec.runner.latency import Latency
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.pace import Pace
from tunnelspec.runner.rates import Rates
from tunnelspec.runner.shared import Shared

#: How long a wait for its turn may keep a worker from noticing that the run is over, in seconds.
_SLICE_S = 0.25
#: Requests kept in reserve for each resource that may be open: its deletion, and that again on a new connection …
_CLEAN_UP = 2
#: … and once the target has throttled anything, so many refusals of it.
_CLEAN_UP_THROTTLED = 10
#: Requests kept in reserve for each response that does not say what it opened: its resource is found by its tags
#: and its description, and shown to be gone by another.
_FIND = 8
#: How often the clean-up reads the list of what exists, and what else it sends once.
_LISTS, _SETTLEMENT = 4, 4
#: How often one kind of finding is confirmed: a target that is wrong everywhere is not sent everything twice.
_CONFIRMATIONS = 3
#: After so many calls of the clean-up in a row for which it waited in vain it is given up.
_VAIN = 3
#: Requests that are borrowed at once from a budget that several machines share.
_BORROWED = 20


@dataclass
class Budget:
    """What all workers of a run count together; thread-safe.

    `max_creates` bounds requests that could create something, whether the target should reject them or not;
    `max_seconds` counts from the first request. Other parts of a `shared` run spend the same requests and creations.
    No bound is exceeded. The clean-up counts as well: the requests that it will need are kept in reserve. `stopped`
    says why nothing more is sent.
    """

    max_requests: int | None = None
    max_creates: int | None = None
    max_seconds: float | None = None
    mode: Mode = Mode.FULL
    rates: Rates | None = None
    shared: Shared | None = None
    pace: Pace = field(default_factory=Pace, repr=False)
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker, repr=False)
    requests: int = 0
    creates_sent: int = 0
    by_operation: Counter[str] = field(default_factory=Counter)
    open_resources: int = 0
    stopped: str = ""
    #: Whether the clean-up sends nothing any more either.
    abandoned: bool = False
    #: Why nothing more is sent that could create a resource.
    creates_spent: str = ""
    throttled: int = 0
    latency: Latency = field(default_factory=Latency)
    issued: IssuedValues = field(default_factory=IssuedValues, repr=False)
    #: How many responses could not be read although the same request, sent again, got one that could, and the first.
    broken: int = 0
    first_broken: Exchange | None = field(default=None, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _until: float | None = None
    _reserve: int = 0
    _vain: int = 0
    _confirmed: Counter[tuple[str, ...]] = field(default_factory=Counter, repr=False)
    #: By thread: whether the request that was counted last cleans up.
    _last: threading.local = field(default_factory=threading.local, repr=False)
    _requests: Allowance = field(init=False, repr=False)
    _creates: Allowance = field(init=False, repr=False)

    def __post_init__(self) -> None:
        borrow = self.shared.borrow if self.shared is not None else None
        self._requests = Allowance(self.max_requests, borrow and partial(borrow, "requests"), _BORROWED)
        self._creates = Allowance(self.max_creates, borrow and partial(borrow, "creates"))

    def acquire(self, operation: Operation | None, *, cleaning: bool = False) -> None:
        """Count one request about to be sent, once it is its turn.

        Raises NotAllowed, Stopped, BudgetSpent or CreateBudgetSpent; while cleaning up only Stopped, where that was
        abandoned, and BudgetSpent, where it took more than what is kept in reserve for it.
        """
        self._last.cleaning = cleaning
        if not cleaning:
            with self.lock:
                self._allow(operation)
        elif self.abandoned or self._vain >= _VAIN:
            raise Stopped(self.stopped)
        self._wait(operation, cleaning)
        with self.lock:
            if not cleaning:
                self._allow(operation)
                if creates(operation):
                    self.creates_sent += 1
            elif self.max_requests is not None and not self._requests.covers(self.requests + 1):
                raise BudgetSpent(self.max_requests, "requests")
            self._count(operation)

    def may_resend(self, operation: Operation | None) -> bool:
        """Whether this thread's last request may be sent once more, on a new connection; counts it then."""
        try:
            self.acquire(operation, cleaning=getattr(self._last, "cleaning", False))
        except NotSent:
            return False
        return True

    def ended(self) -> NotSent | None:
        """Why nothing more is sent but what cleans up, or None. Takes no lock."""
        if self.stopped:
            return Stopped(self.stopped)
        if self.max_seconds is not None and self._until is not None and time.monotonic() >= self._until:
            return BudgetSpent(self.max_seconds, "seconds")
        return None

    def is_spent(self) -> bool:
        """Whether the time, or the requests but for those of the clean-up, are spent."""
        with self.lock:
            return isinstance(self.ended(), BudgetSpent) or not self._covers_one_more(None)

    @property
    def stop_level(self) -> int:
        """0 while the run goes on, 1 where only the clean-up may send, 2 where nothing may. Takes no lock."""
        if self.abandoned:
            return 2
        return int(self.ended() is not None)

    def may_create(self, count: int) -> bool:
        """Whether so many more requests may be sent that could create something."""
        with self.lock:
            return self._creates.covers(self.creates_sent + count)

    def close(self) -> None:
        """End the rates' own threads, and let others spend what is left."""
        if self.rates is not None:
            self.rates.close()
        if self.shared is not None:
            with self.lock:
                self.shared.give_back("requests", self._requests.rest(self.requests))
                self.shared.give_back("creates", self._creates.rest(self.creates_sent))

    def reserve(self, pages: int) -> None:
        """Keep in reserve what the clean-up takes besides deletions: lists of so many pages."""
        with self.lock:
            self._reserve += _LISTS * pages + _SETTLEMENT

    def opened(self) -> None:
        """A resource is open that the run has to delete."""
        with self.lock:
            self.open_resources += 1

    def may_have_opened(self) -> None:
        """A resource may be open that no response named."""
        with self.lock:
            self._reserve += _FIND

    def closed(self) -> None:
        """A resource of the run needs no more deletion."""
        with self.lock:
            self.open_resources = max(0, self.open_resources - 1)

    def stop(self, why: str) -> None:
        """Let nothing more be sent but what cleans up. Takes no lock: signal handlers call it."""
        self.stopped = self.stopped or why

    def abandon(self) -> None:
        """Let the clean-up send nothing any more either. Takes no lock: signal handlers call it."""
        self.abandoned = True

    def may_confirm(self, *key: str) -> bool:
        """Whether one more finding of this kind is sent again to confirm it."""
        with self.lock:
            self._confirmed[key] += 1
            return self._confirmed[key] <= _CONFIRMATIONS

    def broken_once(self, exchange: Exchange) -> None:
        """Count a response that could not be read, though the same request, sent again, got one that could."""
        with self.lock:
            self.broken += 1
            self.first_broken = self.first_broken or exchange

    def received(self, exchange: Exchange) -> None:
        """Count what came of a call. A clean-up that waits in vain is given up: the journal has what is left."""
        name = exchange.operation or ""
        with self.lock:
            if self.stopped and getattr(self._last, "cleaning", False):
                self._vain = self._vain + 1 if exchange.failure == "timeout" else 0
            self.throttled += exchange.failure == "throttled"
            if exchange.response is not None:
                self.latency.add(exchange.response.elapsed_s)
        if exchange.failure == "throttled":
            self.pace.slow_down(name)
        elif exchange.response is not None:
            self.pace.accepted(name)

    def _allow(self, operation: Operation | None) -> None:
        refusal = self.mode.refusal(operation)
        if refusal is not None:
            raise refusal
        ended = self.ended()
        if ended is not None:
            raise ended
        if self.max_requests is not None and not self._covers_one_more(operation):
            raise self.ended() or BudgetSpent(self.max_requests, "requests")
        if creates(operation) and self.max_creates is not None and not self._creates.covers(self.creates_sent + 1):
            spent = CreateBudgetSpent(self.max_creates)
            self.creates_spent = str(spent)
            raise self.ended() or spent

    def _covers_one_more(self, operation: Operation | None) -> bool:
        """Whether the requests suffice for one more and all that the clean-up then takes."""
        each = _CLEAN_UP_THROTTLED if self.throttled else _CLEAN_UP
        reserve = self._reserve + each * self.open_resources + max(each, _FIND) * creates(operation)
        return self._requests.covers(self.requests + 1 + reserve)

    def _wait(self, operation: Operation | None, cleaning: bool) -> None:
        name = operation.name if operation is not None else ""
        if self.rates is not None and operation is not None:
            while not self.rates.acquire(name, _SLICE_S):
                if not cleaning:
                    with self.lock:
                        self._allow(operation)
        left = self.pace.wait_s(name)
        while left > 0:
            self.pace.sleep(min(left, _SLICE_S))
            left -= _SLICE_S
            if not cleaning:
                with self.lock:
                    self._allow(operation)

    def _count(self, operation: Operation | None) -> None:
        if self.max_seconds is not None and self._until is None:
            self._until = time.monotonic() + self.max_seconds
        self.requests += 1
        self.by_operation[operation.name if operation is not None else ""] += 1


def creates(operation: Operation | None) -> bool:
    """Whether a call of this operation can create something; without an operation, anything may happen."""
    return operation is None or operation.effect is Effect.CREATE
