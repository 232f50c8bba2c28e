"""Behaviour that AWS's sources leave unspecified (`x-unspecified`): a value there may be accepted or rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from tunnelspec.contract.json_schema import Validator

#: Longer texts are not remembered: 8,192 texts of 4,096 characters outside Latin-1 take 64 MB or more.
_SHORT = 256


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

    def applies(self, value: object) -> bool:
        """Whether a value of the member lies in this row."""
        if isinstance(value, str):
            return _applies_to_text(self, value) if len(value) <= _SHORT else bool(self._validator.is_valid(value))
        # jsonschema takes 20 µs; most lists are shorter and most objects lack a member.
        if isinstance(value, list):
            possible = len(value) >= self._fewest
        else:
            possible = not isinstance(value, dict) or all(name in value for name in self.together)
        return possible and bool(self._validator.is_valid(value))

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

    @cached_property
    def _fewest(self) -> int:
        return self.from_items or (2 if self.repeated is not None else 0)

    @cached_property
    def _validator(self) -> Any:
        return Validator(self.when)


@lru_cache(maxsize=8192)  # a run classifies the same few short texts many times, and jsonschema takes 20 µs for each
def _applies_to_text(row: Unspecified, text: str) -> bool:
    return bool(row._validator.is_valid(text))


def read_unspecified(raw: Mapping[str, Any]) -> Unspecified:
    """One row of `x-unspecified`. Raises KeyError for a field that is missing."""
    return Unspecified(raw["id"], raw["why"], raw["when"], raw["example"], tuple(raw.get("cites", ())))
