"""GitHub workflow commands: one `::error` or `::warning` a defect, at the line of the contract document.

For repositories without code scanning. Format and escaping:
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from tunnelspec.printable import counted
from tunnelspec.record.document import Record
from tunnelspec.report import escape
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.facts import constraint_rows, document_file
from tunnelspec.report.summary import requirement, title, where

#: GitHub shows ten annotations of a kind in a step and drops the others.
MOST = 10
_COMMANDS = {"missing": "warning", "fail": "error", "wrong-error": "error", "warn": "warning", "known": "notice"}


def render(record: Record) -> str:
    """The commands, to be printed by a step of a workflow."""
    return "".join(f"{line}\n" for line in commands(record))


def commands(record: Record) -> list[str]:
    """The commands, the most important defect first."""
    lines = {row["name"]: row["line"] for row in constraint_rows(record)}
    count: dict[str, int] = {}
    annotations = []
    for cause in causes(record):
        command = _COMMANDS[cause.kind]
        count[command] = count.get(command, 0) + 1
        if count[command] <= MOST:
            annotations.append(_annotation(record, cause, command, lines.get(cause.constraint, 1)))
    return annotations


def _annotation(record: Record, cause: Cause, command: str, line: int) -> str:
    finding = cause.finding
    wanted, affected = requirement(record, finding), counted(len(cause.cases), "case")
    message = f"{where(cause)}, {affected}: expected {wanted}; actual: {finding['observed']}"
    file = _property(document_file(record) or "openapi")
    heading = _property(escape.one_line(title(cause), 200))
    return f"::{command} file={file},line={line},title={heading}::{_data(escape.one_line(message, 1000))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
