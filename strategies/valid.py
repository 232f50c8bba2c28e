"""Valid requests, clear of the behaviour that AWS's sources leave unspecified."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract, Member, classify
from tunnelspec.exchange import Live, Request

from .text import PRINTABLE, text_matching

#: Lists are rarely longer than this.
_USUAL_ITEMS = 4


def requests(contract: Contract, operation: str) -> SearchStrategy[Request]:
    """Valid requests of an operation, each with its situation.

    Identifiers are `Live` placeholders: replace them with `tunnelspec.runner.encode.resolve`.
    Raises KeyError for an operation that the contract does not have.
    """

    def classified(body: dict[str, Any]) -> Request:
        verdict = classify(contract, operation, body)
        return Request(operation, body, verdict.situation, verdict.breaks)

    return bodies(contract.operations[operation].input).map(classified)


@lru_cache(maxsize=1024)  # making a strategy takes Hypothesis longer than drawing from it
def bodies(member: Member) -> SearchStrategy[Any]:
    """Valid values of a member, outside its unspecified behaviour."""
    if member.identifies is not None:
        return st.just(Live(member.identifies.resource, member.identifies.by))
    if member.enum is not None:
        return st.sampled_from(member.enum)
    match member.type:
        case "object":
            return _objects(member)
        case "array":
            return _lists(member)
        case "string":
            return _strings(member)
        case "integer":
            low = -(2**31) if member.minimum is None else int(member.minimum)
            high = 2**31 - 1 if member.maximum is None else int(member.maximum)
            return st.integers(low, high)
        case "boolean":
            return st.booleans()
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False, width=32)
    return st.none()


def _objects(member: Member) -> SearchStrategy[dict[str, object]]:
    inner = {name: bodies(one) for name, one in member.properties.items() if not one.opaque}
    drawn = st.fixed_dictionaries(
        {name: value for name, value in inner.items() if name in member.required},
        optional={name: value for name, value in inner.items() if name not in member.required},
    )

    def specified(value: dict[str, object]) -> dict[str, object]:
        """Without the optional members that together are unspecified behaviour."""
        row = member.unspecified_for(value)
        if row is None:
            return value
        return {k: v for k, v in value.items() if k in member.required or k not in row.together}

    return drawn.map(specified) if member.unspecified else drawn


def _lists(member: Member) -> SearchStrategy[list[object]]:
    low = member.min_items or 0
    high = member.most_items(low + 50)
    elements = bodies(member.element)
    key = next((row.repeated for row in member.unspecified if row.repeated), None)
    # unique_by draws an element again when it is a duplicate: rare among so many texts, and cheap.
    unique: Any = (lambda element: element[key]) if key else None
    usual = st.lists(elements, min_size=low, max_size=min(high, max(low, _USUAL_ITEMS)), unique_by=unique)
    if high <= _USUAL_ITEMS:
        return usual
    most = st.tuples(elements, st.sampled_from([high, high - 1])).map(
        lambda drawn: [_varied(member.element, drawn[0], n, key) for n in range(drawn[1])]
    )
    return st.one_of(*[usual] * 7, most)


def _varied(member: Member, value: Any, number: int, key: str | None) -> object:
    """The drawn element, or one like it with a key of its own."""
    if key is None:
        return value
    room = member.properties[key].max_length or 64
    suffix = f"{number:03}"  # of one length, so that no two become the same when cut
    return {**value, key: value[key][: room - len(suffix)] + suffix}


def _strings(member: Member) -> SearchStrategy[str]:
    low, high = member.min_length or 0, member.max_length
    if member.pattern is None:
        texts = text_matching(PRINTABLE, low, high if high is None else min(high, 256))
    else:
        texts = text_matching(member.pattern.source, low, high)

    def specified(text: str) -> str:
        """Clear of unspecified behaviour and of lengths on which code points and UTF-16 units disagree."""
        units = len(text) + sum(c > "\uffff" for c in text)
        if high is not None and units > high:
            text = text[: high - (units - len(text))] or text[:1]
        for _ in range(4):
            if member.unspecified_for(text) is None:
                return text
            # A prefix or a single character makes it unspecified: drop the first that does.
            text = _without(member, text)
        return text

    return texts.map(specified)


def _without(member: Member, text: str) -> str:
    for index, char in enumerate(text):
        if member.unspecified_for(char) is not None:
            return text.replace(char, text[index - 1] if index else "a")
    return "a" + text[1:]
