"""Whether a value has the fields that a TypedDict declares, and the JSON Schema that says so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

if TYPE_CHECKING:
    import jsonschema_rs
    from jsonschema import Draft202012Validator

_LONGEST = 120
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def first_violation(record: Mapping[str, object], declared: type) -> str:
    """Where a record is not as its TypedDict has it and why, in a clause; empty for a valid one."""
    if _is_valid(record, declared):
        return ""
    from jsonschema.exceptions import best_match

    error = best_match(_validator(declared).iter_errors(record))
    if error is None:
        return ""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    # The error's message repeats the value, which is somebody else's text of any length.
    why = {"required": "a member is missing", "type": f"must be of type {error.validator_value}"}
    reason = why.get(str(error.validator), f"violates '{error.validator}'")
    if error.validator == "required" and isinstance(error.instance, Mapping):
        missing = [str(name) for name in error.validator_value if name not in error.instance]
        reason = f"has no '{missing[0]}'"
    place = where.lstrip(".")[:_LONGEST]
    return f"{place} {reason}" if place else f"it {reason}"


def _is_valid(record: Mapping[str, object], declared: type) -> bool:
    """Whether jsonschema-rs accepts the record, in a hundredth of the time; False for what it cannot read."""
    try:
        return _fast_validator(declared).is_valid(record)
    except ValueError:  # half a surrogate pair
        return False


# Imported where it is needed, so that a command that reads no record does not wait.
@cache
def _fast_validator(declared: type) -> jsonschema_rs.Validator:
    from jsonschema_rs import validator_for

    return validator_for(json_schema(declared))


@cache
def _validator(declared: type) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json_schema(declared))


@cache
def json_schema(declared: type) -> dict[str, Any]:
    """The schema of a TypedDict; others that it names are definitions. `Annotated` adds keywords to a type."""
    definitions: dict[str, Any] = {}
    top = _schema(declared, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **top, "$defs": definitions}


def _schema(declared: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(declared), get_args(declared)
    if is_typeddict(declared):
        if declared.__name__ not in definitions:
            fields = get_type_hints(declared, include_extras=True)
            definitions[declared.__name__] = {
                "description": " ".join((declared.__doc__ or "").split()),
                "type": "object",
                "required": [name for name, field in fields.items() if get_origin(field) is not NotRequired],
                "properties": {name: _schema(field, definitions) for name, field in fields.items()},
            }
        return {"$ref": f"#/$defs/{declared.__name__}"}
    if origin is NotRequired:
        return _schema(arguments[0], definitions)
    if origin is Annotated:
        return {**_schema(arguments[0], definitions), **arguments[1]}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if origin is UnionType:
        parts = [_schema(part, definitions) for part in arguments]
        simple = all(part.keys() == {"type"} for part in parts)
        return {"type": [part["type"] for part in parts]} if simple else {"anyOf": parts}
    return {} if declared is object else {"type": _TYPES[declared]}
