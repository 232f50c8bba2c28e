"""What a record holds of the contract, as plain data, so that reports need no document."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ConstraintRow(TypedDict):
    """A row of the constraint table, with its line in the document."""

    name: str
    operation: str
    path: str
    keyword: str
    bound: str
    sentence: str
    line: int


class OperationRow(TypedDict):
    """An operation of the document."""

    name: str
    summary: str
    line: int


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

    file: str
    operations: list[OperationRow]
    constraints: list[ConstraintRow]
    rules: dict[str, RuleRow]
    situations: NotRequired[dict[str, SituationRow]]
    sensitive: NotRequired[list[str]]
