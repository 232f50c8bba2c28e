"""Malformed and unusual traffic: bytes, headers, methods and paths, each with its situation.

The list is the same for every operation. `malformed_json` searches further.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.smallest import least
from tunnelspec.exchange import Headers, RawRequest, Request

#: Depths of nesting: one that any parser takes, one that exhausts recursive ones.
DEPTHS = {"nested-500": 500, "nested-100000": 100_000}
#: The size of the large body, in bytes.
LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class WireCase:
    """A named request: raw bytes, or a body where live resources are wanted."""

    name: str
    request: RawRequest | Request


def cases(contract: Contract, operation: str) -> list[WireCase]:
    """Every malformation and oddity for one operation, by name.

    Other methods, paths and content types are the business of no operation: the first one has them.
    """
    return [*_bodies(contract, operation), *_framing(contract, operation)]


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


def raw(
    contract: Contract,
    operation: str,
    body: bytes,
    situation: str,
    *,
    headers: Headers | None = None,
    **changes: Any,
) -> RawRequest:
    """A raw request of an operation, with the headers that a well-formed one has."""
    described = contract.operations[operation]
    usual = (("Content-Type", contract.service.content_type), ("X-Amz-Target", described.target))
    return RawRequest(body, operation, usual if headers is None else headers, situation, **changes)


_MALFORMED: dict[str, bytes] = {
    "truncated": b'{"a":',
    "unclosed": b"{",
    "trailing-comma": b'{"a":1,}',
    "trailing-garbage": b"{} x",
    "two-documents": b"{}{}",
    "single-quotes": b"{'a':1}",
    "bare-name": b"{a:1}",
    "bare-word": b"word",
    "comment": b"{/* comment */}",
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":Infinity}',
    "hexadecimal": b'{"a":0x10}',
    "leading-zero": b'{"a":01}',
    "capital-true": b'{"a":True}',
    "form-feed": b"\x0c{}",
    "control-character": b'{"a":"\x01"}',
    "bad-escape": b'{"a":"\\x"}',
    "unclosed-list": b'{"a":[1}',
    "missing-colon": b'{"a" 1}',
}
_NOT_OBJECTS: dict[str, bytes] = {
    "top-level-list": b"[]",
    "top-level-string": b'"text"',
    "top-level-number": b"7",
    "top-level-true": b"true",
    "top-level-null": b"null",
}


def _bodies(contract: Contract, operation: str) -> Iterator[WireCase]:
    plain = least(contract.operations[operation].input, live=False)
    text = json.dumps(plain, separators=(",", ":"))
    for name, body in _MALFORMED.items():
        yield WireCase(name, raw(contract, operation, body, "malformed-json"))
    for name, body in _NOT_OBJECTS.items():
        yield WireCase(name, raw(contract, operation, body, "not-an-object"))
    yield WireCase("empty-body", raw(contract, operation, b"", "empty-body"))
    yield WireCase("only-white-space", raw(contract, operation, b" \n", "empty-body"))
    yield WireCase("byte-order-mark", raw(contract, operation, b"\xef\xbb\xbf{}", "byte-order-mark"))
    for name, junk in (("invalid-utf8", b'"\xff"'), ("overlong-utf8", b'"\xc0\xaf"')):
        yield WireCase(name, raw(contract, operation, _with(text, junk), "invalid-utf8"))
    yield WireCase("utf-16", raw(contract, operation, text.encode("utf-16"), "invalid-utf8"))
    surrogate = _with(text, b'"\\ud800"')
    yield WireCase("lone-surrogate", raw(contract, operation, surrogate, "lone-surrogate"))
    yield WireCase("duplicate-names", raw(contract, operation, b'{"a":1,"a":2}', "duplicate-keys"))
    for name, depth in DEPTHS.items():
        nested = b"[" * depth + b"]" * depth
        yield WireCase(name, raw(contract, operation, _with(text, nested), "deep-json"))
    large = b'"' + b"x" * LARGE + b'"'
    yield WireCase("large-body", raw(contract, operation, _with(text, large), "large-body"))
    digits = b"9" * 5000
    yield WireCase("long-number", raw(contract, operation, _with(text, digits), "large-body"))
    known = classify(contract, operation, plain).situation

    def same(situation: str) -> str:
        """What the body's own situation is stands, where it is not simply valid."""
        return situation if known == "valid" else known

    yield WireCase(
        "white-space-around",
        raw(contract, operation, f" \r\n\t{text} \n".encode(), same("trailing-whitespace")),
    )
    escaped = "".join(f"\\u{ord(c):04x}" if c.isalpha() else c for c in text)
    if "\\u" not in escaped:
        escaped = text
    yield WireCase("escaped-text", raw(contract, operation, escaped.encode(), same("escaped-text")))
    yield from _members(contract, operation)


