"""Requests that break nothing and stay clear of whatever AWS's sources leave open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.unspecified import most_items, open_zone
from tunnelspec.exchange import Live, Request

from .text import text_matching

#: Lists are rarely longer than this.
_USUAL_ITEMS = 4


def requests(contract: Contract, operation: str) -> SearchStrategy[Request]:
    """Valid requests of an operation, as `Request` values that say what the contract makes of them.

    Identifiers are `Live` placeholders: give your own with `tunnelspec.runner.encode.resolve`.
    Raises KeyError for an operation that the contract does not have.
    """

    def made(body: dict[str, Any]) -> Request:
        verdict = classify(contract, operation, body)
        return Request(operation, body, verdict.situation, verdict.breaks)

    return bodies(contract.operations[operation].input).map(made)


def bodies(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Valid values of an inlined schema, outside its open zones."""
    if "x-identifies" in schema:
        return st.just(Live(schema["x-identifies"]["resource"], schema["x-identifies"]["by"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _objects(schema)
    if kind == "array":
        return _lists(schema)
    if kind == "string":
        return _strings(schema)
    if kind == "integer":
        return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1))
    if kind == "boolean":
        return st.booleans()
    if kind == "number":
        return st.floats(allow_nan=False, allow_infinity=False, width=32)
    return st.none()


def _objects(schema: Mapping[str, Any]) -> SearchStrategy[dict[str, Any]]:
    required = schema.get("required", ())
    members = {name: bodies(inner) for name, inner in schema.get("properties", {}).items() if not inner.get("x-opaque")}
    drawn = st.fixed_dictionaries(
        {name: value for name, value in members.items() if name in required},
        optional={name: value for name, value in members.items() if name not in required},
    )
    if "x-open" not in schema:
        return drawn

    def closed(value: dict[str, Any]) -> dict[str, Any]:
        """Leave out the optional members that together make the zone."""
        zone = open_zone(schema, value)
        if zone is None:
            return value
        named = zone["when"].get("required", ())
        return {k: v for k, v in value.items() if k in required or k not in named}

    return drawn.map(closed)


def _lists(schema: Mapping[str, Any]) -> SearchStrategy[list[Any]]:
    low = schema.get("minItems", 0)
    zones = schema.get("x-open", ())
    high = most_items(schema, low + 50)
    items = bodies(schema["items"])
    key = next((zone["duplicates"] for zone in zones if "duplicates" in zone), None)
    # unique_by draws an element again when it is a duplicate: rare among so many texts, and cheap.
    unique: Any = (lambda item: item[key]) if key else None
    usual = st.lists(items, min_size=low, max_size=min(high, max(low, _USUAL_ITEMS)), unique_by=unique)
    if high <= _USUAL_ITEMS:
        return usual
    most = st.tuples(items, st.sampled_from([high, high - 1])).map(
        lambda drawn: [_varied(schema["items"], drawn[0], n, key) for n in range(drawn[1])]
    )
    return st.one_of(*[usual] * 7, most)


def _varied(schema: Mapping[str, Any], item: Any, number: int, key: str | None) -> Any:
    """The drawn element, or one like it with a key of its own."""
    if key is None:
        return item
    room = schema["properties"][key].get("maxLength", 64)
    suffix = f"{number:03}"  # of one length, so that no two become the same when cut
    return {**item, key: item[key][: room - len(suffix)] + suffix}


def _strings(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" not in schema:
        texts = text_matching(r"^[^\p{C}]*$", low, high if high is None else min(high, 256))
    else:
        texts = text_matching(schema["pattern"], low, high)

    def settled(text: str) -> str:
        """Clear of the open zones, and of lengths on which code points and UTF-16 units disagree."""
        units = len(text) + sum(c > "\uffff" for c in text)
        if high is not None and units > high:
            text = text[: high - (units - len(text))] or text[:1]
        for _ in range(4):
            if open_zone(schema, text) is None:
                return text
            # Zones are entered by a prefix or by a character: drop the first offending piece.
            text = _without(schema, text)
        return text

    return texts.map(settled)


def _without(schema: Mapping[str, Any], text: str) -> str:
    for index, char in enumerate(text):
        if open_zone(schema, char) is not None:
            return text.replace(char, text[index - 1] if index else "a")
    return "a" + text[1:]
