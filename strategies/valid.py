"""Valid requests, clear of the behaviour that AWS's sources leave unspecified."""

from __future__ import annotations

from functools import lru_cache, partial
from itertools import combinations
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract, Member, request_of
from tunnelspec.exchange import Live, Request

from .text import PRINTABLE, text_matching

#: Lists are rarely longer than this.
_USUAL_ITEMS = 4
#: An object with more optional members has too many sets of them to list.
_MANY = 6


def requests(contract: Contract, operation: str) -> SearchStrategy[Request]:
    """Valid requests of an operation, each with its situation.

    Identifiers are `Live` placeholders: replace them with `tunnelspec.runner.encode.resolve`.
    Raises KeyError for an operation that the contract does not have.
    """
    return bodies(contract.operations[operation].input).map(partial(request_of, contract, operation))


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
    required = {name: value for name, value in inner.items() if name in member.required}
    optional = {name: value for name, value in inner.items() if name not in member.required}
    if len(optional) > _MANY:
        drawn = st.fixed_dictionaries(required, optional=optional)
    else:
        # One choice says which members there are, none of them first. Each choice takes as long as a request.
        sets = [names for size in range(len(optional) + 1) for names in combinations(optional, size)]
        drawn = st.one_of([st.fixed_dictionaries({**required, **{n: inner[n] for n in names}}) for names in sets])

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
    key = next((row.repeated for row in member.unspecified if row.repeated is not None), None)
    usual = range(low, min(high, max(low, _USUAL_ITEMS)) + 1)
    sizes = [st.tuples(*[elements] * size).map(partial(_distinct, member.element, key)) for size in usual]
    if high > _USUAL_ITEMS:
        most = st.tuples(elements, st.sampled_from([high, high - 1]))
        sizes.append(most.map(lambda drawn: [varied(member.element, drawn[0], n, key) for n in range(drawn[1])]))
    return st.one_of(sizes)


def _distinct(member: Member, key: str | None, drawn: tuple[Any, ...]) -> list[object]:
    """The drawn elements, those with the key of an earlier one varied."""
    if key is None:
        return list(drawn)
    known: set[object] = set()
    values: list[Any] = []
    for number, value in enumerate(drawn):
        values.append(varied(member, value, number, key) if (value[key] if key else value) in known else value)
        known.add(values[-1][key] if key else values[-1])
    return values


def varied(member: Member, value: Any, number: int, key: str | None) -> Any:
    """The drawn element, or one like it with a key of its own; with an empty key, another text."""
    if key is None:
        return value
    suffix = f"{number:03}"  # of one length, so that no two become the same when cut
    if not key:
        return value[: (member.max_length or 64) - len(suffix)] + suffix
    return {**value, key: varied(member.properties[key], value[key], number, "")}


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
