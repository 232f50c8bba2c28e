"""JSON Schemas as functions, for values that are tested time and again: `predicate` says whether a value satisfies one.

jsonschema takes a tenth of a second to import, and a hundred times as long for each value. It decides where a schema
has a keyword that is not here, and says what is wrong with a value; a self-test compares the two.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from functools import cache, reduce
from types import MappingProxyType
from typing import Any, TypeAlias

from tunnelspec.contract.patterns import Pattern

Predicate: TypeAlias = Callable[[object], bool]
_NUMBER, _SCALAR, _OBJECT, _ARRAY = (int, float), (str, int, float), (dict, Mapping), (list, tuple)


def _is_number(value: object) -> bool:
    return isinstance(value, _NUMBER) and not isinstance(value, bool) and math.isfinite(value)


def _is_integer(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def _is_object(value: object) -> bool:
    return isinstance(value, _OBJECT)


def _is_array(value: object) -> bool:
    return isinstance(value, _ARRAY)


def _is_string(value: object) -> bool:
    return isinstance(value, str)


#: The types of JSON Schema. A number is finite, an object is any mapping and an array a list or tuple.
TYPES: Mapping[str, Predicate] = MappingProxyType(
    {
        "array": _is_array,
        "boolean": lambda value: isinstance(value, bool),
        "integer": _is_integer,
        "null": lambda value: value is None,
        "number": _is_number,
        "object": _is_object,
        "string": _is_string,
    }
)
#: The keywords that limit a number: the values that they apply to, what of them is limited, and the comparison.
_LIMITS: Mapping[str, tuple[Predicate, Callable[[Any], Any], Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "minLength": (_is_string, len, operator.ge),
        "maxLength": (_is_string, len, operator.le),
        "minItems": (_is_array, len, operator.ge),
        "maxItems": (_is_array, len, operator.le),
        "minimum": (_is_number, operator.pos, operator.ge),
        "maximum": (_is_number, operator.pos, operator.le),
        "exclusiveMaximum": (_is_number, operator.pos, operator.lt),
    }
)
#: Keywords that refuse no value.
_ANNOTATIONS = frozenset({"default", "deprecated", "description", "examples", "format", "title"})


def predicate(schema: Mapping[str, Any]) -> Predicate:
    """Whether a value satisfies the schema. Raises ContractError for a pattern that cannot be read."""
    asserted = {keyword: bound for keyword, bound in schema.items() if keyword not in _ANNOTATIONS}
    tests = [_limit(keyword, bound) or _test(keyword, bound, schema) for keyword, bound in asserted.items()]
    known = [test for test in tests if test is not None]
    if len(known) < len(tests):
        return _by_jsonschema(schema)
    return reduce(_both, known) if known else lambda value: True


def _both(one: Predicate, other: Predicate) -> Predicate:
    return lambda value: one(value) and other(value)


def _by_jsonschema(schema: Mapping[str, Any]) -> Predicate:
    @cache
    def validator() -> Any:
        from tunnelspec.contract.json_schema import Validator

        return Validator(schema)

    return lambda value: bool(validator().is_valid(value))


def _limit(keyword: str, bound: Any) -> Predicate | None:
    if keyword not in _LIMITS:
        return None
    applies, measure, compare = _LIMITS[keyword]
    return lambda value: not applies(value) or compare(measure(value), bound)


def _test(keyword: str, bound: Any, schema: Mapping[str, Any]) -> Predicate | None:
    """One keyword of a schema as a function; None for one that jsonschema has to decide."""
    match keyword, bound:
        case "type", str():
            return TYPES[bound]
        case "const", str():
            return lambda value: value == bound
        case "enum", [*values] if all(map(_is_string, values)):
            return lambda value: value in values
        case "not", Mapping():
            inner = predicate(bound)
            return lambda value: not inner(value)
        case "required", [*names]:
            return lambda value: not isinstance(value, _OBJECT) or all(name in value for name in names)
        case "pattern", str():
            matches = Pattern(bound).matches
            return lambda value: not isinstance(value, str) or matches(value)
        case "uniqueItems", True:
            return _has_unique_items
        case "uniqueItemProperties", [*names]:
            return lambda value: not _is_array(value) or not any(repeats(value, name) for name in names)
        case ("properties", Mapping()) if all(map(_is_object, bound.values())):
            return _properties({name: predicate(inner) for name, inner in bound.items()})
        case "additionalProperties", Mapping():
            return _others(predicate(bound), schema.get("properties", ()))
        case "items", Mapping():
            element = predicate(bound)
            return lambda value: not isinstance(value, _ARRAY) or all(map(element, value))
    return None


def _properties(inner: Mapping[str, Predicate]) -> Predicate:
    def satisfies(value: object) -> bool:
        if isinstance(value, _OBJECT):
            for name, test in inner.items():
                if name in value and not test(value[name]):
                    return False
        return True

    return satisfies


def _others(inner: Predicate, described: Any) -> Predicate:
    return lambda value: (
        not isinstance(value, _OBJECT) or all(inner(one) for name, one in value.items() if name not in described)
    )


def _has_unique_items(value: Any) -> bool:
    if not _is_array(value) or len(value) < 2:
        return True
    if all(isinstance(element, _SCALAR) for element in value):
        # In Python, True is equal to 1.
        return len({(isinstance(element, bool), element) for element in value}) == len(value)
    return _by_jsonschema({"uniqueItems": True})(value)


def repeats(elements: Any, name: str) -> bool:
    """Whether two elements of a list share the value of a member."""
    values = [element.get(name) for element in elements if isinstance(element, _OBJECT)]
    scalars = [value for value in values if isinstance(value, _SCALAR)]
    return len(set(scalars)) < len(scalars)
