"""A defect as the page tells it: the smallest example in full, the other cases by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.report import escape as visible
from tunnelspec.report.groups import Group
from tunnelspec.report.summary import where
from tunnelspec.report.table import operations

#: A program longer than this is not read on a page; the record and `reproduce/` hold it.
LONGEST_PROGRAM = 6000
#: All programs of a page together, in characters; the page stays within three megabytes.
ALL_PROGRAMS = 800_000
#: Names of cases told at once and in all; filters find the others.
_NAMES, _MOST_NAMES = 6, 120
#: Bodies up to this length stand in the first screen, in characters.
_GLANCED = 90


@dataclass(frozen=True, slots=True)
class Finding:
    """A group with what the page shows of it. `line` is where the document states it, 0 if unknown; `rows`
    are the numbers of its cases in the page's list.
    """

    anchor: str
    group: Group
    where: str
    rule: str
    file: str
    line: int
    curl: str
    python: str
    names: list[str]
    more_names: list[str]
    unnamed: int
    rows: list[int]

    @property
    def kind(self) -> str:
        """The kind that it is of."""
        return self.group.kind

    @property
    def says(self) -> str:
        """What the contract demands, for a line of its own."""
        return one_line(self.group.requirement)

    @property
    def does(self) -> str:
        """What the target does instead, for a line of its own."""
        return one_line(str(self.group.finding["observed"]))

    @property
    def sent(self) -> str:
        """The body that shows it, if it is short enough to be read at a glance."""
        sent = str(self.group.finding.get("request", {}).get("body", ""))
        return "" if self.group.finding["axis"] == "behaviour" or len(sent) > _GLANCED else sent

    @property
    def steps(self) -> list[Mapping[str, str]]:
        """The calls of its script; none if one request shows it."""
        return list(self.group.finding.get("script", ()))


def by_operation(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The cases in the order in which the page lists them: operation by operation."""
    order = {name: number for number, name in enumerate(operations(record))}
    return sorted(record["cases"], key=lambda case: order[case["operation"]])


def shown_findings(record: Mapping[str, Any], groups: list[Group]) -> list[Finding]:
    """The defects in their order, with programs for as many as there is room for."""
    index = {case["id"]: number for number, case in enumerate(by_operation(record))}
    contract = record.get("contract", {})
    lines = {row["name"]: row["line"] for row in contract.get("constraints", ())}
    left = ALL_PROGRAMS
    found = []
    for number, group in enumerate(groups, 1):
        programs = group.finding["reproduce"]
        curl, python = (_program(programs[form], left) for form in ("curl", "python"))
        left -= len(curl) + len(python)
        names = [case["id"] for case, _ in group.shown_by]
        found.append(
            Finding(
                anchor=f"finding-{number}",
                group=group,
                where=where(group),
                rule=group.constraint if group.key[1] else str(group.finding["check"]),
                file=contract.get("file", ""),
                line=int(lines.get(group.constraint, 0)),
                curl=curl,
                python=python,
                names=names[:_NAMES],
                more_names=names[_NAMES:_MOST_NAMES],
                unnamed=max(0, len(names) - _MOST_NAMES),
                rows=[index[name] for name in names],
            )
        )
    return found


def _program(text: str, left: int) -> str:
    return text if len(text) <= min(LONGEST_PROGRAM, left) else ""


def one_line(text: str) -> str:
    """A sentence for a list: on one line and not long."""
    return visible.cut(" ".join(text.split()), 300)
