"""Makes a contract document fit for Schemathesis as it is loaded.

The dispatch header and the signature are no parameters to fuzz here: they are set on every call. Texts with
a pattern get a format of their own, whose strategy makes them by construction; Schemathesis reads `\\p{L}`
as Latin letters alone, and a quarter of what it then takes for valid is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeAlias, TypeGuard

import schemathesis

from tunnelspec.contract import Contract, load
from tunnelspec.strategies import text_matching

#: A generated test case; what its type variable says plays no part here.
Case: TypeAlias = "schemathesis.Case[Any]"
CONTRACT: Contract = load()
#: What is cut from an operation: both are set on each call, and neither is the contract's to vary.
_SET_ON_CALLS = ("X-Amz-Target",)


def is_ours(raw: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a loaded document describes the service of the shipped contract."""
    described = raw.get("x-aws-service") if isinstance(raw, Mapping) else None
    return isinstance(described, Mapping) and described.get("targetPrefix") == CONTRACT.service.target_prefix


@schemathesis.hook
def before_load_schema(_: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Prepare our document; leave others as they are."""
    if is_ours(raw_schema):
        prepare(raw_schema)


@schemathesis.hook
def after_load_schema(_: schemathesis.HookContext, schema: schemathesis.BaseSchema) -> None:
    """Never send identifiers from responses: they may be other people's tunnels."""
    if is_ours(schema.raw_schema):
        phases = schema.config.phases
        for phase in (phases.examples, phases.coverage, phases.fuzzing):
            phase.extra_data_sources.responses = False


def prepare(raw: dict[str, Any]) -> None:
    """Change a document in place, so that Schemathesis makes of it what the contract says."""
    raw.pop("security", None)
    for item in raw.get("paths", {}).values():
        for operation in item.values():
            operation["parameters"] = [
                parameter for parameter in operation.get("parameters", ()) if parameter.get("name") not in _SET_ON_CALLS
            ]
    for schema in _texts(raw.get("components", {}).get("schemas", {})):
        low, high = schema.get("minLength", 0), schema.get("maxLength")
        key = f"{schema['pattern']} {low} {high}"
        schema["format"] = f"tunnelspec-{sha256(key.encode()).hexdigest()[:12]}"
        schemathesis.openapi.format(schema["format"], text_matching(schema["pattern"], low, high))


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a text that has a pattern and no format yet. A row of unspecified behaviour is no schema."""
    if isinstance(value, dict):
        if value.get("type") == "string" and isinstance(value.get("pattern"), str) and "format" not in value:
            yield value
        for key, inner in value.items():
            if key != "x-unspecified":
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
