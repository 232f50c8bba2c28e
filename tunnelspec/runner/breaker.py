"""The circuit breaker: keeps a target that leaves some calls without a response from making a run take hours.

Calls are counted by operation and by the oracle's row of their input: a target may hang on malformed JSON alone.
A row, or an operation, is given up after some calls without a response; an operation only if a plain call of it
gets none either, which the session finds out (`suspect`). Cases that were not sent say so.
"""

from __future__ import annotations

import threading
from collections import Counter

from tunnelspec.exchange import Exchange

#: Given up after this many calls in a row without a response …
IN_A_ROW = 4
#: … or this many in a whole run, so that a target that hangs now and then does not cost hours either.
IN_ALL = 12
#: Failures that take their time. Others are quick and go on being reported.
_SLOW = frozenset({"timeout", "throttled", "too-large"})


class CircuitBreaker:
    """The operations and kinds of input that get no response; thread-safe, shared by all workers."""

    def __init__(self) -> None:
        self._in_a_row: Counter[tuple[str, str]] = Counter()
        self._in_all: Counter[tuple[str, str]] = Counter()
        self._open: dict[tuple[str, str], int] = {}
        self._last: dict[str | None, Exchange] = {}
        self._lock = threading.Lock()

    def note(self, exchange: Exchange) -> None:
        """Count a call."""
        slow = exchange.failure in _SLOW
        with self._lock:
            if slow:
                self._last[exchange.operation] = exchange
            for key in self._keys(exchange.operation, exchange.situation):
                self._in_all[key] += slow
                self._in_a_row[key] = self._in_a_row[key] + 1 if slow else 0
                if exchange.failure == "throttled" and not key[1]:
                    # It was refused at any pace already.
                    self._in_a_row[key] = IN_A_ROW
                if key[1] and exchange.failure != "throttled" and self._is_spent(key):
                    self._open.setdefault(key, self._in_all[key])

    def suspect(self, operation: str | None) -> bool:
        """Whether a plain call must show that this operation still responds."""
        key = (operation or "", "")
        with self._lock:
            return key not in self._open and self._is_spent(key)

    def resolve(self, operation: str | None, *, responds: bool) -> None:
        """What the plain call showed: the operation is given up, or its count starts over."""
        key = (operation or "", "")
        with self._lock:
            if not responds:
                self._open[key] = self._in_all[key]
            self._in_a_row[key] = self._in_all[key] = 0

    def reason(self, operation: str | None, situation: str) -> str | None:
        """Why such a call is not sent any more, or None."""
        with self._lock:
            for key in self._keys(operation, situation):
                if key in self._open:
                    calls = f"calls of {key[0]}" if key[0] else "requests without an operation"
                    what = f"requests of the kind '{key[1]}'" if key[1] else calls
                    return f"no more {what} are sent: {self._open[key]} had no usable response"
        return None

    def given_up(self, operation: str) -> Exchange | None:
        """The last call without a response of an operation that is given up, unless it was throttled; else None."""
        with self._lock:
            last = self._last.get(operation) if (operation, "") in self._open else None
            return None if last is None or last.failure == "throttled" else last

    def _is_spent(self, key: tuple[str, str]) -> bool:
        return self._in_a_row[key] >= IN_A_ROW or self._in_all[key] >= IN_ALL

    @staticmethod
    def _keys(operation: str | None, situation: str) -> tuple[tuple[str, str], tuple[str, str]]:
        return ((operation or "", ""), ("", situation))
