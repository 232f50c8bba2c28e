"""The sensitive values that a target has issued, and which of them are worth looking for in later responses."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tunnelspec.contract.sensitive import is_strong

#: How many issued secrets are looked for in later responses.
_KEPT = 16


class IssuedSecrets:
    """The last secrets that were issued to one session. Not thread-safe."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=_KEPT)

    def add(self, values: Iterable[str]) -> None:
        """Remember issued values, those that are strong enough to be recognised."""
        self._recent.extend(value for value in values if is_strong(value))

    def known(self, more: Iterable[str] = ()) -> frozenset[str]:
        """The values to look for: the recent ones, and those of resources that are still open."""
        return frozenset((*self._recent, *(value for value in more if is_strong(value))))
