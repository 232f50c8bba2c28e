"""The least valid value of a schema, and valid bodies around one chosen member.

What deterministic cases are made of: everything but the member in question is as plain as can be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tunnelspec.contract.classify import classify
from tunnelspec.contract.document import Contract
from tunnelspec.contract.patterns import Pattern
from tunnelspec.exchange import Live

Schema = Mapping[str, Any]
#: Stands for a member that is left out.
ABSENT: Any = object()


def minimal(schema: Schema, *, live: bool = True) -> Any:
    """The least valid value: required members, fewest elements, the document's example if any.

    Identifiers are placeholders for live resources; with `live=False`, the document's examples.
    """
    if live and "x-identifies" in schema:
        return Live(schema["x-identifies"]["resource"], schema["x-identifies"]["by"])
    kind = schema.get("type")
    if kind == "object":
        known = schema.get("properties", {})
        return {name: minimal(known[name], live=live) for name in schema.get("required", ())}
    if kind == "array":
        return [minimal(schema["items"], live=live) for _ in range(schema.get("minItems", 0))]
    for example in (*schema.get("examples", ()), *schema.get("enum", ())):
        return example
    if kind == "string":
        return plain_text(schema, max(1, schema.get("minLength", 1)))
    return {"boolean": False}.get(str(kind), schema.get("minimum", 1))


def plain_text(schema: Schema, length: int) -> str:
    """A text of this many code points that the schema's pattern admits, of one plain letter."""
    if "pattern" not in schema:
        return "a" * length
    alphabet = Pattern(schema["pattern"]).alphabet
    letter = next((c for c in "aA0-" if c in alphabet), alphabet[0] if len(alphabet) else "a")
    return letter * length


def parts(path: str) -> list[str]:
    """A constraint's path in steps: `tags[].key` is tags, [], key."""
    return [step for step in re.split(r"\.|(?=\[\])|(?=\{\})", path) if step]


def member(schema: Schema, path: str) -> Schema:
    """The schema of the member at a path."""
    found = schema
    for step in parts(path):
        if step == "[]":
            found = found["items"]
        elif step == "{}":
            found = found["additionalProperties"]
        else:
            found = found["properties"][step]
    return found


def with_value_at(schema: Schema, path: str, value: Any, body: Any = None, *, live: bool = True) -> Any:
    """A body in which the member at `path` has this value, and everything else is as in `body`.

    What the way to the member lacks is added as plain as can be; ABSENT leaves the member out.
    """
    return _placed(schema, parts(path), value, body, live)


def _placed(schema: Schema, steps: list[str], value: Any, body: Any, live: bool) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step == "[]":
        items = list(body) if isinstance(body, list) and body else []
        first = _placed(schema["items"], rest, value, items[0] if items else None, live)
        more = items[1:] or [distinct(schema["items"], n) for n in range(1, schema.get("minItems", 0))]
        return [first, *more]
    if step == "{}":
        inner = _placed(schema["additionalProperties"], rest, value, None, live)
        return {**(body or {}), "key": inner}
    base = dict(body) if isinstance(body, dict) else minimal(schema, live=live)
    inner = _placed(schema["properties"][step], rest, value, base.get(step), live)
    base.pop(step, None)
    if inner is not ABSENT:
        base[step] = inner
    return base


def distinct(schema: Schema, number: int) -> Any:
    """A valid value that differs from those with other numbers, as far as its type allows."""
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema:
        suffix = str(number)
        value = str(minimal(schema, live=False))
        room = schema.get("maxLength", len(value) + len(suffix)) - len(suffix)
        return value[: max(room, 0)] + suffix
    if kind == "object":
        known = schema.get("properties", {})
        return {name: distinct(known[name], number) for name in schema.get("required", ())}
    return minimal(schema, live=False)


def full_body(contract: Contract, operation: str) -> dict[str, Any]:
    """A valid body with every member that may certainly stand in it, each as plain as can be.

    Members with which the contract leaves the outcome open are left out.
    """
    schema = contract.operations[operation].input
    body: dict[str, Any] = minimal(schema, live=False)
    for name, member in schema.get("properties", {}).items():
        if member.get("x-opaque"):
            continue
        fuller = {**body, name: _full(member)}
        if classify(contract, operation, fuller).situation == classify(contract, operation, body).situation:
            body = fuller
    return body


def _full(schema: Schema) -> Any:
    if schema.get("type") == "object":
        known = schema.get("properties", {})
        # What refers to something outside this service may not exist there.
        return {name: _full(inner) for name, inner in known.items() if "x-external" not in inner}
    if schema.get("type") == "array":
        return [_full(schema["items"]) for _ in range(max(1, schema.get("minItems", 0)))]
    return minimal(schema, live=False)
