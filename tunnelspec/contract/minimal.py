"""The minimal valid value of a member, and valid bodies around one chosen member.

What the exact cases are built from: everything but the member under test is as plain as it can be.
"""

from __future__ import annotations

from typing import Any

from tunnelspec.contract.classify import classify
from tunnelspec.contract.document import Contract
from tunnelspec.contract.member import Member, steps
from tunnelspec.exchange import Live

#: Stands for a member that is left out.
ABSENT: object = object()


def minimal(member: Member, *, live: bool = True) -> Any:
    """The minimal valid value: required members, fewest elements, the document's example if it has one.

    Identifiers are placeholders for live resources; with `live=False`, the document's examples.
    """
    if live and member.identifies is not None:
        return Live(member.identifies.resource, member.identifies.by)
    match member.type:
        case "object":
            return {name: minimal(member.properties[name], live=live) for name in member.required}
        case "array":
            return [minimal(member.element, live=live) for _ in range(member.min_items or 0)]
    for example in (*member.examples, *(member.enum or ())):
        return example
    match member.type:
        case "string":
            return plain_text(member, max(1, member.min_length or 0))
        case "boolean":
            return False
    return 1 if member.minimum is None else member.minimum


def plain_text(member: Member, length: int) -> str:
    """A text of this many code points, all of one plain letter that the member's pattern admits."""
    if member.pattern is None:
        return "a" * length
    alphabet = member.pattern.alphabet
    letter = next((c for c in "aA0-" if c in alphabet), alphabet[0] if len(alphabet) else "a")
    return letter * length


def with_value_at(member: Member, path: str, value: object, body: Any = None, *, live: bool = True) -> Any:
    """A body in which the member at `path` has this value, and everything else is as in `body`.

    Members missing on the way to it get their minimal value; ABSENT leaves the member out.
    """
    return _placed(member, steps(path), value, body, live)


def _placed(member: Member, path: list[str], value: object, body: Any, live: bool) -> object:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if step == "[]":
        elements = list(body) if isinstance(body, list) and body else []
        first = _placed(member.element, rest, value, elements[0] if elements else None, live)
        more = elements[1:] or [distinct(member.element, n) for n in range(1, member.min_items or 0)]
        return [first, *more]
    if step == "{}":
        return {**(body or {}), "key": _placed(member.at(step), rest, value, None, live)}
    base = dict(body) if isinstance(body, dict) else minimal(member, live=live)
    inner = _placed(member.at(step), rest, value, base.get(step), live)
    base.pop(step, None)
    if inner is not ABSENT:
        base[step] = inner
    return base


def with_live_identifiers(structure: Member, body: Any) -> Any:
    """A body of a request about live resources, whichever its identifiers named before."""
    for member in structure.walk():
        if member.identifies is not None and steps(member.path)[0] in body:
            body = with_value_at(structure, member.path, Live(member.identifies.resource, member.identifies.by), body)
    return body


def distinct(member: Member, number: int) -> object:
    """A valid value that differs from those with other numbers, as far as its type allows."""
    if member.type == "string" and member.enum is None:
        suffix = str(number)
        value = str(minimal(member, live=False))
        room = len(value) if member.max_length is None else member.max_length - len(suffix)
        return value[: max(room, 0)] + suffix
    if member.type == "object":
        return {name: distinct(member.properties[name], number) for name in member.required}
    return minimal(member, live=False)


def full_body(contract: Contract, operation: str) -> dict[str, object]:
    """A valid body with every member that is certainly allowed, each as plain as it can be.

    Members that leave the outcome open are left out.
    """
    structure = contract.operations[operation].input
    body: dict[str, object] = minimal(structure, live=False)
    situation = classify(contract, operation, body).situation
    for name, member in structure.properties.items():
        fuller = {**body, name: _full(member)}
        if not member.opaque and classify(contract, operation, fuller).situation == situation:
            body = fuller
    return body


def _full(member: Member) -> object:
    match member.type:
        case "object":
            # What names something outside this service may not exist there.
            return {name: _full(inner) for name, inner in member.properties.items() if not inner.external}
        case "array":
            return [_full(member.element) for _ in range(max(1, member.min_items or 0))]
    return minimal(member, live=False)
