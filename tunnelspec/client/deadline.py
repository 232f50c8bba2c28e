"""How long a call may take: one deadline, and a stop that cuts waiting short."""

from __future__ import annotations

import time
from collections.abc import Callable

from tunnelspec.client.failure import CallFailed

#: A wait lasts no longer than this before it looks at the clock and for a stop, in seconds.
SLICE_S = 0.25


class Deadline:
    """The end of one call, `seconds` from now.

    The call ends within a slice once `stop_level()` is higher than it was at the call's beginning: 1 stops a run
    but not the calls of the clean-up, which begin after it; 2 stops these as well.
    """

    __slots__ = ("_level", "_stop_level", "_until")

    def __init__(self, seconds: float, stop_level: Callable[[], int] = lambda: 0) -> None:
        self._until = time.monotonic() + seconds
        self._stop_level = stop_level
        self._level = stop_level()

    def at_most(self, seconds: float) -> Deadline:
        """A deadline in so many seconds, or this one where it comes first."""
        sooner = Deadline(seconds, self._stop_level)
        sooner._until = min(sooner._until, self._until)
        sooner._level = self._level
        return sooner

    def slice(self, at_most: float = SLICE_S) -> float:
        """Seconds to wait next. Raises CallFailed (`timeout`, `stopped`) where none are left."""
        if self._stop_level() > self._level:
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
