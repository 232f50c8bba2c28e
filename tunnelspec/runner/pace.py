"""How fast a target takes calls, learnt from its throttling: the interval between two calls of an operation."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

#: Bounds of the interval after a refusal, in seconds. AWS's documented quotas are one to ten calls a second.
SHORTEST_S, LONGEST_S = 0.1, 2.0
#: After a refusal the interval grows by this factor; after each success it shrinks a little.
_SLOWER, _FASTER = 1.6, 0.98
#: A call is given up that is refused so often at the longest interval, or where the target refused so many and took
#: none of any operation.
_AT_LONGEST, _BEFORE_ANY = 3, 6


class Pace:
    """The interval of each operation, shared by all workers; thread-safe.

    `clock` and `sleep` are seconds as `time.monotonic` and `time.sleep` have them.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._interval_s: defaultdict[str, float] = defaultdict(float)
        self._next: defaultdict[str, float] = defaultdict(float)
        self._refused: defaultdict[str, int] = defaultdict(int)
        self._has_accepted = False
        self._lock = threading.Lock()

    def wait_s(self, operation: str) -> float:
        """Reserve the next turn of this operation; the seconds until it."""
        with self._lock:
            interval = self._interval_s[operation]
            if not interval:
                return 0.0
            now = self._clock()
            turn = max(now, self._next[operation])
            self._next[operation] = turn + interval
            return turn - now

    def is_slowed(self, operation: str) -> bool:
        """Whether calls of this operation wait: one was refused of late."""
        with self._lock:
            return bool(self._interval_s.get(operation))

    def slow_down(self, operation: str) -> None:
        """The target refused a call as too fast."""
        with self._lock:
            wanted = max(SHORTEST_S, self._interval_s[operation] * _SLOWER)
            if wanted >= LONGEST_S or not self._has_accepted:
                self._refused[operation] += 1
            self._interval_s[operation] = min(LONGEST_S, wanted)
            self._next[operation] = self._clock() + self._interval_s[operation]

    def accepted(self, operation: str) -> None:
        """The target took a call."""
        with self._lock:
            self._has_accepted = True
            self._refused[operation] = 0
            interval = self._interval_s.get(operation, 0.0)
            if interval:
                self._interval_s[operation] = interval * _FASTER if interval > SHORTEST_S / 2 else 0.0

    def is_hopeless(self, operation: str) -> bool:
        """Whether waiting does not help: the operation is refused at any pace."""
        with self._lock:
            if self._has_accepted:
                return self._refused[operation] >= _AT_LONGEST
            return sum(self._refused.values()) >= _BEFORE_ANY

    def sleep(self, seconds: float) -> None:
        """Wait so long."""
        if seconds > 0:
            self._sleep(seconds)

    @property
    def interval_s(self) -> float:
        """The longest interval that the target has taught, in seconds."""
        with self._lock:
            return max(self._interval_s.values(), default=0.0)
