"""The table of constraints: one row for each constraint keyword of each request member.

Every case, finding and baseline line is named after a row: `Operation/path/keyword`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tunnelspec.contract.member import CONSTRAINTS, Member


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint on one request member, with the sources that state it.

    `bound` is the keyword's value; for `required` it is True.
    """

    operation: str
    keyword: str
    bound: Any
    cites: tuple[str, ...]
    member: Member

    @property
    def path(self) -> str:
        """The path of the member, such as `tags[].key`."""
        return self.member.path

    @property
    def shape(self) -> str:
        """The name of the member's shape in AWS's model, or an empty string."""
        return self.member.shape

    @property
    def name(self) -> str:
        """The constraint's stable name, `Operation/path/keyword`."""
        return constraint_name(self.operation, self.path, self.keyword)

    @property
    def sentence(self) -> str:
        """The requirement in words."""
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


def shown(bound: object) -> str:
    """A bound as it reads in a sentence."""
    return ", ".join(map(str, bound)) if isinstance(bound, tuple) else str(bound)


def constraint_name(operation: str, path: str, keyword: str) -> str:
    """`Operation/path/keyword`, as findings, cases and baselines spell it."""
    return f"{operation}/{path}/{keyword}"


def constraints_of(operation: str, body: Member) -> Iterator[Constraint]:
    """Every constraint on the members of a request, in the document's order."""
    for name, member in body.properties.items():
        if name in body.required:
            yield Constraint(operation, "required", True, body.cites, member)
        yield from _of_member(operation, member)
    for inner in (body.items, body.values):
        if inner is not None:
            yield from _of_member(operation, inner)


def _of_member(operation: str, member: Member) -> Iterator[Constraint]:
    for keyword in CONSTRAINTS:
        bound = member.bound(keyword)
        if bound is not None:
            yield Constraint(operation, keyword, bound, member.cites, member)
    yield from constraints_of(operation, member)
