"""Every constraint on each edge and one step inside or outside it: a finite list of exact cases.

The long sweep over Unicode's general categories runs once for each shape, on the first member that has it;
other members of the same shape get the cases that show whether the pattern is enforced at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tunnelspec.contract import Constraint, Contract, Member, request_of
from tunnelspec.contract.document import Operation
from tunnelspec.contract.minimal import distinct, minimal, plain_text, with_value_at
from tunnelspec.contract.patterns import Pattern
from tunnelspec.exchange import Request

from . import beside, literals, misnamed
from .boundary_values import values
from .breaking import request, wrong_types
from .classes import is_ascii

#: More violations than some error messages have room for.
_MANY_VIOLATIONS = 12
#: In names of cases, the path of a request body as a whole.
_BODY = "input"


class VariantKind(StrEnum):
    """What a case shows: whether a constraint is enforced at all, its exact bound, one category of Unicode, one sign
    outside a pattern that another member shares, or what another case shows of an equal pattern."""

    ENFORCEMENT = "enforcement"
    BOUND = "bound"
    UNICODE = "unicode"
    SIGN = "sign"
    REPEATED = "repeated"


#: One step outside a bound and the bound itself, nothing at all, and what a lenient match accepts.
_ENFORCEMENT = frozenset(
    {"above", "below", "longer", "shorter", "at", "absent", "unknown", "newline-at-the-end", "as-digits"}
)
#: Variants that show what a server does with a shape: its types, what it trims, the characters that it knows by name …
_OF_SHAPE = ("as-", "space-", "clusters-", "excludes-So-")
#: … and with an alphabet.
_OF_ALPHABET = ("half-a-surrogate-pair", "excludes-", "admits-")
#: One step inside the greatest length, size or number: the bound itself shows more.
_INSIDE = frozenset({"inside", "longest-inside"})


@dataclass(frozen=True, slots=True)
class BoundaryCase:
    """A named request, the sentence that it tests, and the name of the constraint that it is about."""

    name: str
    request: Request
    sentence: str
    constraint: str | None
    kind: VariantKind = VariantKind.BOUND


def cases(contract: Contract, operation: str | None = None) -> list[BoundaryCase]:
    """The cases of one operation, or of all, in the order of the constraints.

    Names are `validation/<Operation>/<path>/<keyword>/<variant>`, unique and stable.
    """
    return [case for case in _cases(contract) if operation in (None, case.request.operation)]


@lru_cache(maxsize=8)  # a suite asks for them several times
def _cases(contract: Contract) -> list[BoundaryCase]:
    cases_of_row: list[BoundaryCase] = []
    swept: set[tuple[str, str]] = set()
    tested: set[str] = set()
    for row in contract.constraints:
        key = _shape(row)
        whole = key not in swept
        if row.keyword == "pattern":
            swept.add(key)
        cases_of_row += [_case(contract, row, *variant, tested=tested) for variant in values(row, whole=whole)]
        if "[]" in row.path and row.keyword in ("type", "pattern", "maxLength"):
            cases_of_row += _second(contract, row)
        if row.keyword == "pattern":
            # What a pattern in plain ASCII admits, it is likely to admit wherever it stands.
            group = _group(row, _OF_ALPHABET)
            cases_of_row += _literals(contract, row, repeated=not whole or (group == "ASCII" and group in tested))
        tested |= {_group(row, _OF_SHAPE), _group(row, _OF_ALPHABET)}
    known: set[str] = set()
    for name, called in contract.operations.items():
        cases_of_row += _unknown_resources(contract, name, called.input)
        cases_of_row += _unspecified(contract, name, called.input, known)
        cases_of_row += _beside_others(contract, called)
        cases_of_row += _misnamed(contract, name, called.input)
    return cases_of_row


def _shape(row: Constraint) -> tuple[str, str]:
    """A key that equal constraints share; one of them is tested in full."""
    return (row.shape, str(row.bound))


def _group(row: Constraint, of: tuple[str, ...]) -> str:
    """The group of a constraint, by shape or alphabet; only the first of a group gets these variants."""
    if of is _OF_SHAPE and row.shape:
        return f"{row.keyword} {row.shape}"
    if of is _OF_ALPHABET and row.keyword == "pattern":
        pattern = Pattern(row.bound)
        return "ASCII" if is_ascii(pattern) else repr(pattern.alphabet.ranges)
    return row.name


def _case(contract: Contract, row: Constraint, variant: str, value: object, *, tested: Collection[str]) -> BoundaryCase:
    body = with_value_at(contract.operations[row.operation].input, row.path, value)
    kind = _kind(row, variant)
    # The characters that a pattern admits share requests, see `literals`.
    is_shown = variant.startswith("admits-") or (variant in _INSIDE and row.keyword != "minimum")
    # A list of lists may be flattened, whatever is done to a list in the place of a text elsewhere.
    may_flatten = variant == "as-list-of-one" and row.path.endswith("[]")
    of = next((of for of in (_OF_SHAPE, _OF_ALPHABET) if variant.startswith(of)), None)
    is_repeated = of is not None and kind is not VariantKind.ENFORCEMENT and _group(row, of) in tested
    if is_shown or (is_repeated and not may_flatten):
        kind = VariantKind.REPEATED
    return BoundaryCase(f"validation/{row.name}/{variant}", request(contract, row, body), row.sentence, row.name, kind)


def _kind(row: Constraint, variant: str) -> VariantKind:
    """A type is enforced if the first wrong one is rejected."""
    first_type = f"as-{next(iter(wrong_types(row.bound)))}" if row.keyword == "type" else ""
    if variant in (*_ENFORCEMENT, first_type):
        return VariantKind.ENFORCEMENT
    if variant.startswith("sign-"):
        return VariantKind.SIGN
    if variant.startswith("near-"):
        return VariantKind.REPEATED
    is_of_alphabet = variant.startswith(_OF_ALPHABET) and not variant.startswith(_OF_SHAPE)
    return VariantKind.UNICODE if is_of_alphabet else VariantKind.BOUND


def _second(contract: Contract, row: Constraint) -> Iterator[BoundaryCase]:
    """A list whose first element is valid and whose second violates the constraint; for a pattern also the reverse, and
    a long list with a violation at its end."""
    whole, (path, _, inner) = contract.operations[row.operation].input, row.path.rpartition("[]")
    match row.keyword:
        case "type":
            name, value = next(iter(wrong_types(row.bound).items()))
            variant = f"second-as-{name}"
        case "pattern":
            variant, value = "second-newline-at-the-end", f"{minimal(row.member, live=False)}\n"
        case _:
            variant, value = "second-above", plain_text(row.member, row.bound + 1)
    if row.keyword == "type" and inner:
        return
    element = whole.at(f"{path}[]")
    second = with_value_at(element, inner.removeprefix("."), value, distinct(element, 1)) if inner else value
    lists = {variant: [distinct(element, 0), second]}
    if row.keyword == "pattern":
        lists[variant.replace("second", "first")] = [second, distinct(element, 0)]
        others = [distinct(element, number) for number in range(2, _many(whole.at(path)) + 1)]
        lists[variant.replace("second", "last")] = [*others, second]
        lists[variant.replace("second", "many")] = [second] * _MANY_VIOLATIONS
    for name, value in lists.items():
        body = request(contract, row, with_value_at(whole, path, value))
        # A server that checks no more than the first element does not check the last of many either.
        is_repeated = row.keyword != "type" and name.startswith("second")
        kind = VariantKind.REPEATED if is_repeated else VariantKind.BOUND
        yield BoundaryCase(f"validation/{row.name}/{name}", body, row.sentence, row.name, kind)


def _many(member: Member) -> int:
    """The least number of elements that a server may refuse, or the most that it must accept; invalid ones must be
    refused in any number.
    """
    clear = member.most_items(2)
    return clear + 1 if member.max_items is not None and clear < member.max_items else clear


def _literals(contract: Contract, row: Constraint, *, repeated: bool) -> Iterator[BoundaryCase]:
    """Texts of many admitted characters, and each of them alone; in a list many share a request."""
    for variant, body in literals.bodies(contract.operations[row.operation].input, row):
        # Of single characters a space is the one that servers refuse, or strip and find nothing.
        one_by_one = "-alone-U+" in variant and not variant.endswith("U+0020") and not is_ascii(Pattern(row.bound))
        yield BoundaryCase(
            f"validation/{row.name}/{variant}",
            request(contract, row, body),
            row.sentence,
            row.name,
            VariantKind.REPEATED if one_by_one or (repeated and "-alone-" in variant) else VariantKind.BOUND,
        )


def _misnamed(contract: Contract, operation: str, whole: Member) -> Iterator[BoundaryCase]:
    """Members in another letter case. One spelling of one optional member of an operation shows what its parser does
    with others, and one operation what it does with spaces.
    """
    first, optional = next(iter(contract.operations)), ""
    for member, spelling, required, body in misnamed.bodies(whole):
        request = request_of(contract, operation, body)
        optional = optional or ("" if required else member.path)
        if required:
            is_new = spelling != "trailing-space" or operation == first
        else:
            is_new = spelling == "upper-case" and member.path == optional
        kind = VariantKind.BOUND if is_new else VariantKind.REPEATED
        yield BoundaryCase(
            f"validation/{operation}/{member.path}/name/{spelling}",
            request,
            contract.situations[request.situation].requirement,
            f"{operation}/{member.path}/required" if required else None,
            kind,
        )


def _beside_others(contract: Contract, operation: Operation) -> Iterator[BoundaryCase]:
    """Violations of members beside all others."""
    for row, variant, found in beside.requests(contract, operation):
        yield BoundaryCase(f"validation/{row.name}/{variant}-beside-others", found, row.sentence, row.name)


def _unknown_resources(contract: Contract, operation: str, whole: Member) -> Iterator[BoundaryCase]:
    """An identifier that is well formed and names nothing; where any text may be one, also one that JSON escapes."""
    for member in whole.walk():
        if member.identifies is None:
            continue
        unknown = str(minimal(member, live=False))
        variants = {"unknown": unknown}
        if member.pattern is None:
            variants["unknown-escaped"] = f'{unknown}\\"\x01\x7f\u2028\U000e0001'
        for variant, value in variants.items():
            body = with_value_at(whole, member.path, value)
            request = request_of(contract, operation, body)
            yield BoundaryCase(
                f"validation/{operation}/{member.path}/exists/{variant}",
                request,
                contract.situations[request.situation].requirement,
                None,
                VariantKind.ENFORCEMENT if variant == "unknown" else VariantKind.BOUND,
            )


def _unspecified(contract: Contract, operation: str, whole: Member, known: set[str]) -> Iterator[BoundaryCase]:
    """The example of each row of unspecified behaviour: accepted or rejected, but never an internal error. `known` are
    the rows that other members have shown.
    """
    for member in whole.walk():
        for row in member.unspecified:
            value = {**minimal(member), **row.example} if isinstance(row.example, dict) else row.example
            body = with_value_at(whole, member.path, value)
            yield BoundaryCase(
                f"validation/{operation}/{member.path or _BODY}/open/{row.id}",
                request_of(contract, operation, body),
                row.why,
                None,
                VariantKind.REPEATED if row.id in known else VariantKind.BOUND,
            )
            known.add(row.id)
