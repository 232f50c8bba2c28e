"""Sets of Unicode code points, and which of them mean the same in every Unicode version since 3.2.

A service runs on some Unicode version that we do not know. What was unassigned in it is no letter
there, so only characters whose general category has not changed since Unicode 3.2 (2002) can be
called valid or invalid for certain; Python carries that version's table as `ucd_3_2_0`.
"""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate

from tunnelspec.contract.errors import ContractError


@dataclass(frozen=True)
class CodePoints:
    """A set of code points as sorted, disjoint, inclusive ranges."""

    ranges: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return self._ends[-1] if self.ranges else 0

    def __contains__(self, char: str) -> bool:
        point = ord(char)
        at = bisect_right(self._starts, point) - 1
        return at >= 0 and point <= self.ranges[at][1]

    def __getitem__(self, index: int) -> str:
        """The character at this place in code point order. Raises IndexError."""
        at = bisect_right(self._ends, index)
        if index < 0 or at >= len(self.ranges):
            raise IndexError(index)
        _low, high = self.ranges[at]
        return chr(high - (self._ends[at] - 1 - index))

    def __iter__(self) -> Iterator[str]:
        for low, high in self.ranges:
            yield from map(chr, range(low, high + 1))

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(high - low + 1 for low, high in self.ranges))

    @cached_property
    def _starts(self) -> list[int]:
        return [low for low, _ in self.ranges]

    def __or__(self, other: CodePoints) -> CodePoints:
        merged: list[tuple[int, int]] = []
        for low, high in sorted(self.ranges + other.ranges):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return CodePoints(tuple(merged))

    def __invert__(self) -> CodePoints:
        found, start = [], 0
        for low, high in self.ranges:
            if low > start:
                found.append((start, low - 1))
            start = high + 1
        if start <= sys.maxunicode:
            found.append((start, sys.maxunicode))
        return CodePoints(tuple(found))

    def __and__(self, other: CodePoints) -> CodePoints:
        found, left, right = [], 0, 0
        while left < len(self.ranges) and right < len(other.ranges):
            low = max(self.ranges[left][0], other.ranges[right][0])
            high = min(self.ranges[left][1], other.ranges[right][1])
            if low <= high:
                found.append((low, high))
            if self.ranges[left][1] < other.ranges[right][1]:
                left += 1
            else:
                right += 1
        return CodePoints(tuple(found))

    def __sub__(self, other: CodePoints) -> CodePoints:
        return self & ~other


EVERY = CodePoints(((0, sys.maxunicode),))
SURROGATES = CodePoints(((0xD800, 0xDFFF),))
#: Categories by their two letters, in Unicode's order.
CATEGORIES = (
    *("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No"),
    *("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"),
    *("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"),
)
_LONG_NAMES = {
    "Letter": "L",
    "Mark": "M",
    "Number": "N",
    "Punctuation": "P",
    "Symbol": "S",
    "Separator": "Z",
    "Other": "C",
}


def code_points(text: str) -> CodePoints:
    """The set of the characters in a text."""
    found = CodePoints(())
    for char in text:
        found = found | CodePoints(((ord(char), ord(char)),))
    return found


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, CodePoints], CodePoints]:
    """Every category's code points now, and the code points whose category is that of Unicode 3.2.

    Planes 3 to 13 hold no assigned character that Unicode 3.2 knew, and none now in planes 4 to 13;
    they are skipped, which makes this ten times as fast.
    """
    now, then = unicodedata.category, unicodedata.ucd_3_2_0.category
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in CATEGORIES}
    stable: list[tuple[int, int]] = []
    for low, high in ((0, 0x3FFFF), (0xE0000, 0xE0FFF)):
        start, current = low, now(chr(low))
        fixed = -1
        for point in range(low, high + 1):
            char = chr(point)
            is_now = now(char)
            if is_now != current:
                found[current].append((start, point - 1))
                start, current = point, is_now
            if is_now != "Cn" and is_now == then(char):
                if fixed < 0:
                    fixed = point
            elif fixed >= 0:
                stable.append((fixed, point - 1))
                fixed = -1
        found[current].append((start, high))
        if fixed >= 0:
            stable.append((fixed, high))
    found["Cn"] += [(0x40000, 0xDFFFF), (0xE1000, 0xEFFFF)]
    found["Co"] += [(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)]
    found["Cn"] += [(0xFFFFE, 0xFFFFF), (0x10FFFE, 0x10FFFF)]
    stable += [(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)]
    sets = {name: CodePoints(()) | CodePoints(tuple(ranges)) for name, ranges in found.items()}
    return sets, CodePoints(()) | CodePoints(tuple(stable)) | NONCHARACTERS


#: Never assigned, in no version: Unicode, chapter 23.7.
NONCHARACTERS = CodePoints(((0xFDD0, 0xFDEF), *((p << 16 | 0xFFFE, p << 16 | 0xFFFF) for p in range(17))))


@cache
def category(name: str) -> CodePoints:
    """The code points of a general category (`L`, `Lu`, `Letter`). Raises ContractError."""
    short = _LONG_NAMES.get(name, name)
    sets, _ = _tables()
    members = [key for key in CATEGORIES if key == short or key[0] == short]
    if not members:
        raise ContractError(f"There is no general category '{name}'.")
    found = CodePoints(())
    for key in members:
        found = found | sets[key]
    return found


@lru_cache(maxsize=1)
def stable() -> CodePoints:
    """Characters whose category is the same in every Unicode version since 3.2, and noncharacters.

    U+180E and U+200B are out: they were spaces once.
    """
    return _tables()[1] - code_points("\u180e\u200b")
