"""A set of digests that a long run only ever adds to, in 9 bytes each; a set of Python's takes 80."""

from __future__ import annotations

from array import array
from bisect import bisect_left

_PARTS = 256


class DigestSet:
    """Integers of 64 bits with a sign, as `hash` returns them. Not thread-safe."""

    def __init__(self) -> None:
        #: Sorted, by the last byte: inserting into one array of a million would move megabytes.
        self._parts = [array("q") for _ in range(_PARTS)]

    def __contains__(self, digest: int) -> bool:
        part = self._parts[digest % _PARTS]
        at = bisect_left(part, digest)
        return at < len(part) and part[at] == digest

    def add(self, digest: int) -> None:
        """Add a digest, if it is not there yet."""
        part = self._parts[digest % _PARTS]
        at = bisect_left(part, digest)
        if at == len(part) or part[at] != digest:
            part.insert(at, digest)
