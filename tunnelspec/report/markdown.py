"""A summary in Markdown, for a pull request or a CI step summary (GitHub takes at most 1 MiB)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunnelspec.record.document import printable
from tunnelspec.report import coverage
from tunnelspec.report import escape as visible
from tunnelspec.report import expected_failures as known
from tunnelspec.report.groups import Group, groups
from tunnelspec.report.kinds import KINDS
from tunnelspec.report.levels import reached, scores
from tunnelspec.report.summary import not_implemented, unjudged, verdict_sentence, where
from tunnelspec.report.table import areas, cells

#: Defects told in full; the rest are counted, and stand in the record.
MOST_FINDINGS = 100
#: What is told in full may take so much, in bytes: GitHub drops a summary of more than 1 MiB whole.
_MOST_BYTES = 700_000
_LONGEST_CURL = 2000
#: Sentences about the baseline and about operations that are not there.
_MOST_NOTES = 100


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write the summary. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(record), encoding="utf-8")


def render(record: Mapping[str, Any]) -> str:
    """The summary as Markdown text, smaller than 1 MiB whatever the record holds."""
    columns = areas(record)
    lines = [
        "# tunnelspec",
        "",
        f"**{_escape(verdict_sentence(record))}**",
        "",
        *(f"* {_escape(line)}" for line in _notes(record)),
        "",
        f"Seed {record['run']['seed']}, depth {_escape(record['run']['depth'])},"
        f" {record['run']['requests']} requests in {record['run']['duration_s']:.1f} s.",
        "",
        _levels(record),
        "",
        "| operation | " + " | ".join(map(_escape, columns)) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    lines += [f"| {_escape(operation)} | " + " | ".join(row) + " |" for operation, row in cells(record, columns)[:100]]
    lines += ["", ", ".join(f"{kind.symbol} {kind.word}" for kind in KINDS.values()) + "."]
    lines += _findings([group for group in groups(record) if group.kind not in ("missing", "known")])
    lines += _coverage(record)
    reasons = unjudged(record)
    if reasons:
        lines += ["", "## Not judged", ""]
        lines += [f"* {count} {outcome}: {_escape(reason)}" for outcome, reason, count in reasons[:50]]
        lines += [f"* and for {len(reasons) - 50} other reasons"] if len(reasons) > 50 else []
    return "\n".join(lines) + "\n"


def _notes(record: Mapping[str, Any]) -> list[str]:
    notes = [*known.problems(record), *known.lines(record), *not_implemented(record)]
    return notes[:_MOST_NOTES]


def _levels(record: Mapping[str, Any]) -> str:
    found = scores(record)
    told = [f"{KINDS[score.kind].symbol} {score.level} {score.passed}/{score.judged}" for score in found]
    highest = reached(found)
    whole = f"kept whole up to {highest}" if highest else "no level is kept whole"
    return f"Levels: {_escape(', '.join(told))}; {_escape(whole)}."


def _findings(found: list[Group]) -> list[str]:
    lines: list[str] = []
    if found:
        lines += ["", "## Findings"]
    room = _MOST_BYTES
    for number, group in enumerate(found[:MOST_FINDINGS]):
        told = _finding(group)
        room -= len("\n".join(told).encode())
        if room < 0:
            return [*lines, "", f"and {len(found) - number} more, in record.json"]
        lines += told
    if len(found) > MOST_FINDINGS:
        lines += ["", f"and {len(found) - MOST_FINDINGS} more, in record.json"]
    return lines


def _finding(group: Group) -> list[str]:
    case, finding = group.example
    seen = len(group.shown_by)
    again = printable(finding["reproduce"]["curl"][:_LONGEST_CURL])
    fence = _fence(again, 3)
    return [
        "",
        f"### {KINDS[group.kind].symbol} {_escape(where(group))}: {_escape(group.requirement)}",
        "",
        f"* case: {_code(case['id'])}" + (f" and {seen - 1} more" if seen > 1 else ""),
        f"* contract: {finding['level']}: {_escape(finding['expected'])}",
        f"* observed: {_code(finding['observed'])}",
        *(f"* source: {_source(cite)}" for cite in finding["cites"]),
        "",
        f"{fence}sh",
        again,
        fence,
    ]


def _source(cite: Mapping[str, str]) -> str:
    url = cite["url"]
    if not url.startswith("https://") or not url.isprintable() or set(url) & set("<>() "):
        return _escape(cite["title"])
    return f"[{_escape(cite['title'])}]({url})"


def _coverage(record: Mapping[str, Any]) -> list[str]:
    total = coverage.totals(coverage.coverage(record))
    if not total:
        return []
    return ["", f"{total['both']} of {total.total()} constraints were tried on both sides of their bound."]


def _code(text: str) -> str:
    """What a target sent: as code, in which GitHub neither links an address nor calls anybody by name."""
    shown = visible.plain(text.replace("\n", " "), 300)
    fence = _fence(shown, 1)
    return f"{fence} {shown} {fence}" if "`" in shown else f"`{shown}`"


def _escape(text: str) -> str:
    text = visible.plain(text.replace("\n", " "), 1000)
    for character in "\\`*_{}[]<>|#~":
        text = text.replace(character, f"\\{character}")
    return text


def _fence(text: str, least: int) -> str:
    """More backticks than the text has in a row."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))
