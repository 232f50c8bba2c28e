"""The table of constraints, computed from a schema: (operation, JSON path, keyword, bound).

Paths are written the way AWS documents members: `tags[].key`, `timeout.minutes`; `{}`
stands for a map's values. Every case, finding and baseline line is named after a row of this table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: The JSON Schema keywords that AWS models can express, in the order in which cases are listed.
KEYWORDS = (
    "type",
    "enum",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
)


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint on one request member, with the sources that state it.

    `bound` is the keyword's value (for `required`: True); `schema` is the member's own schema.
    """

    operation: str
    path: str
    keyword: str
    bound: Any
    shape: str
    cites: tuple[str, ...]
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The constraint's stable name, `Operation/path/keyword`."""
        return constraint_name(self.operation, self.path, self.keyword)

    @property
    def sentence(self) -> str:
        """What the constraint demands, in words."""
        return f"{self.path} {_SENTENCES[self.keyword].format(shown(self.bound))}"


_SENTENCES = {
    "type": "must be a JSON {}",
    "enum": "must be one of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "pattern": "must match {} as a whole",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "minItems": "must have at least {} elements",
    "maxItems": "must have at most {} elements",
    "required": "must be present and not null",
}


def shown(bound: Any) -> str:
    """A bound as it reads in a sentence."""
    return ", ".join(map(str, bound)) if isinstance(bound, list) else str(bound)


def constraint_name(operation: str, path: str, keyword: str) -> str:
    """`Operation/path/keyword`, as findings, cases and baselines spell it."""
    return f"{operation}/{path}/{keyword}"


def member_path(parent: str, member: str) -> str:
    """The path of an object's member."""
    return f"{parent}.{member}" if parent else member


def constraints_of(operation: str, schema: Mapping[str, Any]) -> tuple[Constraint, ...]:
    """Every constraint that an inlined input schema puts on the members of a request."""
    return tuple(_walk(operation, schema, "", ()))


def _walk(operation: str, schema: Mapping[str, Any], path: str, inherited: tuple[str, ...]) -> Iterator[Constraint]:
    cites = tuple(schema.get("x-cites", inherited))
    shape = str(schema.get("x-shape", ""))
    if path:
        for keyword in KEYWORDS:
            if keyword in schema:
                yield Constraint(operation, path, keyword, schema[keyword], shape, cites, schema)
    for member, inner in schema.get("properties", {}).items():
        inner_path = member_path(path, member)
        if member in schema.get("required", ()):
            inner_shape = str(inner.get("x-shape", ""))
            yield Constraint(operation, inner_path, "required", True, inner_shape, cites, inner)
        yield from _walk(operation, inner, inner_path, cites)
    if isinstance(schema.get("items"), dict):
        yield from _walk(operation, schema["items"], path + "[]", cites)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _walk(operation, schema["additionalProperties"], path + "{}", cites)
