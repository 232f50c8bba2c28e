"""JSON Schema 2020-12 as this project evaluates it: the `jsonschema` library with three changes. It says what is
wrong with a value; `predicates` says sooner whether anything is.

* `pattern` is ECMA-262 with the `u` flag (`Pattern`); the library's own is Python's `re`, which has no `\\p{…}`.
* `uniqueItemProperties: [name, …]`, as in ajv-keywords: no two elements share the value of one of these members.
* A number is finite, an object is any mapping and an array a list or tuple, as in request bodies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tunnelspec.contract.member import NOT_ON_OUTPUT
from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.predicates import TYPES, Predicate, repeats
from tunnelspec.contract.timestamps import plausible


def _pattern(validator: object, pattern: str, instance: object, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not Pattern(pattern).matches(instance):
        yield ValidationError(f"does not match {pattern}")


def _unique_properties(validator: Any, names: list[str], instance: Any, schema: object) -> Iterator[ValidationError]:
    if validator.is_type(instance, "array"):
        for name in names:
            if repeats(instance, name):
                yield ValidationError(f"has two elements with the same {name}")


def _checked(is_type: Predicate) -> Any:
    return lambda checker, value: is_type(value)


def _timestamp(validator: Any, kind: str, instance: Any, schema: object) -> Iterator[ValidationError]:
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if is_number and not plausible(kind, instance):
        yield ValidationError(f"is not a plausible time in {kind}")


def _expected_members(
    validator: object, names: list[str], instance: object, schema: object
) -> Iterator[ValidationError]:
    if isinstance(instance, Mapping):
        for name in names:
            if name not in instance:
                yield ValidationError(f"has no {name}")


_checker = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {name: _checked(TYPES[name]) for name in ("number", "object", "array")}
)
_extend: Any = extend  # its type stub omits keywords beyond the draft's
#: A class like jsonschema's `Draft202012Validator`, for requests and for the documents themselves.
Validator: Any = _extend(
    Draft202012Validator,
    {"pattern": _pattern, "uniqueItemProperties": _unique_properties},
    type_checker=_checker,
)
#: The same for responses: with the document's own keywords, and without those that are not enforced there.
ResponseValidator: Any = _extend(
    Validator,
    {"x-timestamp": _timestamp, "x-expected": _expected_members, **dict.fromkeys(NOT_ON_OUTPUT)},
)
