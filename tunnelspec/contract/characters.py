"""Sets of Unicode code points, and the ones whose category is the same in every Unicode version since 3.2.

A service runs on some Unicode version that we do not know. A character that is unassigned there is no letter
there, so only characters whose general category has not changed since Unicode 3.2 (2002) are certainly valid or
invalid. `categories.json` holds them, the same for every Python; `unicode_table` writes it.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
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
        gaps, start = [], 0
        for low, high in self.ranges:
            if low > start:
                gaps.append((start, low - 1))
            start = high + 1
        if start <= sys.maxunicode:
            gaps.append((start, sys.maxunicode))
        return CodePoints(tuple(gaps))

    def __and__(self, other: CodePoints) -> CodePoints:
        few, many = sorted((self, other), key=lambda points: len(points.ranges))
        common: list[tuple[int, int]] = []
        for low, high in few.ranges:
            first, last = bisect_right(many._starts, low), bisect_right(many._starts, high)
            if first and many.ranges[first - 1][1] >= low:
                common.append((low, many.ranges[first - 1][1]))
            common += many.ranges[first:last]
            if common and common[-1][1] > high:
                common[-1] = (common[-1][0], high)
        return CodePoints(tuple(common))

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
    points = CodePoints(())
    for char in text:
        points = points | CodePoints(((ord(char), ord(char)),))
    return points


#: Never assigned, in no version: Unicode, chapter 23.7.
NONCHARACTERS = CodePoints(((0xFDD0, 0xFDEF), *((p << 16 | 0xFFFE, p << 16 | 0xFFFF) for p in range(17))))


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """The ranges of each category's stable characters, as text: parsing the few that are used is cheap."""
    text = files("tunnelspec.contract").joinpath("categories.json").read_text(encoding="ascii")
    categories: dict[str, str] = json.loads(text)["categories"]
    return categories


@cache
def category(name: str) -> CodePoints:
    """The stable characters of a general category (`L`, `Lu`, `Letter`), see `stable`. Raises ContractError."""
    short = _LONG_NAMES.get(name, name)
    if short in CATEGORIES:
        return parsed(_table()[short])
    members = [key for key in CATEGORIES if key[0] == short]
    if not members:
        raise ContractError(f"there is no general category '{name}'")
    return _union(category(key) for key in members)


@cache
def category_of(char: str) -> str:
    """The two letters of a stable character's category. Raises KeyError for any other character."""
    for name in CATEGORIES:
        if char in category(name):
            return name
    raise KeyError(char)


@lru_cache(maxsize=1)
def stable() -> CodePoints:
    """Characters whose category is the same in every Unicode version since 3.2, noncharacters, and the soft hyphen."""
    return _union(category(name) for name in CATEGORIES)


def _union(sets: Iterable[CodePoints]) -> CodePoints:
    return CodePoints(()) | CodePoints(tuple(one for found in sets for one in found.ranges))


def parsed(text: str) -> CodePoints:
    """The set that a line of `categories.json` lists: hexadecimal ranges, sorted and disjoint."""
    return CodePoints(tuple(map(_range, text.split())))


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low, 16), int(high or low, 16)
