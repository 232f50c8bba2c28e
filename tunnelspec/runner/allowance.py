"""How much of a bound may be spent: all of it, or what a pool that several machines share lends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

#: Lends up to so many of a bound; how many it lends, none where nothing is left.
Borrow: TypeAlias = Callable[[int], int]


class Allowance:
    """A bound, None for no bound. Its user holds a lock.

    Where there is a pool, nothing may be spent that it has not lent. `step` is how many are borrowed at once, so that
    not every request asks for its own.
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
        """How many of those that were lent are not spent; they may not be spent any more."""
        rest = self._granted - spent if self._borrow is not None else 0
        self._granted -= rest
        return rest
