"""Which constraints were tried: a value accepted at the bound, and one rejected past it.

Read from the cases of the record; a record of before these were noted has nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.record.facts import ConstraintRow
from tunnelspec.report.facts import constraint_rows

#: What became of one side of a constraint, with its symbol and its class on pages.
HELD, WRONG, ERROR, SILENT, NONE = "held", "broken", "wrong error", "not reached", "no such value"
SYMBOLS = {HELD: "✓", WRONG: "✗", ERROR: "≠", SILENT: "?", NONE: "·"}
CLASSES = {HELD: "pass", WRONG: "fail", ERROR: "wrong-error", SILENT: "inconclusive", NONE: "skipped"}
#: Keywords whose least possible bound nothing can fall below.
_FLOORS = ("minLength", "minItems")


@dataclass(frozen=True, slots=True)
class Covered:
    """A row of the constraint table and what became of its two sides."""

    row: ConstraintRow
    accepted: str
    rejected: str


def coverage(record: Record) -> list[Covered]:
    """Every constraint of the contract, in the document's order; nothing for an old record."""
    rows = constraint_rows(record)
    accepting: dict[str, list[RecordedCase]] = {}
    rejecting: dict[str, list[RecordedCase]] = {}
    for case in record["cases"]:
        for name in case.get("breaks", ()):
            rejecting.setdefault(name, []).append(case)
        constraint = case.get("constraint", "")
        if constraint and not case.get("breaks") and case.get("decision") != "either":
            # A well-formed name of nothing is let through by its constraint, and refused for another reason.
            accepting.setdefault(constraint, []).append(case)
    return [_covered(row, accepting, rejecting.get(row["name"], [])) for row in rows]


def totals(rows: Iterable[Covered]) -> Counter[str]:
    """How many constraints were tried on both sides (`both`), on one (`one`), or not at all (`none`)."""
    count: Counter[str] = Counter()
    for row in rows:
        sides = [side != SILENT for side in (row.accepted, row.rejected)]
        count["both" if all(sides) else "one" if any(sides) else "none"] += 1
    return count


def _covered(
    row: ConstraintRow,
    accepting: Mapping[str, list[RecordedCase]],
    rejecting: list[RecordedCase],
) -> Covered:
    own = accepting.get(row["name"], [])
    accepted = _side(own)
    if accepted == SILENT:
        # What is accepted further down shows that its parents' types and presence were right too.
        own = [case for name, cases in accepting.items() if _within(name, row) for case in cases]
        accepted = _side(own)
        if accepted == WRONG:
            # Refused, but perhaps for what those cases are about.
            accepted = SILENT
    rejected = _side(rejecting)
    if rejected == SILENT and row["keyword"] in _FLOORS and row["bound"] == "0":
        rejected = NONE
    return Covered(row, accepted, rejected)


def _side(cases: list[RecordedCase]) -> str:
    findings = [finding for case in cases for finding in case["findings"] if finding["level"] == "MUST"]
    axes = {finding["axis"] for finding in findings}
    if axes - {"identity"}:
        return WRONG
    if axes:
        return ERROR
    return HELD if any(case["outcome"] in ("pass", "warn") for case in cases) else SILENT


def _within(name: str, row: ConstraintRow) -> bool:
    operation, _, rest = name.partition("/")
    path = rest.rpartition("/")[0]
    if operation != row["operation"]:
        return False
    return path == row["path"] or path.startswith(tuple(row["path"] + mark for mark in (".", "[", "{")))
