"""Every constraint on each edge and one step inside or outside it: a finite list of exact cases.

The long sweep over Unicode's general categories is made once for each shape, on the first member that
has it; other members of the same shape get the cases that tell whether the pattern is enforced at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tunnelspec.contract import Constraint, Contract, classify
from tunnelspec.contract.characters import CATEGORIES, SURROGATES, category, stable
from tunnelspec.contract.minimal import ABSENT, distinct, minimal, plain_text, with_value_at
from tunnelspec.contract.patterns import Pattern
from tunnelspec.exchange import Request

from . import opened
from .text import invalid_characters, valid_characters
from .violations import wrong_types


class Kind(StrEnum):
    """What a case shows: whether a constraint is enforced at all, its exact bound, or one category of Unicode."""

    ENFORCEMENT = "enforcement"
    BOUND = "bound"
    UNICODE = "unicode"


#: One step outside a bound and the bound itself, nothing at all, and what a lenient match accepts.
_ENFORCEMENT = frozenset(
    {"above", "below", "longer", "shorter", "at", "absent", "unknown", "newline-at-the-end", "as-digits"}
)


@dataclass(frozen=True, slots=True)
class BoundaryCase:
    """A named request, the sentence that it tests, and the constraint that it is about."""

    name: str
    request: Request
    sentence: str
    constraint: str | None
    kind: Kind = Kind.BOUND


def cases(contract: Contract, operation: str | None = None) -> list[BoundaryCase]:
    """The cases of one operation, or of all, in the order of the constraints.

    Names are `validation/<Operation>/<path>/<keyword>/<variant>`, unique and stable.
    """
    found: list[BoundaryCase] = []
    swept: set[tuple[str, str]] = set()
    for row in contract.constraints:
        key = (row.shape, str(row.bound))
        if row.keyword == "pattern" and _is_ascii(Pattern(row.bound)):
            # A pattern in plain ASCII is enforced alike wherever it stands.
            key = ("", str(row.bound))
        whole = key not in swept
        if row.keyword == "pattern":
            swept.add(key)
        if operation is None or row.operation == operation:
            for variant, value in _values(row, whole=whole):
                found.append(_case(contract, row, variant, value))
            if row.keyword == "type" and row.path.endswith("[]"):
                found.append(_second(contract, row))
    for name in contract.operations:
        if operation is None or name == operation:
            found += _unknown_resources(contract, name)
            found += [
                BoundaryCase(f"validation/{name}/{where}", request, why, None)
                for where, request, why in opened.requests(contract, name)
            ]
    return found


def _case(contract: Contract, row: Constraint, variant: str, value: Any) -> BoundaryCase:
    body = with_value_at(contract.operations[row.operation].input, row.path, value)
    verdict = classify(contract, row.operation, body)
    breaks = tuple(sorted(verdict.breaks, key=lambda name: name != row.name))
    request = Request(row.operation, body, verdict.situation, breaks)
    return BoundaryCase(f"validation/{row.name}/{variant}", request, row.sentence, row.name, _kind(row, variant))


def _kind(row: Constraint, variant: str) -> Kind:
    """A type is enforced if the first wrong one is rejected."""
    first_type = f"as-{next(iter(wrong_types(row.bound)))}" if row.keyword == "type" else ""
    if variant in (*_ENFORCEMENT, first_type):
        return Kind.ENFORCEMENT
    return Kind.UNICODE if variant.startswith(("excludes-", "admits-")) else Kind.BOUND


def _second(contract: Contract, row: Constraint) -> BoundaryCase:
    """A list whose first element is right and whose second has the wrong type."""
    name, value = next(iter(wrong_types(row.bound).items()))
    elements = [distinct(row.schema, 0), value]
    body = with_value_at(contract.operations[row.operation].input, row.path.removesuffix("[]"), elements)
    verdict = classify(contract, row.operation, body)
    request = Request(row.operation, body, verdict.situation, verdict.breaks)
    return BoundaryCase(f"validation/{row.name}/second-as-{name}", request, row.sentence, row.name)


def _unknown_resources(contract: Contract, operation: str) -> Iterator[BoundaryCase]:
    """An identifier that is well formed and names nothing."""
    for row in contract.constraints:
        if row.operation == operation and row.keyword == "type" and "x-identifies" in row.schema:
            value = minimal(row.schema, live=False)
            body = with_value_at(contract.operations[operation].input, row.path, value)
            verdict = classify(contract, operation, body)
            requirement = contract.situations[verdict.situation].requirement
            yield BoundaryCase(
                f"validation/{operation}/{row.path}/exists/unknown",
                Request(operation, body, verdict.situation, verdict.breaks),
                requirement,
                None,
                Kind.ENFORCEMENT,
            )


def _values(row: Constraint, *, whole: bool) -> Iterator[tuple[str, Any]]:
    """The variants of a constraint with the value that each gives to the member."""
    schema, bound = row.schema, row.bound
    match row.keyword:
        case "type":
            yield from _types(row)
        case "required":
            yield "absent", ABSENT
            yield "null", None
        case "enum":
            for value in bound:
                yield f"is-{value}", value
            yield "unknown", f"{bound[0]}X"
            yield "lower-case", bound[0].lower()
            yield "empty", ""
        case "minLength":
            yield "at", plain_text(schema, bound)
            if bound > 0:
                yield "below", plain_text(schema, bound - 1)
        case "maxLength":
            yield "inside", plain_text(schema, bound - 1)
            yield "at", plain_text(schema, bound)
            yield "above", plain_text(schema, bound + 1)
            astral = _astral(schema)
            if astral:
                half = bound // 2
                # Code points and UTF-16 units agree that this fits, and then disagree.
                yield "astral-inside", astral * half
                yield "astral-at", astral * bound
                yield "astral-above", astral * (bound + 1)
        case "minimum":
            yield "at", bound
            yield "inside", bound + 1
            yield "below", bound - 1
            yield "far-below", bound - 1000
        case "maximum":
            yield "inside", bound - 1
            yield "at", bound
            yield "above", bound + 1
            yield "far-above", bound * 1000
            yield "beyond-32-bits", 2**31
            yield "beyond-64-bits", 2**63
            # What is left of it in 32 bits is a valid value.
            yield "around-32-bits", 2**32 + schema.get("minimum", 1)
        case "minItems":
            yield "at", _items(row, bound)
            if bound > 0:
                yield "below", _items(row, bound - 1)
        case "maxItems":
            for zone in schema.get("x-open", ()):
                least_open = zone.get("when", {}).get("minItems", 0)
                if 1 < least_open <= bound:
                    yield "before-open", _items(row, least_open - 1)
            yield "inside", _items(row, bound - 1)
            yield "at", _items(row, bound)
            yield "above", _items(row, bound + 1)
        case "pattern":
            yield from _pattern(row, whole=whole)


def _items(row: Constraint, count: int) -> list[Any]:
    return [distinct(row.schema["items"], number) for number in range(count)]


def _types(row: Constraint) -> Iterator[tuple[str, Any]]:
    for name, value in wrong_types(row.bound).items():
        yield f"as-{name}", value
    if not row.schema.get("x-identifies") or row.path.endswith("[]"):
        # Null for a required member is the business of `required`.
        yield "null", None
    if row.bound == "integer":
        low = row.schema.get("minimum", 1)
        yield "fraction", low + 0.5
        yield "exponent", float(low)
        yield "as-digits", str(low)
    if row.bound == "boolean":
        for value in row.schema.get("enum", (True, False)):
            yield f"is-{str(value).lower()}", value
        yield "as-true", "true"
        yield "as-one", 1
    if row.bound == "object":
        yield "plain", minimal(row.schema)


def _pattern(row: Constraint, *, whole: bool) -> Iterator[tuple[str, Any]]:
    schema = row.schema
    pattern = Pattern(row.bound)
    low, high = pattern.lengths
    high_bound, low_bound = schema.get("maxLength"), schema.get("minLength", 0)
    if high is not None and (high_bound is None or high < high_bound):
        yield "longest-inside", plain_text(schema, high - 1)
        yield "longest", plain_text(schema, high)
        yield "longer", plain_text(schema, high + 1)
        astral = _astral(schema)
        if astral:
            yield "longest-astral", astral * high
            yield "longer-astral", astral * (high + 1)
    if low > low_bound:
        yield "shortest", plain_text(schema, low)
        yield "shorter", plain_text(schema, low - 1)
    room = max(1, low, low_bound)
    fill = plain_text(schema, room)
    if "\n" not in pattern.alphabet:
        yield "newline-at-the-end", fill + "\n"
        yield "newline-at-the-start", "\n" + fill
    for number, char in enumerate(_excluded(pattern, whole=whole)):
        name = f"excludes-{_name(char)}"
        yield name, fill + char + fill
        if number == 0:
            yield f"{name}-alone", char * room
    for char in _admitted(pattern, whole=whole):
        yield f"admits-{_name(char)}", fill + char + fill
    yield "half-a-surrogate-pair", fill + "\ud800"


def _name(char: str) -> str:
    found = next(name for name in CATEGORIES if char in category(name))
    return f"{found}-U+{ord(char):04X}"


#: Characters that careless implementations let through: controls, joiners, marks, bidi overrides.
_TELLING_WRONG = "\x00\t\x7f\x85\u00ad\u0301\u200d\u2028\u202e\ufeff\uffff %.,;é٣\U0001f44d"


def _excluded(pattern: Pattern, *, whole: bool) -> list[str]:
    sure = (stable() - pattern.alphabet) - SURROGATES
    telling = [char for char in _TELLING_WRONG if char in sure and char != "\n"]
    if not whole:
        return telling[:3]
    chars = invalid_characters(pattern.alphabet)
    each = [next((c for c in chars if c in category(name) and c != "\n"), None) for name in CATEGORIES]
    found = list(dict.fromkeys([*telling, *(c for c in each if c is not None)]))
    if _is_ascii(pattern):
        # Names no category, so one character beyond ASCII of each kind of blunder will do.
        found = [c for c in found if c.isascii() or c in telling or unicodedata.category(c) in ("Lo", "No")]
    return found


def _is_ascii(pattern: Pattern) -> bool:
    ranges = pattern.alphabet.ranges
    return bool(ranges) and all(high < 0x80 for _, high in ranges)


def _admitted(pattern: Pattern, *, whole: bool) -> list[str]:
    chars = valid_characters(pattern.alphabet)
    found: list[str] = []
    for name in CATEGORIES:
        inside = category(name)
        of_name = [c for c in chars if c in inside]
        # One from the middle of the category, one beyond the basic plane.
        found += of_name[len(of_name) // 2 : len(of_name) // 2 + 1]
        found += [c for c in of_name if c > "\uffff"][:1]
    if not whole:
        found = [c for c in found if not c.isascii()][:2] + [c for c in found if c > "\uffff"][:1]
    if _is_ascii(pattern):
        found += [c for c in pattern.alphabet if not c.isalnum()] if whole else []
    return list(dict.fromkeys(found))


def _astral(schema: Any) -> str | None:
    if "pattern" not in schema:
        return None
    chars = valid_characters(Pattern(schema["pattern"]).alphabet)
    return next((c for c in chars if c > "\uffff"), None)
