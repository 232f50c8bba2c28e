"""What all workers of a run count together, and what ends a run: a spent budget, a lost target, a stop."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from tunnelspec.engine.silence import Silence
from tunnelspec.exchange import Exchange

#: A target that fails this many calls in a row without any answer is taken for lost.
LOST_AFTER = 5


class TargetLost(Exception):
    """The endpoint stopped answering; the argument is one sentence."""


class BudgetSpent(Exception):
    """The run has sent all the requests that it was allowed."""


class Stopped(Exception):
    """The run is being ended: nothing is sent any more but what cleans up."""


@dataclass
class Tally:
    """What all workers of a run count together; thread-safe."""

    max_requests: int | None = None
    requests: int = 0
    unanswered: int = 0
    stopped: bool = False
    silence: Silence = field(default_factory=Silence, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, *, cleaning: bool = False) -> None:
        """Count one request about to be sent. Raises Stopped or BudgetSpent, but never while cleaning up:
        a tunnel left open costs more than a request.
        """
        with self.lock:
            if cleaning:
                self.requests += 1
                return
            if self.stopped:
                raise Stopped("the run was interrupted")
            if self.max_requests is not None and self.requests >= self.max_requests:
                raise BudgetSpent(f"the budget of {self.max_requests} requests is spent")
            self.requests += 1

    def answered(self, exchange: Exchange) -> None:
        """Note whether there was an answer. Raises TargetLost after too many without one."""
        with self.lock:
            self.unanswered = 0 if exchange.response is not None else self.unanswered + 1
            if self.unanswered >= LOST_AFTER:
                raise TargetLost(f"the endpoint stopped answering ({exchange.failure}, {LOST_AFTER} in a row)")
