"""Behaviour that AWS's sources leave unspecified (`x-unspecified`): a value there may be accepted or rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tunnelspec.contract.predicates import Predicate, predicate


@dataclass(frozen=True, eq=False)
class Unspecified:
    """One row: the values that match the JSON Schema `when`, one of them as `example`, and why.

    The example of an object names only the members that matter.
    """

    id: str
    why: str
    when: Mapping[str, Any]
    example: object
    cites: tuple[str, ...] = ()

    @cached_property
    def applies(self) -> Predicate:
        """Whether a value of the member lies in this row."""
        return predicate(self.when)

    @cached_property
    def from_items(self) -> int | None:
        """The number of elements from which a list lies in this row, None where the row is not about that."""
        fewest: int | None = self.when.get("minItems")
        return fewest

    @cached_property
    def repeated(self) -> str | None:
        """The member whose repetition puts a list of objects into this row; empty: the elements; or None."""
        excluded = self.when.get("not", {})
        name: str | None = "" if excluded.get("uniqueItems") else excluded.get("uniqueItemProperties", (None,))[0]
        return name

    @cached_property
    def together(self) -> tuple[str, ...]:
        """The members that put an object into this row when all of them are present."""
        return tuple(self.when.get("required", ()))


def read_unspecified(raw: Mapping[str, Any]) -> Unspecified:
    """One row of `x-unspecified`. Raises KeyError for a field that is missing."""
    return Unspecified(raw["id"], raw["why"], raw["when"], raw["example"], tuple(raw.get("cites", ())))
