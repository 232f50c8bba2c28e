"""Every case as a row of the page, each with an address of its own: `#` and the case's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.report.html.findings import LONGEST_PROGRAM, Finding, by_operation
from tunnelspec.report.kinds import KINDS, kind_of, missing

#: Programs in rows, all together in characters: those that a finding does not already show.
_ALL_PROGRAMS = 500_000


@dataclass(frozen=True, slots=True)
class Row:
    """A case. `told_by` are the findings that it belongs to; `curl` shows it again, where there is room."""

    case: Mapping[str, Any]
    kind: str
    told_by: list[str]
    curl: str


def rows(record: Mapping[str, Any], findings: list[Finding]) -> list[Row]:
    """The cases in the page's order."""
    lacking = missing(record)
    told: dict[int, list[str]] = {}
    for finding in findings:
        for index in finding.rows:
            told.setdefault(index, []).append(finding.anchor)
    examples = {finding.group.example[0]["id"] for finding in findings}
    left = _ALL_PROGRAMS
    made = []
    for index, case in enumerate(by_operation(record)):
        curl = case["reproduce"]["curl"]
        if case["id"] in examples or len(curl) > min(LONGEST_PROGRAM, left):
            curl = ""
        left -= len(curl)
        made.append(Row(case, kind_of(case, lacking), told.get(index, []), curl))
    return made


def operations_of(listed: list[Row]) -> dict[str, tuple[list[Row], list[tuple[str, int]]]]:
    """The rows by operation, with how many there are of each kind."""
    found: dict[str, list[Row]] = {}
    for row in listed:
        found.setdefault(row.case["operation"], []).append(row)
    return {name: (items, _kinds(items)) for name, items in found.items()}


def _kinds(items: list[Row]) -> list[tuple[str, int]]:
    count = Counter(row.kind for row in items)
    return [(name, count[name]) for name in KINDS if count[name]]
