"""Characters that a set surely holds, or surely does not, in every version of Unicode since 3.2."""

from __future__ import annotations

from functools import cache
from unicodedata import is_normalized

from tunnelspec.contract import Member
from tunnelspec.contract.characters import CATEGORIES, NONCHARACTERS, SURROGATES, CodePoints, category, stable

#: Spread over each category: how many of its characters a search draws from.
_OF_EACH = 16
#: Twins under normalisation, letters that change length in case mapping, joiners of scripts, marks
#: and right-to-left letters: where echoes and comparisons go wrong. Those a pattern excludes fall out.
NOTABLE = (
    "\u00e9\u00df\u0130\u0131\u0149\u01c5\ufb01\u00c5\u212b\u03a9\u2126\u212a\u017f\u0663\u096b\u2167\u00b2\u00bd"
    "\u00a0\u2003\u3000\u2028\u05d0\u05e2\u0628\u0645\u0e04\u093f\u4e2d\ud55c\U00010400\U0001d518\U00020000"
)


@cache
def surely_in(admitted: CodePoints) -> CodePoints:
    """The characters of a set that are the same in every version of Unicode and can be sent as text."""
    return admitted & (stable() - SURROGATES - NONCHARACTERS)


@cache
def surely_outside(admitted: CodePoints) -> CodePoints:
    """The characters that no version of Unicode puts into the set.

    Surrogates are out: whether half a pair is refused or replaced is open.
    """
    return (stable() - admitted) - SURROGATES


@cache
def valid_characters(admitted: CodePoints) -> tuple[str, ...]:
    """Characters to draw from, plain ones first (towards which Hypothesis shrinks)."""
    sure = surely_in(admitted)
    plain = [c for c in "a0bAZz19" if c in sure]
    notable = [c for c in NOTABLE if c in sure]
    spread = [char for name in CATEGORIES for char in representatives(sure & category(name), _OF_EACH)]
    return tuple(dict.fromkeys([*plain, *notable, *spread]))


@cache
def invalid_characters(admitted: CodePoints) -> tuple[str, ...]:
    """Characters outside the set (`surely_outside`), spread over all categories."""
    sure = surely_outside(admitted)
    notable = [c for c in "\n\0\t\x7f\x85\u00ad\u200d\u202e\ufeff\u0301\uffff" if c in sure]
    spread = [char for name in CATEGORIES for char in representatives(sure & category(name), _OF_EACH)]
    return tuple(dict.fromkeys([*notable, *spread]))


def representatives(characters: CodePoints, count: int) -> list[str]:
    """Up to `count` characters spread evenly over a set, its first and last among them."""
    size = len(characters)
    if size <= count:
        return list(characters)
    return [characters[index * (size - 1) // (count - 1)] for index in range(count)]


def beyond_the_basic_plane(member: Member) -> str | None:
    """A character beyond the basic plane that the member's pattern admits, or None."""
    chars = () if member.pattern is None else valid_characters(member.pattern.alphabet)
    return next((char for char in chars if char > "\uffff"), None)


def longest_text(member: Member, end: str = "", otherwise: int = 1024) -> str:
    """The longest text that a member admits, or one of `otherwise` code points, in its widest character but for this
    end."""
    return end.rjust(member.longest or otherwise, widest(member))


def widest(member: Member) -> str:
    """The character of the basic plane that takes most bytes in UTF-8 and stays the same under normalisation, of those
    that the member's pattern admits.
    """
    chars = ("a",) if member.pattern is None else valid_characters(member.pattern.alphabet)
    usual = (char for char in chars if char <= "\uffff" and is_normalized("NFKC", char))
    return max(usual, key=lambda char: len(char.encode()), default="a")
