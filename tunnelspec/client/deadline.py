"""How long a call may take: one deadline, and a stop that cuts waiting short."""

from __future__ import annotations

import time
from collections.abc import Callable

from tunnelspec.client.failure import CallFailed

#: A wait lasts no longer than this before it looks at the clock and for a stop, in seconds.
SLICE_S = 0.25


class Deadline:
    """The end of one call, `seconds` from now.

    A call that began before `should_stop()` became true ends within a slice; one that begins after it, as
    clean-up does, has its whole time.
    """

    __slots__ = ("_should_stop", "_until")

    def __init__(self, seconds: float, should_stop: Callable[[], bool] | None = None) -> None:
        self._until = time.monotonic() + seconds
        self._should_stop = None if should_stop is None or should_stop() else should_stop

    def at_most(self, seconds: float) -> Deadline:
        """A deadline in so many seconds, or this one where it comes first."""
        sooner = Deadline(seconds)
        sooner._until = min(sooner._until, self._until)
        sooner._should_stop = self._should_stop
        return sooner

    def slice(self, at_most: float = SLICE_S) -> float:
        """Seconds to wait next. Raises CallFailed (`timeout`, `stopped`) where none are left."""
        if self._should_stop is not None and self._should_stop():
            raise CallFailed("stopped")
        left = self._until - time.monotonic()
        if left <= 0:
            raise CallFailed("timeout")
        return min(left, at_most)

    def pause(self, seconds: float) -> None:
        """Wait. Raises CallFailed (`timeout`, `stopped`) where the call ends first."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(self.slice(min(left, SLICE_S)))
