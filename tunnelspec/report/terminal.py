"""What a person reads at the end of a run: the matrix, every failure, the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tunnelspec.report import known
from tunnelspec.report.record import printable
from tunnelspec.report.table import areas, cells
from tunnelspec.report.words import SYMBOLS, finding_lines, told, verdict_sentence

STYLES = {"fail": "red", "warn": "yellow", "pass": "green", "inconclusive": "magenta"}
#: Failures told in full on the terminal; the rest are named, and stand in the record.
MOST_TOLD = 20
#: A line longer than this is cut here; the record holds it whole.
LONGEST_LINE = 1500


def show(record: Mapping[str, Any], console: Console) -> None:
    """Print the summary of a record."""
    failing = told(record, "fail")
    warned = told(record, "warn")
    for number, case in enumerate([*failing, *warned]):
        _case(case, console, whole=number < MOST_TOLD)
    if failing or warned:
        console.print()
    _reasons(record, console)
    _matrix(record, console)
    run = record["run"]
    console.print(
        Text(
            f"{len(record['cases'])} cases, {run['requests']} requests in"
            f" {run['duration_s']:.1f} s, depth {run['depth']}, seed {run['seed']}"
        )
    )
    for sentence in known.problems(record):
        console.print(Text(printable(sentence), style="bold red"))
    if known.drafts(record):
        console.print(Text(printable(known.drafts(record))))
    bad = bool(known.new_failures(record))
    style = "bold red" if bad else "bold yellow" if run.get("stopped") else "bold green"
    console.print(Text(printable(verdict_sentence(record)), style=style))


def _case(case: Mapping[str, Any], console: Console, *, whole: bool) -> None:
    outcome = case["outcome"]
    heading = Text(f"{SYMBOLS[outcome]} {case['id']}", style=f"bold {STYLES[outcome]}")
    console.print(heading)
    if not whole:
        return
    for finding in case["findings"]:
        for line in finding_lines(finding):
            cut = line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " …"
            label, _, rest = cut.partition(" ")
            grid = Table.grid(padding=(0, 1))
            grid.add_column(width=8, style="dim", no_wrap=True)
            grid.add_column(overflow="fold")
            grid.add_row(label, Text(rest.strip()))
            console.print(Padding(grid, (0, 0, 0, 2)))
        if finding is not case["findings"][-1]:
            console.print()


def _reasons(record: Mapping[str, Any], console: Console) -> None:
    """Why cases were skipped or inconclusive, each reason once with its count."""
    found: dict[tuple[str, str], int] = {}
    for case in record["cases"]:
        if case["outcome"] in ("skipped", "inconclusive"):
            key = (case["outcome"], case.get("reason", ""))
            found[key] = found.get(key, 0) + 1
    for (outcome, reason), count in found.items():
        console.print(Text(printable(f"{SYMBOLS[outcome]} {count} {outcome}: {reason}")))
    for line in known.lines(record):
        console.print(Text(f"{SYMBOLS['known']} {line}"))


#: Where the names of areas may be broken, so that all of them fit beside each other into 80 columns.
_BREAKS = {
    "protocol": "pro-\ntocol",
    "validation": "valid-\nation",
    "lifecycle": "life-\ncycle",
    "tokens": "to-\nkens",
    "listing": "list-\ning",
    "isolation": "iso-\nlation",
    "journeys": "jour-\nneys",
}


def _matrix(record: Mapping[str, Any], console: Console) -> None:
    """Operations by areas: how many cases are as they should be, or how many are not."""
    columns = areas(record)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("operation")
    for area in columns:
        table.add_column(_BREAKS.get(area, area))
    for operation, row in cells(record, columns):
        short = [cell.split(" of ")[0].replace(" ", "") for cell in row]
        table.add_row(operation, *(Text(cell, style=_style(cell)) for cell in short))
    console.print(table)


def _style(cell: str) -> str:
    for outcome, symbol in SYMBOLS.items():
        if cell.startswith(symbol):
            return STYLES.get(outcome, "dim")
    return ""
