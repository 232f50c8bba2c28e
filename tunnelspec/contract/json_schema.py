"""JSON Schema 2020-12 as this project evaluates it: the `jsonschema` library with three changes.

* `pattern` is ECMA-262 with the `u` flag (`Pattern`); the library's own is Python's `re`, which has no `\\p{…}`.
* `uniqueItemProperties: [name, …]`, as in ajv-keywords: no two elements share the value of one of these members.
* A number is finite, an object is any mapping and an array a list or tuple, as in request bodies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tunnelspec.contract.patterns import Pattern


def _pattern(validator: object, pattern: str, instance: object, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not Pattern(pattern).matches(instance):
        yield ValidationError(f"does not match {pattern}")


def _unique_properties(validator: Any, names: list[str], instance: Any, schema: object) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "array"):
        return
    for name in names:
        values = [item.get(name) for item in instance if isinstance(item, Mapping)]
        scalars = [value for value in values if isinstance(value, str | int | float)]
        if len(set(scalars)) < len(scalars):
            yield ValidationError(f"has two elements with the same {name}")


def _is_number(_: object, value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def _is_object(_: object, value: object) -> bool:
    return isinstance(value, Mapping)


def _is_array(_: object, value: object) -> bool:
    return isinstance(value, list | tuple)


_checker = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {"number": _is_number, "object": _is_object, "array": _is_array}
)
_extend: Any = extend  # its type stub omits keywords beyond the draft's
#: A class like jsonschema's `Draft202012Validator`, from which `checks` derives one with more keywords.
Validator: Any = _extend(
    Draft202012Validator,
    {"pattern": _pattern, "uniqueItemProperties": _unique_properties},
    type_checker=_checker,
)


_types = Validator({})


def is_type(value: object, kind: str) -> bool:
    """Whether a value has a JSON type, by its name in JSON Schema. Raises jsonschema's UnknownType."""
    return bool(_types.is_type(value, kind))


def extended(keywords: Mapping[str, Any]) -> Any:
    """The same validator class with further keywords; None as a keyword's function switches it off."""
    return _extend(Validator, dict(keywords))
