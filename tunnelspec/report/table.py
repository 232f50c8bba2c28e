"""The matrix of operations by areas that every summary shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tunnelspec.record.document import Record
from tunnelspec.report.kinds import KINDS, kind_of, missing


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the kind that wants attention most, how many cases are of it, and how many there are."""

    kind: str
    count: int
    total: int

    def __str__(self) -> str:
        """`✓ 41`, or `✗ 2/43`."""
        symbol = KINDS[self.kind].symbol
        return f"{symbol} {self.total}" if self.count == self.total else f"{symbol} {self.count}/{self.total}"


def areas(record: Record) -> list[str]:
    """The areas in which there are cases, in the order in which they first appear."""
    return list(dict.fromkeys(case["area"] for case in record["cases"]))


def operations(record: Record) -> list[str]:
    """The operations in which there are cases, in the order in which they first appear."""
    return list(dict.fromkeys(case["operation"] for case in record["cases"]))


def matrix(record: Record) -> dict[tuple[str, str], Cell]:
    """A cell for each (operation, area) in which there are cases."""
    lacking = missing(record)
    counts: dict[tuple[str, str], Counter[str]] = {}
    for case in record["cases"]:
        key = (case["operation"], case["area"])
        counts.setdefault(key, Counter())[kind_of(case, lacking)] += 1
    return {key: _cell(count) for key, count in counts.items()}


def cells(record: Record, columns: list[str]) -> list[tuple[str, list[str]]]:
    """The rows of the matrix as text: an operation and a cell for each area."""
    cell_of = matrix(record)
    return [
        (operation, [str(cell_of.get((operation, area), "")) for area in columns]) for operation in operations(record)
    ]


def _cell(count: Counter[str]) -> Cell:
    kind = next(name for name in KINDS if count[name])
    return Cell(kind, count[kind], sum(count.values()))
