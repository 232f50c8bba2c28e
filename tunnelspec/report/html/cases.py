"""Every case as a row of the page, each with an address of its own: `#` and the case's name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tunnelspec.grouping import grouped
from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.report.html.defects import LONGEST_PROGRAM, Defect, by_operation
from tunnelspec.report.kinds import KINDS, kind_of, missing

#: Programs in rows, all together in characters: those that a finding does not already show.
_ALL_PROGRAMS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A case. `defects` are the anchors of those that affect it; `curl` shows it again, where there is room."""

    case: RecordedCase
    kind: str
    defects: list[str]
    curl: str


def rows(record: Record, defects: list[Defect]) -> list[Row]:
    """The cases in the page's order."""
    lacking = missing(record)
    anchors: dict[int, list[str]] = {}
    for defect in defects:
        for index in defect.rows:
            anchors.setdefault(index, []).append(defect.anchor)
    examples = {defect.cause.example[0]["id"] for defect in defects}
    left = _ALL_PROGRAMS
    table_rows = []
    for index, case in enumerate(by_operation(record)):
        curl = case["reproduce"]["curl"]
        if case["id"] in examples or len(curl) > min(LONGEST_PROGRAM, left):
            curl = ""
        left -= len(curl)
        table_rows.append(Row(case, kind_of(case, lacking), anchors.get(index, []), curl))
    return table_rows


def operations_of(listed: list[Row]) -> dict[str, tuple[list[Row], list[tuple[str, int]]]]:
    """The rows by operation, with how many there are of each kind."""
    return {name: (items, _kinds(items)) for name, items in grouped(listed, lambda row: row.case["operation"]).items()}


def _kinds(items: list[Row]) -> list[tuple[str, int]]:
    count = Counter(row.kind for row in items)
    return [(name, count[name]) for name in KINDS if count[name]]
