"""What all workers of a run count together, and what ends a run: a spent budget, a lost target, a stop."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from tunnelspec.engine.silence import Silence
from tunnelspec.exchange import Exchange

#: A target that fails this many calls in a row without any answer is taken for lost.
LOST_AFTER = 5
#: The same where nothing but one operation was called meanwhile.
LOST_AFTER_ONE = 20
#: One that has answered before may be restarting: it is not lost before this time, in seconds …
GRACE_S = 3.0
#: … in which it is asked no more often than this, in seconds between.
_PAUSE_S = 0.3


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
    silent: set[str] = field(default_factory=set, repr=False)
    answers: bool = False
    since: float = 0.0
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
            if exchange.response is not None:
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
                raise TargetLost(
                    f"the endpoint stopped answering ({exchange.failure}, {self.unanswered} in a row)"
                )
            pausing = may_return and len(self.silent) > 1 and exchange.failure in ("refused", "reset")
        if pausing:
            time.sleep(_PAUSE_S)
