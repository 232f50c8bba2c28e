"""Keeps a target that does not answer some operation from making a run take hours.

An operation whose calls time out is given up, and the rest of its cases are inconclusive with that reason.
Others go on: whether the target answers at all is another question (`engine/tally.py`).
"""

from __future__ import annotations

import threading
from collections import Counter

from tunnelspec.exchange import Exchange

#: An operation is given up after this many calls in a row without an answer …
IN_A_ROW = 4
#: … or this many in a whole run, so that one that hangs now and then does not cost hours either.
IN_ALL = 12
#: What counts: failures that took their time. Others are quick and go on being told.
_SLOW = frozenset({"timeout", "throttled", "too-large"})


class CircuitBreaker:
    """Which operations do not answer; thread-safe, shared by all workers."""

    def __init__(self) -> None:
        self._row: Counter[str] = Counter()
        self._all: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, exchange: Exchange) -> None:
        """What became of a call."""
        name = exchange.operation or ""
        with self._lock:
            if exchange.failure in _SLOW:
                self._row[name] += 1
                self._all[name] += 1
            else:
                self._row[name] = 0

    def reason(self, operation: str | None) -> str | None:
        """Why this operation is not to be called any more, or None."""
        name = operation or ""
        with self._lock:
            if self._row[name] >= IN_A_ROW:
                count, how = self._row[name], " in a row"
            elif self._all[name] >= IN_ALL:
                count, how = self._all[name], ""
            else:
                return None
        who = name or "a request without operation"
        return f"{who} left {count} calls{how} without an answer and was given up"
