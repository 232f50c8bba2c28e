"""A request or response as a tree of members, parsed once from its JSON Schema and `x-` keywords."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tunnelspec.contract.errors import ContractError
from tunnelspec.contract.json_schema import is_type
from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.unspecified import Unspecified, read_unspecified

#: The constraint keywords of JSON Schema and the attributes that hold them, in the order of the cases.
CONSTRAINTS: Mapping[str, str] = MappingProxyType(
    {
        "type": "type",
        "enum": "enum",
        "minLength": "min_length",
        "maxLength": "max_length",
        "pattern": "pattern",
        "minimum": "minimum",
        "maximum": "maximum",
        "minItems": "min_items",
        "maxItems": "max_items",
    }
)


class MemberError(ContractError):
    """What is wrong with the member at `path`, and the keyword that is, if it is one."""

    def __init__(self, problem: str, path: str, keyword: str = "") -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.keyword = keyword


@dataclass(frozen=True, slots=True)
class Identifies:
    """The resource that a member names, by which identifier, and the oracle's situation for a name of nothing."""

    resource: str
    by: str
    unknown: str = "not-found"


@dataclass(frozen=True, eq=False)
class Member:
    """One value of a request or response; the body itself is the member with an empty path. Compared by identity.

    `path` is written as AWS documents members: `tags[].key`; `{}` stands for a map's values. None is the
    absence of a keyword. Lengths are in code points. `values` are those of a map (`additionalProperties`).
    `sensitive` marks a secret, `opaque` a value that only the service can issue, `external` the name of
    something outside the service, and `timestamp` is the unit of a time. `returns` are the secrets of the response
    by the value of this member.
    """

    path: str = ""
    type: str | None = None
    shape: str = ""
    cites: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    properties: Mapping[str, Member] = field(default_factory=dict)
    items: Member | None = None
    values: Member | None = None
    enum: tuple[Any, ...] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: Pattern | None = None
    examples: tuple[object, ...] = ()
    default: Any = None
    sensitive: bool = False
    opaque: bool = False
    external: bool = False
    timestamp: str | None = None
    returns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identifies: Identifies | None = None
    unspecified: tuple[Unspecified, ...] = ()

    @property
    def inner(self) -> Iterator[Member]:
        """The members directly below this one."""
        yield from self.properties.values()
        if self.items is not None:
            yield self.items
        if self.values is not None:
            yield self.values

    def walk(self) -> Iterator[Member]:
        """This member and every one below it, each before those below it."""
        yield self
        for member in self.inner:
            yield from member.walk()

    def at(self, path: str) -> Member:
        """The member at a path relative to this one. Raises KeyError where there is none."""
        found: Member | None = self
        for step in steps(path):
            if found is not None:
                found = {"[]": found.items, "{}": found.values}.get(step, found.properties.get(step))
        if found is None:
            raise KeyError(path)
        return found

    @property
    def element(self) -> Member:
        """The member that describes a list's elements; any value where the document does not describe them."""
        return self.items or Member(f"{self.path}[]")

    def bound(self, keyword: str) -> Any:
        """The value of a constraint keyword as the document writes it, None where it is absent."""
        value = getattr(self, CONSTRAINTS[keyword])
        return value.source if isinstance(value, Pattern) else value

    def unspecified_for(self, value: Any) -> Unspecified | None:
        """The first row of unspecified behaviour in which this value lies, or None."""
        return next((row for row in self.unspecified if row.applies(value)), None)

    @property
    def longest(self) -> int | None:
        """The greatest length of a text, by its own bound or its pattern's; None without one."""
        bounds = (self.max_length, self.pattern.lengths[1] if self.pattern else None)
        return min((bound for bound in bounds if bound is not None), default=None)

    def most_items(self, otherwise: int) -> int:
        """The most elements of a list within its bound and clear of unspecified behaviour; else `otherwise`."""
        limits = [row.from_items - 1 for row in self.unspecified if row.from_items is not None]
        return min([*limits, *(() if self.max_items is None else (self.max_items,))], default=otherwise)


def steps(path: str) -> list[str]:
    """A path in steps: `tags[].key` is tags, [], key."""
    return [step for step in re.split(r"\.|(?=\[\])|(?=\{\})", path) if step]


def member_path(parent: str, name: str) -> str:
    """The path of an object's member."""
    return f"{parent}.{name}" if parent else name


def read_member(schema: Mapping[str, Any], path: str = "", inherited: tuple[str, ...] = ()) -> Member:
    """The member that a JSON Schema without `$ref` describes; what cites nothing inherits from its parent.

    Raises MemberError for a pattern that cannot be read, bounds that exclude each other, values of another type,
    a required member that is not described, and an example that is not in its row of unspecified behaviour.
    """
    cites = tuple(schema.get("x-cites", inherited))
    properties = {
        name: read_member(inner, member_path(path, name), cites) for name, inner in schema.get("properties", {}).items()
    }
    required = tuple(schema.get("required", ()))
    for name in required:
        if name not in properties:
            raise MemberError("is required, but not described", member_path(path, name), "required")
    items, values = schema.get("items"), schema.get("additionalProperties")
    identifies = schema.get("x-identifies")
    return Member(
        path=path,
        shape=str(schema.get("x-shape", "")),
        cites=cites,
        required=required,
        properties=MappingProxyType(properties),
        items=read_member(items, f"{path}[]", cites) if isinstance(items, Mapping) else None,
        values=read_member(values, f"{path}{{}}", cites) if isinstance(values, Mapping) else None,
        examples=tuple(schema.get("examples", ())),
        default=schema.get("default"),
        sensitive=bool(schema.get("x-sensitive")),
        opaque=bool(schema.get("x-opaque")),
        external="x-external" in schema,
        timestamp=schema.get("x-timestamp"),
        returns={value: tuple(names) for value, names in schema.get("x-returns", {}).items()},
        identifies=Identifies(**identifies) if identifies else None,
        unspecified=_unspecified(schema, path),
        **_constraints(schema, path),
    )


def _constraints(schema: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The constraint keywords by attribute. Raises MemberError."""
    constraints = {name: schema[keyword] for keyword, name in CONSTRAINTS.items() if keyword in schema}
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        if low in schema and high in schema and schema[low] > schema[high]:
            raise MemberError(f"{low} is above {high}", path, low)
    for keyword in ("enum", "examples"):
        for value in schema.get(keyword, ()):
            if "type" in schema and not is_type(value, schema["type"]):
                raise MemberError(f"{value!r:.60} in {keyword} is not of type {schema['type']}", path, keyword)
    if "enum" in constraints:
        constraints["enum"] = tuple(constraints["enum"])
    if "pattern" in constraints:
        try:
            constraints["pattern"] = Pattern(constraints["pattern"])
        except ContractError as problem:
            raise MemberError(problem.problem, path, "pattern") from problem
    return constraints


def _unspecified(schema: Mapping[str, Any], path: str) -> tuple[Unspecified, ...]:
    rows = tuple(map(read_unspecified, schema.get("x-unspecified", ())))
    for row in rows:
        if not row.applies(row.example):
            problem = f"the example of x-unspecified '{row.id}' does not match its 'when'"
            raise MemberError(problem, path, "x-unspecified")
    return rows
