"""Malformed and unusual traffic: bytes, headers, methods and paths, each with its situation.

The list itself is data, `openapi/malformed-awsjson1_1.json`, and the same for every operation. `malformed_json`
searches further.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunnelspec.contract import Contract, Member, classify, request_of
from tunnelspec.contract.malformed import Malformed, malformed, placeholders
from tunnelspec.contract.minimal import full_body, minimal, with_value_at
from tunnelspec.exchange import RawRequest, Request

from .alphabets import beyond_the_basic_plane, longest_text

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: A body of more characters is not made: bounds may be so large that no request is meant to reach them all.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class WireCase:
    """A named request: raw bytes, or a body where live resources are wanted."""

    name: str
    request: RawRequest | Request


def cases(contract: Contract, operation: str) -> list[WireCase]:
    """Every malformed or unusual request for one operation, by name.

    Those with another method, path or content type do not depend on the operation: only the first has them.
    """
    plain = minimal(contract.operations[operation].input, live=False)
    values = placeholders(contract, operation, plain)
    # In an empty body there is nothing to escape, and no place for white space.
    full = placeholders(contract, operation, plain or full_body(contract, operation))
    values |= {name: full[name] for name in ("escapedBody", "spacedBody")}
    known = classify(contract, operation, plain).situation
    first = operation == next(iter(contract.operations))
    listed = [
        WireCase(one.name, _raw(one, operation, values, known)) for one in malformed() if first or not one.per_service
    ]
    return [
        *listed,
        *_escaped_pairs(contract, operation),
        *_members(contract, operation),
        *_largest(contract, operation),
    ]


def malformed_json() -> SearchStrategy[bytes]:
    """Byte strings that are not JSON, each a small change to a text that is."""
    from hypothesis import strategies as st

    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    )
    # The proper prefixes of an object's text are never JSON, whatever the object holds.
    objects = st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=3).map(json.dumps)
    cut = st.tuples(objects, st.integers(1, 1000)).map(lambda d: d[0][: max(1, d[1] % len(d[0]))])
    tail = st.tuples(objects, st.sampled_from(["}", "]", ",", "{}", " x", '"'])).map("".join)
    head = st.tuples(st.sampled_from([",", "}", "]", ":", "x"]), objects).map("".join)
    return st.one_of(cut, tail, head).map(str.encode)


def _raw(case: Malformed, operation: str, values: dict[str, str], known: str) -> RawRequest:
    # Where nothing but the form is unusual, the body's own situation applies, unless that is plain success.
    situation = known if case.same_as_body and known != "valid" else case.situation
    body, headers = case.filled_body(values), case.filled_headers(values)
    return RawRequest(body, operation, headers, situation, method=case.method, path=case.path)


def _escaped_pairs(contract: Contract, operation: str) -> Iterator[WireCase]:
    """A character beyond the basic plane as two escapes, as clients write it that send ASCII alone."""
    whole = contract.operations[operation].input
    for member in whole.walk():
        char = beyond_the_basic_plane(member)
        if char is not None and not member.opaque:
            body = with_value_at(whole, member.path, char, live=False)
            verdict = classify(contract, operation, body)
            situation = "escaped-text" if verdict.situation == "valid" else verdict.situation
            yield WireCase("escaped-pairs", _escaped(contract, operation, body, situation))
            return


def _largest(contract: Contract, operation: str) -> Iterator[WireCase]:
    """The largest undisputed body of a call that creates something: each member at its bound, in ASCII."""
    if contract.created_by(operation) is None:
        return
    structure = contract.operations[operation].input
    if _size(structure) > _MOST:
        return
    body = _longest(structure)
    if classify(contract, operation, body).situation == "valid":
        yield WireCase("largest", _escaped(contract, operation, body, "valid"))


def _size(member: Member) -> int:
    """How many characters `_longest` may have, about."""
    match member.type:
        case "object":
            return sum(map(_size, member.properties.values()))
        case "array":
            return member.most_items(1) * _size(member.element)
    return member.max_length or 1


def _longest(member: Member, number: int = 0) -> object:
    """The longest value of a member, which differs from those of other numbers."""
    match member.type:
        case "object":
            inner = {name: each for name, each in member.properties.items() if not (each.external or each.opaque)}
            return {name: _longest(each, number) for name, each in inner.items()}
        case "array":
            return [_longest(member.element, index) for index in range(member.most_items(1))]
        case "integer":
            return member.maximum
    if member.enum or member.longest is None:
        return minimal(member, live=False)
    return longest_text(member, str(number))


def _escaped(contract: Contract, operation: str, body: object, situation: str) -> RawRequest:
    """The request of a body in ASCII."""
    return RawRequest(json.dumps(body).encode(), operation, contract.headers(operation), situation)


def _members(contract: Contract, operation: str) -> Iterator[WireCase]:
    """Members that are unknown, have names that languages use themselves, or are optional and null."""
    structure = contract.operations[operation].input
    plain = minimal(structure)
    unknown = {**plain, "tunnelspecUnknownMember": {"a": [1, None, "\b\f\n\r\t"]}, "tunnelspecUnknownNull": None}
    inherited = {**plain, "constructor": 1, "toString": None, "__proto__": {"tunnelspecMember": [1]}}
    inherited |= {"": 1, "self": 1, "this": 1, "class": 1, "request": 1, "context": None}
    nulls = {**dict.fromkeys(structure.properties), **plain}
    bodies = {"unknown-member": unknown, "inherited-members": inherited, "null-members": nulls, "plain": plain}
    for name, body in bodies.items():
        yield WireCase(name, request_of(contract, operation, body))
