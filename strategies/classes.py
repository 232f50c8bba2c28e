"""Characters inside and outside the class of a pattern, of every general category of Unicode."""

from __future__ import annotations

from collections.abc import Iterable

from tunnelspec.contract.characters import CATEGORIES, category_of
from tunnelspec.contract.patterns import Pattern

from .alphabets import invalid_characters, surely_outside, valid_characters

#: Characters that incorrect implementations accept: controls, joiners, marks, bidi overrides.
_OFTEN_ACCEPTED = "\x00\t\x7f\x85\u00ad\u0301\u200d\u2028\u202e\ufeff\uffff %./,;é٣\U0001f44d"


def excluded(pattern: Pattern, *, whole: bool) -> list[str]:
    """Characters outside a pattern: one of every category, or with `whole=False` three that are often accepted."""
    invalid = surely_outside(pattern.alphabet)
    first = [char for char in _OFTEN_ACCEPTED if char in invalid and char != "\n"]
    if not whole:
        return first[:3]
    chars = [char for char in invalid_characters(pattern.alphabet) if char != "\n"]
    categories = _by_category(chars)
    # Some implementations know controls, formats and unassigned characters by their ranges in the basic plane.
    beyond = [char for of_one in categories for char in of_one if char > "\uffff" and category_of(char)[0] == "C"]
    astral = {category_of(char): char for char in beyond}.values()
    characters = list(dict.fromkeys([*first, *(of_one[0] for of_one in categories), *astral]))
    if is_ascii(pattern):
        # Names no category, so one character beyond ASCII of each kind of mistake is enough.
        characters = [c for c in characters if c.isascii() or c in first or category_of(c) in ("Lo", "No")]
    return characters


def is_ascii(pattern: Pattern) -> bool:
    """Whether a pattern admits characters of ASCII only."""
    ranges = pattern.alphabet.ranges
    return bool(ranges) and all(high < 0x80 for _, high in ranges)


def admitted(pattern: Pattern, *, whole: bool) -> list[str]:
    """Characters of a pattern: of every category one from its middle and one beyond the basic plane, or fewer."""
    chars = valid_characters(pattern.alphabet)
    characters: list[str] = []
    for of_one in _by_category(chars):
        # One from the middle of the category, one beyond the basic plane.
        characters.append(of_one[len(of_one) // 2])
        characters += [char for char in of_one if char > "\uffff"][:1]
    if not whole:
        characters = [c for c in characters if not c.isascii()][:2] + [c for c in characters if c > "\uffff"][:1]
    if is_ascii(pattern):
        characters += [c for c in pattern.alphabet if not c.isalnum()] if whole else []
    return list(dict.fromkeys(characters))


def _by_category(chars: Iterable[str]) -> list[list[str]]:
    """The characters of each category that has any, in Unicode's order of categories."""
    by_category: dict[str, list[str]] = {name: [] for name in CATEGORIES}
    for char in chars:
        by_category[category_of(char)].append(char)
    return [of_one for of_one in by_category.values() if of_one]
