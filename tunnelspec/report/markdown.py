"""A summary in Markdown, for a pull request or a CI step summary (below 64 KB)."""

from __future__ import annotations

import re

from tunnelspec.printable import counted
from tunnelspec.record.document import Cite, Record
from tunnelspec.report import coverage, escape, expected_failures
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.escape import printable
from tunnelspec.report.kinds import KINDS
from tunnelspec.report.levels import reached, scores
from tunnelspec.report.summary import (
    expected_error,
    further_rounds,
    not_implemented,
    title,
    untested,
    verdict_sentence,
    where,
)
from tunnelspec.report.table import areas, cells

#: Defects written in full; the rest are counted, and are in the record.
MOST_FINDINGS = 20
#: What is in full may take so much, in bytes: a job summary stays below 64 KB in all.
_MOST_BYTES = 24_000
_LONGEST_CURL = 2000
#: Lines of the table of defects, and of the matrix.
_MOST_ROWS = 40
#: Sentences about the baseline and about operations that are not there.
_MOST_NOTES = 20


def render(record: Record) -> str:
    """The summary as Markdown text, smaller than 64 KB whatever the record holds."""
    columns = areas(record)[:30]
    defects = [cause for cause in causes(record) if cause.kind != "known"]
    lines = [
        "# tunnelspec",
        "",
        f"**{_escape(verdict_sentence(record))}**",
        "",
        *(f"* {_escape(line)}" for line in _notes(record)),
        "",
        f"Seed {record['run']['seed']}, depth {_escape(record['run']['depth'])},"
        f" {counted(record['run']['requests'], 'request')} in {record['run']['duration_s']:.1f} s.",
        *(["", f"{_escape(further_rounds(record))}."] if further_rounds(record) else ()),
        "",
        _levels(record),
        "",
        *_table(defects),
        "## Operations and areas",
        "",
        "| operation | " + " | ".join(map(_escape, columns)) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    lines += [
        f"| {_escape(operation)} | " + " | ".join(row) + " |" for operation, row in cells(record, columns)[:_MOST_ROWS]
    ]
    lines += ["", ", ".join(f"{kind.symbol} {kind.word}" for kind in KINDS.values()) + "."]
    lines += _findings(record, defects)
    lines += _coverage(record)
    reasons = untested(record)
    if reasons:
        lines += ["", "## Not tested", ""]
        lines += [f"* {count} {outcome}: {_escape(reason)}" for outcome, reason, count in reasons[:20]]
        lines += [f"* and for {len(reasons) - 20} other reasons"] if len(reasons) > 20 else []
    return "\n".join(lines) + "\n"


def _notes(record: Record) -> list[str]:
    notes = [*expected_failures.problems(record), *expected_failures.lines(record), *not_implemented(record)]
    return notes[:_MOST_NOTES]


def _levels(record: Record) -> str:
    levels = scores(record)
    parts = [f"{KINDS[score.kind].symbol} {score.level}: {score.words}" for score in levels]
    highest = reached(levels)
    summary = f"all levels pass through {highest}" if highest else "no level passes completely"
    return f"Levels: {_escape(', '.join(parts))}; {_escape(summary)}."


def _findings(record: Record, found: list[Cause]) -> list[str]:
    lines: list[str] = []
    if found:
        lines += ["", "## Defects in full"]
    room = _MOST_BYTES
    for number, group in enumerate(found[:MOST_FINDINGS]):
        section = _finding(record, number + 1, group)
        room -= len("\n".join(section).encode())
        if room < 0:
            return [*lines, "", f"and {len(found) - number} more, in record.json"]
        lines += section
    if len(found) > MOST_FINDINGS:
        lines += ["", f"and {len(found) - MOST_FINDINGS} more, in record.json"]
    return lines


def _finding(record: Record, number: int, group: Cause) -> list[str]:
    case, finding = group.example
    affected = len(group.cases)
    error = expected_error(record, finding)
    curl = finding["reproduce"]["curl"]
    command = printable(curl if len(curl) <= _LONGEST_CURL else "# too long for this page: see reproduce/")
    fence = _fence(command, 3)
    return [
        "",
        f"### {number}. {KINDS[group.kind].symbol} {_escape(title(group))}",
        "",
        f"* case: {_code(case['id'])}" + (f" and {affected - 1} more" if affected > 1 else ""),
        f"* operations: {_escape(where(group))}",
        f"* expected ({finding['level']}): {_escape(finding['expected'])}" + (f"; {_escape(error)}" if error else ""),
        f"* actual: {_code(finding['observed'])}",
        *(f"* source: {_source(cite)}" for cite in finding["cites"]),
        "",
        f"{fence}sh",
        command,
        fence,
    ]


def _source(cite: Cite) -> str:
    url = cite["url"]
    if not url.startswith("https://") or not url.isprintable() or set(url) & set("<>() "):
        return _escape(cite["title"])
    return f"[{_escape(cite['title'])}]({url})"


def _table(found: list[Cause]) -> list[str]:
    """One line a defect."""
    if not found:
        return []
    lines = ["## Defects", "", "| | level | requirement | operations | cases |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {number} {KINDS[cause.kind].symbol} | {cause.level} | {_escape(title(cause), 300)} |"
        f" {_escape(where(cause), 100)} | {len(cause.cases):,} |"
        for number, cause in enumerate(found[:_MOST_ROWS], 1)
    ]
    more = [f"and {len(found) - _MOST_ROWS} more, in report.html", ""] if len(found) > _MOST_ROWS else []
    return [*lines, "", *more]


def _coverage(record: Record) -> list[str]:
    total = coverage.totals(coverage.coverage(record))
    if not total:
        return []
    return ["", f"{total['both']} of {total.total()} constraints were tried on both sides of their bound."]


def _code(text: str) -> str:
    """What a target sent: as code, in which GitHub neither links an address nor calls anybody by name."""
    shown = escape.plain(text.replace("\n", " "), 300)
    fence = _fence(shown, 1)
    return f"{fence} {shown} {fence}" if "`" in shown else f"`{shown}`"


def _escape(text: str, longest: int = 600) -> str:
    text = escape.plain(text.replace("\n", " "), longest)
    for character in "\\`*_{}[]<>|#~":
        text = text.replace(character, f"\\{character}")
    return text


def _fence(text: str, least: int) -> str:
    """More backticks than the text has in a row."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))
