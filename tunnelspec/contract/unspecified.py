"""Zones that AWS's sources leave open (`x-open`): either outcome is right there.

A zone is written as a small JSON Schema (`when`) that an instance in it matches, or as
`duplicates: member` for lists in which two objects share that member's value. Unlike JSON Schema,
a keyword that does not apply to the value's type does not match: a zone is never entered by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tunnelspec.contract.errors import ContractError
from tunnelspec.contract.patterns import Pattern


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) else -1


def _items(value: Any) -> int:
    return len(value) if isinstance(value, list) else -1


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_MATCHES: dict[str, Callable[[Any, Any], bool]] = {
    "const": lambda bound, value: value == bound,
    "enum": lambda bound, value: value in bound,
    "pattern": lambda bound, value: isinstance(value, str) and Pattern(bound).matches(value),
    "minLength": lambda bound, value: _length(value) >= bound,
    "maxLength": lambda bound, value: 0 <= _length(value) <= bound,
    "minItems": lambda bound, value: _items(value) >= bound,
    "maxItems": lambda bound, value: 0 <= _items(value) <= bound,
    "minimum": lambda bound, value: _number(value) and value >= bound,
    "maximum": lambda bound, value: _number(value) and value <= bound,
    "required": lambda bound, value: (
        isinstance(value, Mapping) and all(value.get(member) is not None for member in bound)
    ),
    "properties": lambda bound, value: (
        isinstance(value, Mapping) and all(matches(inner, value[key]) for key, inner in bound.items() if key in value)
    ),
    "contains": lambda bound, value: isinstance(value, list) and any(matches(bound, item) for item in value),
    "type": lambda bound, value: True,
}


def matches(when: Mapping[str, Any], value: Any) -> bool:
    """Whether a value lies in the zone that `when` describes.

    Raises ContractError for a keyword that zones do not know.
    """
    for keyword, bound in when.items():
        if keyword not in _MATCHES:
            raise ContractError(f"x-open uses '{keyword}', which zones do not know.")
        if not _MATCHES[keyword](bound, value):
            return False
    return True


def open_zone(schema: Mapping[str, Any], value: Any) -> Mapping[str, Any] | None:
    """The first zone of this schema that the value lies in, or None."""
    zone: Mapping[str, Any]
    for zone in schema.get("x-open", ()):
        if "duplicates" in zone:
            if isinstance(value, list) and _has_duplicates(value, zone["duplicates"]):
                return zone
        elif matches(zone["when"], value):
            return zone
    return None


def most_items(schema: Mapping[str, Any], otherwise: int) -> int:
    """The most elements with which a list stays within its bound and clear of the open zones; `otherwise`
    where nothing limits it.
    """
    zones = (zone.get("when", {}) for zone in schema.get("x-open", ()))
    limits = [zone["minItems"] - 1 for zone in zones if "minItems" in zone]
    return min([*limits, *([schema["maxItems"]] if "maxItems" in schema else [])], default=otherwise)


def _has_duplicates(items: list[Any], member: str) -> bool:
    seen = [item.get(member) for item in items if isinstance(item, Mapping)]
    hashable = [value for value in seen if isinstance(value, str | int | float)]
    return len(set(hashable)) < len(hashable)
