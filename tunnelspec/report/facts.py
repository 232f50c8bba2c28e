"""What a record holds of the contract; nothing in records of before it was noted."""

from __future__ import annotations

from tunnelspec.record.document import Record
from tunnelspec.record.facts import ConstraintRow, RuleRow, SituationRow


def constraint_rows(record: Record) -> list[ConstraintRow]:
    """The constraint table."""
    contract = record.get("contract")
    return contract.get("constraints", []) if contract else []


def situations(record: Record) -> dict[str, SituationRow]:
    """The oracle's rows that occur, by id."""
    contract = record.get("contract")
    return contract.get("situations", {}) if contract else {}


def rules(record: Record) -> dict[str, RuleRow]:
    """The violated rules, by id."""
    contract = record.get("contract")
    return contract.get("rules", {}) if contract else {}


def document_file(record: Record) -> str:
    """The path of the contract document."""
    contract = record.get("contract")
    return contract.get("file", "") if contract else ""


def sensitive(record: Record) -> list[str]:
    """The names of members that hold secrets."""
    contract = record.get("contract")
    return [name for name in contract.get("sensitive", []) if name.isidentifier()] if contract else []
