"""A defect as the page shows it: the smallest example in full, the other cases by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tunnelspec.record.document import Record, RecordedCase, RecordedFinding, Step
from tunnelspec.report import escape
from tunnelspec.report.causes import Cause
from tunnelspec.report.facts import constraint_rows, document_file
from tunnelspec.report.summary import expected_error, title, where
from tunnelspec.report.table import operations

#: A program longer than this is not read on a page; the record and `reproduce/` hold it.
LONGEST_PROGRAM = 6000
#: All programs of a page together, in characters.
ALL_PROGRAMS = 250_000
#: Names of cases shown at once and in all; filters find the others.
_NAMES, _MOST_NAMES = 6, 60
#: Bodies up to this length stand in the first screen, in characters.
_GLANCED = 90


@dataclass(frozen=True, slots=True)
class Defect:
    """A cause with what the page shows of it. `line` is where the document states it, 0 if unknown; `rows`
    are the numbers of its cases in the page's list; `error` is the error expected, if one is.
    """

    anchor: str
    number: int
    cause: Cause
    title: str
    where: str
    rule: str
    error: str
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
        return self.cause.kind

    @property
    def finding(self) -> RecordedFinding:
        """The finding of the smallest example."""
        return self.cause.finding

    @property
    def does(self) -> str:
        """What the target does instead, for a line of its own."""
        return escape.cut(" ".join(self.finding["observed"].split()), 300)

    @property
    def sent(self) -> str:
        """The body that shows it, if one constraint is at stake and it is short enough to be read at a glance."""
        request = self.finding.get("request")
        body = request["body"] if request else ""
        return body if self.cause.constraint and len(body) <= _GLANCED else ""

    @property
    def steps(self) -> Sequence[Step]:
        """The calls of its sequence; none if one request shows it."""
        return self.finding.get("script", [])


def by_operation(record: Record) -> list[RecordedCase]:
    """The cases in the order in which the page lists them: operation by operation."""
    order = {name: number for number, name in enumerate(operations(record))}
    return sorted(record["cases"], key=lambda case: order[case["operation"]])


def shown_defects(record: Record, causes: Sequence[Cause]) -> list[Defect]:
    """The defects in their order, with programs for as many as there is room for."""
    index = {case["id"]: number for number, case in enumerate(by_operation(record))}
    lines = {row["name"]: row["line"] for row in constraint_rows(record)}
    left = ALL_PROGRAMS
    defects = []
    for number, cause in enumerate(causes, 1):
        programs = cause.finding["reproduce"]
        curl, python = (_program(text, left) for text in (programs["curl"], programs["python"]))
        left -= len(curl) + len(python)
        names = [case["id"] for case in cause.cases]
        defects.append(
            Defect(
                anchor=f"defect-{number}",
                number=number,
                cause=cause,
                title=title(cause),
                where=where(cause),
                rule=cause.rule,
                error=expected_error(record, cause.finding),
                file=document_file(record),
                line=lines.get(cause.constraint, 0),
                curl=curl,
                python=python,
                names=names[:_NAMES],
                more_names=names[_NAMES:_MOST_NAMES],
                unnamed=max(0, len(names) - _MOST_NAMES),
                rows=[index[name] for name in names],
            )
        )
    return defects


def _program(text: str, left: int) -> str:
    return text if len(text) <= min(LONGEST_PROGRAM, left) else ""
