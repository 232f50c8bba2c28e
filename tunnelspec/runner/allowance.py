"""The part of a limit that this process may spend: all of it, or what it borrowed from a pool that machines share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

#: Borrows up to so many from the shared pool; how many were granted, 0 once it is spent.
Borrow: TypeAlias = Callable[[int], int]


class Allowance:
    """A limit, None for no limit. Not thread-safe: callers hold a lock.

    With a pool, nothing is spent that was not borrowed. `step` is how many are borrowed at once, so that not every
    request asks the pool.
    """

    def __init__(self, limit: int | None, borrow: Borrow | None = None, step: int = 1) -> None:
        self.limit = limit
        self._borrow, self._step = borrow, step
        self._granted = 0 if borrow is not None or limit is None else limit

    def covers(self, count: int) -> bool:
        """Whether so many may be spent in all, those that are spent already included."""
        if self.limit is None:
            return True
        missing = count - self._granted
        if missing > 0 and self._borrow is not None:
            self._granted += self._borrow(max(missing, self._step))
        return count <= self._granted

    def rest(self, spent: int) -> int:
        """How many of the borrowed ones are not spent. They are given back, and may not be spent any more."""
        rest = self._granted - spent if self._borrow is not None else 0
        self._granted -= rest
        return rest
