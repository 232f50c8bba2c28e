"""The emulator's own judgement of input: JSON types first, then constraints.

It reads the operation's input schema, but by another route than the suite's oracle: its own walk,
with the `regex` package and full matches, so that the two cannot be wrong together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex

from tunnelspec.emulator.errors import ApiError

Schema = Mapping[str, Any]


class Validator:
    """Judges the inputs of one operation. `schema` may be changed before the first call."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __call__(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The input as the service sees it: converted, without nulls and unknown members.

        Raises ApiError: SerializationException for wrong types, which win, else
        ValidationException with every violated constraint.
        """
        converted: dict[str, Any] = convert(self.schema, body, "")
        problems = list(violations(self.schema, converted, ""))
        if problems:
            noun = "error" if len(problems) == 1 else "errors"
            detected = f"{len(problems)} validation {noun} detected: "
            raise ApiError("ValidationException", detected + "; ".join(problems[:10]))
        return converted


def convert(schema: Schema, value: Any, path: str) -> Any:
    """The value in the type that the schema names. Raises ApiError for a type that cannot be."""
    kind = schema.get("type")
    # `converter` is where a planted fault puts another way to read a value.
    if "converter" in schema:
        value = schema["converter"](value)
    if kind == "object":
        if not isinstance(value, dict):
            raise _serialization("Expected a structure")
        known = schema.get("properties", {})
        return {
            name: convert(known[name], inner, f"{path}.{name}")
            for name, inner in value.items()
            if name in known and inner is not None
        }
    if kind == "array":
        if not isinstance(value, list):
            raise _serialization("Expected a list")
        if any(item is None for item in value):
            raise _serialization("A list holds a null")
        return [convert(schema["items"], item, path) for item in value]
    if kind == "string":
        if not isinstance(value, str):
            raise _serialization("A value can not be converted to a String")
        if not value.isascii() and regex.search(r"\p{Cs}", value):
            raise _serialization("A string holds half a surrogate pair")
        return value
    if kind == "integer":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _serialization("A value can not be converted to an Integer")
        # What the recorded AWS services do with a fraction: they cut it off.
        return int(value)
    if kind == "boolean" and not isinstance(value, bool):
        raise _serialization("A value can not be converted to a Boolean")
    return value


def violations(schema: Schema, value: Any, path: str) -> Iterator[str]:
    """A sentence for every constraint that a converted value breaks, never with the value itself."""
    where = path.removeprefix(".") or "input"
    found = "Value at '{}' failed to satisfy constraint: Member must {}".format
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield found(f"{path}.{name}".removeprefix("."), "not be null")
        for name, inner in value.items():
            yield from violations(schema["properties"][name], inner, f"{path}.{name}")
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield found(where, f"have length greater than or equal to {schema['minItems']}")
        if len(value) > schema.get("maxItems", len(value)):
            yield found(where, f"have length less than or equal to {schema['maxItems']}")
        for index, inner in enumerate(value, start=1):
            yield from violations(schema["items"], inner, f"{path}.{index}.member")
    elif isinstance(value, str):
        if "enum" in schema and value not in schema["enum"]:
            yield found(where, f"satisfy enum value set: {schema['enum']}")
        if len(value) < schema.get("minLength", 0):
            yield found(where, f"have length greater than or equal to {schema['minLength']}")
        if len(value) > schema.get("maxLength", len(value)):
            yield found(where, f"have length less than or equal to {schema['maxLength']}")
        if "pattern" in schema and not fits(schema, value):
            yield found(where, f"satisfy regular expression pattern: {schema['pattern']}")
    elif isinstance(value, int) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield found(where, f"have value greater than or equal to {schema['minimum']}")
        if value > schema.get("maximum", value):
            yield found(where, f"have value less than or equal to {schema['maximum']}")


def fits(schema: Schema, value: str) -> bool:
    """Whether a string matches the schema's pattern as a whole."""
    # `matcher` is where a planted fault puts another way to match.
    if "matcher" in schema:
        return bool(schema["matcher"](value))
    inner = schema["pattern"].removeprefix("^").removesuffix("$")
    return regex.fullmatch(inner, value) is not None


def _serialization(message: str) -> ApiError:
    return ApiError("SerializationException", message)
