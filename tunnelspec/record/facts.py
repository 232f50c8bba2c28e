"""What a record holds of the contract, as plain data, so that reports need no document."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

Count = Annotated[int, {"minimum": 0}]


class ConstraintRow(TypedDict):
    """A row of the constraint table, with its line in the document."""

    name: Annotated[str, {"pattern": "/.*/"}]
    operation: str
    path: str
    keyword: str
    bound: str
    sentence: str
    line: Count


class OperationRow(TypedDict):
    """An operation of the document."""

    name: str
    summary: NotRequired[str]
    line: Count


class RuleRow(TypedDict):
    """A rule that some finding violates."""

    sentence: str
    level: str


class SituationRow(TypedDict):
    """A row of the oracle: what a request of this kind must get in response."""

    requirement: str
    decision: str
    level: str
    statuses: list[int]
    error_types: list[str]


class ContractFacts(TypedDict):
    """What a record holds of the contract, so that reports need no document."""

    file: NotRequired[str]
    operations: NotRequired[list[OperationRow]]
    constraints: NotRequired[list[ConstraintRow]]
    rules: NotRequired[dict[str, RuleRow]]
    situations: NotRequired[dict[str, SituationRow]]
    sensitive: NotRequired[list[str]]
