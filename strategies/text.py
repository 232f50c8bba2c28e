"""Text for patterns, constructed from the characters that they admit or exclude.

Valid text uses only characters whose general category is the same in every Unicode version since 3.2;
invalid text only characters that are outside the pattern in every one of them. Lengths are in code
points (Smithy 2.0, length trait: "number of Unicode scalar values").
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract.characters import (
    CATEGORIES,
    NONCHARACTERS,
    SURROGATES,
    CodePoints,
    category,
    stable,
)
from tunnelspec.contract.patterns import Pattern

#: Spread over each category: how many of its characters a search draws from.
_OF_EACH = 16
#: What a text without a pattern consists of.
PRINTABLE = r"^[^\p{C}]*$"
#: Where a pattern sets no upper bound, texts are rarely longer than this.
_USUAL = 24
#: Twins under normalisation, letters that change length in case mapping, joiners of scripts, marks
#: and right-to-left letters: where echoes and comparisons go wrong. Those a pattern excludes fall out.
NOTABLE = (
    "\u00e9\u00df\u0130\u0131\u0149\u01c5\ufb01\u00c5\u212b\u03a9\u2126\u212a\u017f\u0663\u096b\u2167\u00b2\u00bd"
    "\u00a0\u2003\u3000\u2028\u05d0\u05e2\u0628\u0645\u0e04\u093f\u4e2d\ud55c\U00010400\U0001d518\U00020000"
)


def text_matching(pattern: str, min_length: int = 0, max_length: int | None = None) -> SearchStrategy[str]:
    """Texts that match an ECMA-262 `u` pattern and have a length within the bounds, inclusive.

    Raises ContractError for a pattern that cannot be read, ValueError where no text is possible.
    """
    compiled = Pattern(pattern)
    block = compiled.block
    if block is None:
        choices = [
            st.tuples(*(_repeated(valid_characters(b.characters), b.low, b.high) for b in sequence)).map("".join)
            for sequence in compiled.syntax.choices
        ]
        return st.one_of(choices)
    low = max(min_length, block.low)
    bounds = [bound for bound in (max_length, block.high) if bound is not None]
    high = min(bounds) if bounds else None
    if high is not None and high < low:
        raise ValueError(f"no text has at least {low} and at most {high} characters")
    return _repeated(valid_characters(block.characters), low, high)


def text_violating(pattern: str, min_length: int = 1, max_length: int | None = None) -> SearchStrategy[str]:
    """Texts of a length within the bounds that hold a character which the pattern never admits."""
    compiled = Pattern(pattern)
    wrong = st.sampled_from(invalid_characters(compiled.alphabet))
    low, high = compiled.lengths
    bounds = [bound for bound in (max_length, high) if bound is not None]
    most = max(1, min(bounds)) if bounds else None
    filling = valid_characters(compiled.alphabet)
    around = _repeated(filling, max(0, min_length - 1, low - 1), None if most is None else most - 1)
    return st.tuples(around, wrong, st.integers(0, 3)).map(_inserted)


def _inserted(drawn: tuple[str, str, int]) -> str:
    around, wrong, where = drawn
    at = {0: len(around), 1: 0}.get(where, len(around) // 2)
    return around[:at] + wrong + around[at:]


def _repeated(characters: tuple[str, ...], low: int, high: int | None) -> SearchStrategy[str]:
    """Texts of these characters: mostly short, sometimes at an edge of the length."""
    if high == 0 or not characters:
        return st.just("")
    usual = st.text(
        st.sampled_from(characters),
        min_size=min(low, _USUAL),
        max_size=_USUAL if high is None else min(high, max(low, _USUAL)),
    ).map(lambda text: _to_length(text, low, characters))
    edges = sorted({low, low + 1, *(() if high is None else (high, max(low, high - 1)))})
    edges = [edge for edge in edges if high is None or edge <= high]
    # A few drawn characters, repeated to the length: long texts for the price of short ones.
    unit = st.text(st.sampled_from(characters), min_size=1, max_size=3)
    edge = st.tuples(unit, st.sampled_from(edges)).map(lambda d: _to_length(d[0], d[1], None))
    return st.one_of(usual, usual, usual, edge)


def _to_length(text: str, length: int, characters: tuple[str, ...] | None) -> str:
    if characters is not None:
        return text if len(text) >= length else (text or characters[0]) * length
    return (text * (length // len(text) + 1))[:length]


@cache
def valid_characters(admitted: CodePoints) -> tuple[str, ...]:
    """Characters to draw from, plain ones first (towards which Hypothesis shrinks)."""
    sure = admitted & (stable() - SURROGATES - NONCHARACTERS)
    plain = [c for c in "a0bAZz19" if c in sure]
    notable = [c for c in NOTABLE if c in sure]
    spread = [char for name in CATEGORIES for char in representatives(sure & category(name), _OF_EACH)]
    return tuple(dict.fromkeys([*plain, *notable, *spread]))


@cache
def invalid_characters(admitted: CodePoints) -> tuple[str, ...]:
    """Characters that no version of Unicode puts into the set, spread over all categories.

    Surrogates are out: whether half a pair is refused or replaced is open.
    """
    sure = (stable() - admitted) - SURROGATES
    notable = [c for c in "\n\0\t\x7f\x85\u00ad\u200d\u202e\ufeff\u0301\uffff" if c in sure]
    spread = [char for name in CATEGORIES for char in representatives(sure & category(name), _OF_EACH)]
    return tuple(dict.fromkeys([*notable, *spread]))


def representatives(characters: CodePoints, count: int) -> list[str]:
    """Up to `count` characters spread evenly over a set, its first and last among them."""
    size = len(characters)
    if size <= count:
        return list(characters)
    return [characters[index * (size - 1) // (count - 1)] for index in range(count)]
