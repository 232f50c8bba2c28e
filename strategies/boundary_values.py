"""The values on each edge of a constraint and one step inside or outside it, by the names of the variants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from zlib import crc32

from tunnelspec.contract import Constraint, Member
from tunnelspec.contract.characters import category_of
from tunnelspec.contract.minimal import ABSENT, distinct, minimal, plain_text
from tunnelspec.contract.patterns import Pattern

from .alphabets import beyond_the_basic_plane
from .breaking import wrong_types
from .classes import admitted, excluded, is_ascii

#: What JSON, URLs, HTML and shells treat specially: an error may repeat it as it is.
_SIGNS = '"\\%<&|'
#: A class may be written with one of these too many: all of ASCII, and what folds to a letter of it.
_NEAR = "".join(map(chr, (*range(0x21, 0x7F), *range(0x20), 0x7F, 0x17F, 0x212A)))
#: Three code points that are shown as one syllable.
_JAMO = "\u1112\u1161\u11ab"


def values(row: Constraint, *, whole: bool) -> Iterator[tuple[str, object]]:
    """The variants of a constraint with the value that each gives to the member."""
    match row.keyword:
        case "type":
            yield from _types(row)
        case "required":
            yield "absent", ABSENT
            yield "null", None
        case "enum":
            for value in row.bound:
                yield f"is-{value}", value
            yield "unknown", f"{row.bound[0]}X"
            yield "prefix", row.bound[0][:-1]
            yield "lower-case", row.bound[0].lower()
            yield "space-at-the-start", " " + row.bound[0]
            yield "newline-at-the-end", row.bound[0] + "\n"
            yield "empty", ""
            # A map that is an object of JavaScript has it.
            yield "constructor", "constructor"
        case "minLength" | "maxLength":
            yield from _lengths(row)
        case "minimum" | "maximum":
            yield from _numbers(row)
        case "minItems" | "maxItems":
            yield from _sizes(row)
        case "pattern":
            yield from _pattern(row, whole=whole)


def _types(row: Constraint) -> Iterator[tuple[str, object]]:
    member = row.member
    for name, value in wrong_types(row.bound).items():
        yield f"as-{name}", value
    if member.identifies is None or row.path.endswith("[]"):
        # Null for a required member is a case of `required`.
        yield "null", None
    match row.bound:
        case "integer":
            low = 1 if member.minimum is None else member.minimum
            yield "fraction", low + 0.5
            yield "exponent", float(low)
            yield "as-digits", str(low)
            yield "as-empty-text", ""
        case "boolean":
            for value in member.enum or (True, False):
                yield f"is-{str(value).lower()}", value
            yield "as-true", "true"
            yield "as-one", 1
        case "object":
            yield "plain", minimal(member)
    yield from _wrapped(member)


def _wrapped(member: Member) -> Iterator[tuple[str, object]]:
    """A valid value in one layer more or fewer, which a parser that is too lenient converts back."""
    if member.type == "array":
        yield "as-element", minimal(member.element)
        yield "as-object-of-one", {"0": minimal(member.element)}
        yield "as-json-text", json.dumps([minimal(member.element, live=False)])
        return
    yield "as-list-of-one", [minimal(member)]
    if member.type == "object":
        yield "as-json-text", json.dumps(minimal(member, live=False))


def _lengths(row: Constraint) -> Iterator[tuple[str, str]]:
    member, bound = row.member, row.bound
    if row.keyword == "minLength":
        yield "at", plain_text(member, bound)
        if bound > 0:
            yield "below", plain_text(member, bound - 1)
        return
    yield "inside", plain_text(member, bound - 1)
    yield "at", plain_text(member, bound)
    yield "above", plain_text(member, bound + 1)
    if member.pattern is not None and " " in member.pattern.alphabet:
        # A parser that trims counts one less.
        yield "space-above", plain_text(member, bound) + " "
    astral = beyond_the_basic_plane(member)
    if astral:
        # Code points and UTF-16 units agree that this fits, and then disagree.
        yield "astral-inside", astral * (bound // 2)
        yield "astral-at", astral * bound
        yield "astral-above", astral * (bound + 1)
    yield from _clusters("clusters-above", member, bound + 1)


def _clusters(name: str, member: Member, length: int) -> Iterator[tuple[str, str]]:
    """A text of so many code points that is a third as long for those who count what a reader sees as one."""
    if member.pattern is not None and all(char in member.pattern.alphabet for char in _JAMO):
        yield name, (_JAMO * length)[:length]


def _numbers(row: Constraint) -> Iterator[tuple[str, object]]:
    bound = row.bound
    if row.keyword == "minimum":
        yield "at", bound
        yield "inside", bound + 1
        yield "below", bound - 1
        yield "far-below", bound - 1000
        if bound > 0:
            yield "negative", -bound
        return
    yield "inside", bound - 1
    yield "at", bound
    yield "above", bound + 1
    yield "far-above", bound * 1000
    yield "above-as-float", bound + 1.0
    yield "beyond-32-bits", 2**31
    yield "beyond-64-bits", 2**63
    # What is left of it in so many bits is a valid value.
    for bits in (32, 64):
        yield f"around-{bits}-bits", 2**bits + (1 if row.member.minimum is None else row.member.minimum)


def _sizes(row: Constraint) -> Iterator[tuple[str, list[object]]]:
    def of(count: int) -> list[object]:
        return [distinct(row.member.element, number) for number in range(count)]

    bound = row.bound
    if row.keyword == "minItems":
        yield "at", of(bound)
        if bound > 0:
            yield "below", of(bound - 1)
        return
    for unspecified in row.member.unspecified:
        if 1 < (unspecified.from_items or 0) <= bound:
            yield "before-open", of((unspecified.from_items or 0) - 1)
    yield "inside", of(bound - 1)
    yield "at", of(bound)
    yield "above", of(bound + 1)


def _pattern(row: Constraint, *, whole: bool) -> Iterator[tuple[str, object]]:
    member, pattern = row.member, Pattern(row.bound)
    low, high = pattern.lengths
    high_bound, low_bound = member.max_length, member.min_length or 0
    if high is not None and (high_bound is None or high < high_bound):
        yield "longest-inside", plain_text(member, high - 1)
        yield "longest", plain_text(member, high)
        yield "longer", plain_text(member, high + 1)
        astral = beyond_the_basic_plane(member)
        if astral:
            yield "longest-astral", astral * high
            yield "longer-astral", astral * (high + 1)
        yield from _clusters("clusters-longer", member, high + 1)
    if low > low_bound:
        yield "shortest", plain_text(member, low)
        yield "shorter", plain_text(member, low - 1)
    room = max(1, low, low_bound)
    fill = plain_text(member, room)
    if "\n" not in pattern.alphabet:
        yield "newline-at-the-end", fill + "\n"
        yield "newline-at-the-start", "\n" + fill
    if whole and "\ufeff" not in pattern.alphabet and not is_ascii(pattern):
        yield "excludes-Cf-U+FEFF-at-the-start", "\ufeff" + fill
    outside = excluded(pattern, whole=whole)
    for number, char in enumerate(outside):
        name = f"excludes-{_name(char)}"
        yield name, fill + char + fill
        if number == 0:
            yield f"{name}-alone", char * room
    for char in _NEAR if whole else "":
        if char not in pattern.alphabet and char not in outside:
            yield f"near-U+{ord(char):04X}", fill + char + fill
    if not whole and (signs := [sign for sign in _SIGNS if sign not in pattern.alphabet]):
        # A validator of this member's own may know that control characters are none of the pattern's, and no more.
        sign = signs[crc32(row.name.encode()) % len(signs)]
        yield f"sign-U+{ord(sign):04X}", fill + sign + fill
    for char in admitted(pattern, whole=whole):
        yield f"admits-{_name(char)}", fill + char + fill
    yield "half-a-surrogate-pair", fill + "\ud800"


def _name(char: str) -> str:
    return f"{category_of(char)}-U+{ord(char):04X}"
