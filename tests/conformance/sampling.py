"""Which of the cases that repeat each other run: at quick, a sample that the seed chooses; deeper, all of them.

Names do not depend on it: a case that is left out is there, and not enabled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

#: At quick, one in so many of the cases that test a member's constraint with a character where an equal one was
#: tested elsewhere.
_ONE_IN = 6


@dataclass(frozen=True, slots=True)
class Sampling:
    """What depth and seed decide. `thorough` is every depth but quick."""

    thorough: bool
    seed: int

    def one_of(self, name: str, choices: Sequence[str]) -> frozenset[str]:
        """The choices for which the case of this name is tested: all of them, or at quick one."""
        if self.thorough or not choices:
            return frozenset(choices)
        return frozenset({choices[self._number(name) % len(choices)]})

    def includes(self, name: str) -> bool:
        """Whether a case that repeats others is tested."""
        return self.thorough or self._number(name) % _ONE_IN == 0

    def _number(self, name: str) -> int:
        """A number that depends on the seed and the name alone, and not on the Python that runs."""
        return crc32(f"{self.seed}/{name}".encode())
