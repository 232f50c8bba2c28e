"""A summary in Markdown, for a pull request or a CI step summary (GitHub takes at most 1 MiB)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunnelspec.report import known
from tunnelspec.report.record import printable
from tunnelspec.report.table import areas, cells
from tunnelspec.report.words import told, verdict_sentence

#: Findings told in full; the rest are counted, and stand in the record.
MOST_FINDINGS = 100


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write the summary. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(record), encoding="utf-8")


def render(record: Mapping[str, Any]) -> str:
    """The summary as Markdown text."""
    columns = areas(record)
    lines = [
        "# tunnelspec",
        "",
        _escape(verdict_sentence(record)),
        "",
        *(f"* {_escape(line)}" for line in [*known.problems(record), *known.lines(record)]),
        "",
        f"Seed {record['run']['seed']}, depth {record['run']['depth']},"
        f" {record['run']['requests']} requests in {record['run']['duration_s']:.1f} s.",
        "",
        "| operation | " + " | ".join(columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    lines += [
        f"| {_escape(operation)} | " + " | ".join(row) + " |" for operation, row in cells(record, columns)
    ]
    failing = [*told(record, "fail"), *told(record, "warn")]
    for case in failing[:MOST_FINDINGS]:
        finding = case["findings"][0]
        lines += [
            "",
            f"### {case['outcome']}: `{case['id']}`",
            "",
            f"* contract: {finding['level']}: {_escape(finding['expected'])}",
            f"* observed: {_escape(finding['observed'])}",
            *(f"* source: [{_escape(c['title'])}]({c['url']})" for c in finding["cites"]),
            "",
            "```sh",
            printable(finding["reproduce"]["curl"][:2000]),
            "```",
        ]
    if len(failing) > MOST_FINDINGS:
        lines += ["", f"and {len(failing) - MOST_FINDINGS} more, in record.json"]
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    text = printable(text).replace("\n", " ")
    for character in "\\`*_{}[]<>|":
        text = text.replace(character, f"\\{character}")
    return text[:1000]