def _members(contract: Contract, operation: str) -> Iterator[WireCase]:
    """Members that are unknown, or optional and null."""
    schema = contract.operations[operation].input
    plain = least(schema)
    unknown = {**plain, "tunnelspecUnknownMember": {"a": [1, None]}}
    nulls = {**dict.fromkeys(schema.get("properties", {})), **plain}
    for name, body in (("unknown-member", unknown), ("null-members", nulls), ("plain", plain)):
        verdict = classify(contract, operation, body)
        yield WireCase(name, Request(operation, body, verdict.situation, verdict.breaks))


def _with(text: str, value: bytes) -> bytes:
    """An object's text with one more member, whose value is these bytes."""
    head = text.rstrip()[:-1].encode()
    return head + (b"," if len(head) > 1 else b"") + b'"tunnelspecMember":' + value + b"}"


def _framing(contract: Contract, operation: str) -> Iterator[WireCase]:
    service, target = contract.service, contract.operations[operation].target
    kind = ("Content-Type", service.content_type)
    plain = least(contract.operations[operation].input, live=False)
    body = json.dumps(plain, separators=(",", ":")).encode()
    known = classify(contract, operation, plain).situation

    def made(name: str, situation: str, *headers: tuple[str, str], **changes: Any) -> WireCase:
        return WireCase(name, raw(contract, operation, body, situation, headers=headers, **changes))

    for name, wrong in (
        ("target-unknown", f"{service.target_prefix}.NoSuch{operation}"),
        ("target-misspelt", target + "s"),
        ("target-without-operation", service.target_prefix + "."),
        ("target-without-prefix", operation),
        ("target-with-space", target.replace(".", ". ")),
    ):
        yield made(name, "unknown-operation", kind, ("X-Amz-Target", wrong))
    yield made("target-lower-case", "miscased-target", kind, ("X-Amz-Target", target.lower()))
    other = f"NoSuchService_20180101.{operation}"
    yield made("target-of-another-service", "wrong-prefix", kind, ("X-Amz-Target", other))
    yield made("target-missing", "missing-target", kind)
    parameters = "content-type-parameters" if known == "valid" else known
    header = ("X-Amz-Target", target)
    for name, value in (
        ("content-type-charset", f"{service.content_type}; charset=utf-8"),
        ("content-type-parameter", f"{service.content_type};x=1"),
    ):
        yield made(name, parameters, ("Content-Type", value), header)
    if operation != next(iter(contract.operations)):
        # What follows is turned away before anybody asks for which operation it was.
        return
    for name, value in (
        ("content-type-json", "application/json"),
        ("content-type-json-1.0", "application/x-amz-json-1.0"),
        ("content-type-text", "text/plain"),
        ("content-type-garbage", "a/b/c"),
    ):
        yield made(name, "other-content-type", ("Content-Type", value), header)
    yield made("content-type-missing", "missing-content-type", header)
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        yield made(f"method-{method.lower()}", "other-method", kind, header, method=method)
    yield made("other-path", "other-path", kind, header, path="/other")
    yield made("long-path", "other-path", kind, header, path="/" + "a" * 4000)
