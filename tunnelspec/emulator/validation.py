"""The emulator's validation of input: JSON types first, then constraints.

It reads the operation's input schema, but by another route than the suite's oracle: its own walk, with
the `regex` package and full matches, so that the two cannot be wrong together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from math import inf
from typing import Any

import regex

from tunnelspec.emulator.messages import ApiError

Schema = dict[str, Any]


class Validator:
    """Validates the input of one operation.

    `coerce` is given each value before its type is checked, with the name of its member
    (`Operation/path`); `matches` compares a string with its schema's pattern.
    """

    def __init__(
        self,
        operation: str,
        schema: Schema,
        *,
        coerce: Callable[[str, Schema, object], object],
        matches: Callable[[Schema, str], bool],
    ) -> None:
        self._root = f"{operation}/"
        self._schema = schema
        self._coerce = coerce
        self._matches = matches

    def __call__(self, body: Schema) -> Schema:
        """The input as the operation takes it: converted, without nulls and unknown members.

        Raises ApiError: SerializationException for wrong types, which come first, else
        ValidationException with every violated constraint.
        """
        converted: Schema = self._convert(self._schema, body, self._root)
        problems = list(self._violations(self._schema, converted, ""))
        if problems:
            noun = "error" if len(problems) == 1 else "errors"
            detected = f"{len(problems)} validation {noun} detected: "
            raise ApiError("ValidationException", detected + "; ".join(problems[:10]))
        return converted

    def _convert(self, schema: Schema, value: object, member: str) -> Any:
        value = self._coerce(member, schema, value)
        kind = schema.get("type")
        if kind == "object":
            if not isinstance(value, dict):
                raise _serialization("Expected a structure")
            known, prefix = schema.get("properties", {}), member if member == self._root else f"{member}."
            return {
                name: self._convert(known[name], inner, prefix + name)
                for name, inner in value.items()
                if name in known and inner is not None
            }
        if kind == "array":
            if not isinstance(value, list):
                raise _serialization("Expected a list")
            if any(element is None for element in value):
                raise _serialization("A list holds a null")
            return [self._convert(schema["items"], element, f"{member}[]") for element in value]
        return _scalar(kind, value)

    def _violations(self, schema: Schema, value: object, path: str) -> Iterator[str]:
        """A sentence for each constraint that a converted value violates, never with the value itself."""
        violated = "Value at '{}' failed to satisfy constraint: Member must {}".format
        if isinstance(value, dict):
            for name in schema.get("required", ()):
                if name not in value:
                    yield violated(f"{path}.{name}".removeprefix("."), "not be null")
            for name, inner in value.items():
                yield from self._violations(schema["properties"][name], inner, f"{path}.{name}")
            return
        where = path.removeprefix(".") or "input"
        for problem in _bounds(schema, value):
            yield violated(where, problem)
        if isinstance(value, list):
            for index, inner in enumerate(value, start=1):
                yield from self._violations(schema["items"], inner, f"{path}.{index}.member")
        elif isinstance(value, str) and "pattern" in schema and not self._matches(schema, value):
            yield violated(where, f"satisfy regular expression pattern: {schema['pattern']}")


def _scalar(kind: str | None, value: object) -> object:
    """The value in the type that the schema names. Raises ApiError if it is of another type."""
    if kind == "string":
        if not isinstance(value, str):
            raise _serialization("A value can not be converted to a String")
        if not value.isascii() and regex.search(r"\p{Cs}", value):
            raise _serialization("A string holds half a surrogate pair")
    elif kind == "integer":
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) == inf:
            raise _serialization("A value can not be converted to an Integer")
        # AWS services were recorded to truncate fractions.
        return int(value)
    elif kind == "boolean" and not isinstance(value, bool):
        raise _serialization("A value can not be converted to a Boolean")
    return value


def _bounds(schema: Schema, value: object) -> Iterator[str]:
    if isinstance(value, str) and "enum" in schema and value not in schema["enum"]:
        yield f"satisfy enum value set: {schema['enum']}"
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        size, low, high, noun = value, "minimum", "maximum", "value"
    elif isinstance(value, str):
        size, low, high, noun = len(value), "minLength", "maxLength", "length"
    elif isinstance(value, list):
        size, low, high, noun = len(value), "minItems", "maxItems", "length"
    else:
        return
    if size < schema.get(low, size):
        yield f"have {noun} greater than or equal to {schema[low]}"
    if size > schema.get(high, size):
        yield f"have {noun} less than or equal to {schema[high]}"


def matches(pattern: str, value: str) -> bool:
    """Whether a string matches a pattern as a whole."""
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern.removeprefix("^").removesuffix("$"))


def _serialization(message: str) -> ApiError:
    return ApiError("SerializationException", message)
