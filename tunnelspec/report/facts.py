"""What a record holds of the contract; nothing in records of before it was noted."""

from __future__ import annotations

from typing import cast

from tunnelspec.record.document import Record
from tunnelspec.record.facts import ConstraintRow, ContractFacts, RuleRow, SituationRow


def _facts(record: Record) -> ContractFacts:
    return record.get("contract") or cast(ContractFacts, {})


def constraint_rows(record: Record) -> list[ConstraintRow]:
    """The constraint table."""
    return _facts(record).get("constraints", [])


def situations(record: Record) -> dict[str, SituationRow]:
    """The oracle's rows that occur, by id."""
    return _facts(record).get("situations", {})


def rules(record: Record) -> dict[str, RuleRow]:
    """The violated rules, by id."""
    return _facts(record).get("rules", {})


def document_file(record: Record) -> str:
    """The path of the contract document."""
    return _facts(record).get("file", "")


def sensitive(record: Record) -> list[str]:
    """The names of members that hold secrets."""
    return [name for name in _facts(record).get("sensitive", []) if name.isidentifier()]
