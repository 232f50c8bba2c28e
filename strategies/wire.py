"""Malformed and unusual traffic: bytes, headers, methods and paths, each with its situation.

The list itself is data, `openapi/malformed-awsjson1_1.json`, and the same for every operation. `malformed_json`
searches further.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.malformed import Malformed, malformed, placeholders
from tunnelspec.contract.minimal import minimal
from tunnelspec.exchange import RawRequest, Request


@dataclass(frozen=True, slots=True)
class WireCase:
    """A named request: raw bytes, or a body where live resources are wanted."""

    name: str
    request: RawRequest | Request


def cases(contract: Contract, operation: str) -> list[WireCase]:
    """Every malformation and oddity for one operation, by name.

    Other methods, paths and content types are the business of no operation: the first one has them.
    """
    plain = minimal(contract.operations[operation].input, live=False)
    values = placeholders(contract, operation, plain)
    known = classify(contract, operation, plain).situation
    first = operation == next(iter(contract.operations))
    listed = [
        WireCase(item.name, _raw(item, operation, values, known))
        for item in malformed()
        if first or not item.per_service
    ]
    return [*listed, *_members(contract, operation)]


def malformed_json() -> SearchStrategy[bytes]:
    """Byte strings that are no JSON text, each a small change to one that is."""
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


def _raw(item: Malformed, operation: str, values: dict[str, str], known: str) -> RawRequest:
    # Where the oddity changes nothing, what the body itself calls for stands, if that is not success.
    situation = known if item.same_as_body and known != "valid" else item.situation
    return RawRequest(
        item.filled_body(values),
        operation,
        item.filled_headers(values),
        situation,
        method=item.method,
        path=item.path,
    )


def _members(contract: Contract, operation: str) -> Iterator[WireCase]:
    """Members that are unknown, or optional and null."""
    schema = contract.operations[operation].input
    plain = minimal(schema)
    unknown = {**plain, "tunnelspecUnknownMember": {"a": [1, None]}}
    nulls = {**dict.fromkeys(schema.get("properties", {})), **plain}
    for name, body in (("unknown-member", unknown), ("null-members", nulls), ("plain", plain)):
        verdict = classify(contract, operation, body)
        yield WireCase(name, Request(operation, body, verdict.situation, verdict.breaks))
