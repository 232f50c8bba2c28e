"""What a person reads at the end of a run, in 80 columns: every defect, the matrix, the levels, the verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tunnelspec.report import escape as visible
from tunnelspec.report import expected_failures as known
from tunnelspec.report import table
from tunnelspec.report.groups import Group, groups
from tunnelspec.report.kinds import KINDS
from tunnelspec.report.levels import reached, scores
from tunnelspec.report.summary import finding_lines, not_implemented, unjudged, verdict_sentence

#: Defects told in full on the terminal; the rest are named, and stand in the record.
MOST_TOLD = 20
#: Other cases that show a defect, named below it.
MOST_NAMED = 5
#: A line longer than this is cut here; the record holds it whole.
LONGEST_LINE = 1500


def show(record: Mapping[str, Any], console: Console) -> None:
    """Print the summary of a record."""
    found = [group for group in groups(record) if group.kind not in ("missing", "known")]
    for number, group in enumerate(found):
        _group(group, console, whole=number < MOST_TOLD)
    if found:
        console.print()
    for outcome, reason, count in unjudged(record):
        kind = KINDS[outcome]
        console.print(Text(visible.plain(f"{kind.symbol} {count} {outcome}: {reason}", 600)))
    for line in known.lines(record):
        console.print(Text(visible.plain(f"{KINDS['known'].symbol} {line}", 600)))
    for line in not_implemented(record):
        kind = KINDS["missing"]
        console.print(Text(visible.plain(f"{kind.symbol} {line}", 600), style=kind.style))
    _matrix(record, console)
    _levels(record, console)
    run = record["run"]
    console.print(
        Text(
            f"{len(record['cases'])} cases, {run['requests']} requests in"
            f" {run['duration_s']:.1f} s, depth {_name(run['depth'])}, seed {run['seed']}"
        )
    )
    for sentence in known.problems(record):
        console.print(Text(visible.plain(sentence, 600), style="bold red"))
    if known.drafts(record):
        console.print(Text(visible.plain(known.drafts(record))))
    bad = bool(known.new_failures(record))
    style = "bold red" if bad else "bold yellow" if run.get("stopped") else "bold green"
    console.print(Text(visible.plain(verdict_sentence(record)), style=style))


def _group(group: Group, console: Console, *, whole: bool) -> None:
    """A defect under the name of the first case that shows it, then the names of others that show it too."""
    kind, (case, finding) = KINDS[group.kind], group.shown_by[0]
    console.print(Text(visible.plain(f"{kind.symbol} {case['id']}"), style=f"bold {kind.style}"))
    others = [shown["id"] for shown, _ in group.shown_by if shown is not case]
    if not whole:
        if others:
            console.print(Padding(Text(f"and {len(others)} other cases", style="dim"), (0, 0, 0, 2)))
        return
    lines = finding_lines(finding)
    if others:
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        lines.append(f"also in   {visible.plain(', '.join(others[:MOST_NAMED]))}{more}")
    for line in lines:
        # The label is the first ten columns of a line.
        label, rest = line[:9].strip(), line[9:].strip()
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=8, style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(label, Text(rest if len(rest) <= LONGEST_LINE else rest[:LONGEST_LINE] + " …"))
        console.print(Padding(grid, (0, 0, 0, 2)))


#: Where the names of areas may be broken, so that all of them fit beside each other into 80 columns.
_BREAKS = {
    "protocol": "pro-\ntocol",
    "validation": "val-\nida-\ntion",
    "lifecycle": "life-\ncycle",
    "tokens": "to-\nkens",
    "listing": "list-\ning",
    "isolation": "iso-\nla-\ntion",
    "journeys": "jour-\nneys",
    "search": "sea-\nrch",
}
#: Longer names of operations are broken at a hump, where the matrix would be too wide otherwise.
_LONGEST_NAME = 14
#: Names longer than any of this suite are cut.
_LONGEST_FOREIGN = 32


def _matrix(record: Mapping[str, Any], console: Console) -> None:
    """Operations by areas: how many cases are as they should be, or how many are not."""
    made = _matrix_table(record, whole_names=True)
    if Measurement.get(console, console.options, made).minimum > console.width:
        made = _matrix_table(record, whole_names=False)
    console.print(made)


def _matrix_table(record: Mapping[str, Any], *, whole_names: bool) -> Table:
    columns, found = table.areas(record), table.matrix(record)
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column("operation", no_wrap=True)
    for area in columns:
        made.add_column(_BREAKS.get(area, _name(area)), no_wrap=True)
    for operation in table.operations(record):
        cells = [found.get((operation, area)) for area in columns]
        name = _name(operation) if whole_names else _broken(_name(operation))
        made.add_row(name, *(_short(cell) for cell in cells))
    return made


def _short(cell: table.Cell | None) -> Text:
    if cell is None:
        return Text()
    kind = KINDS[cell.kind]
    return Text(f"{kind.symbol}{cell.count}", style=kind.style)


def _name(text: str) -> str:
    """A name on one line and not long, whoever wrote the record."""
    shown = visible.plain(text.replace("\n", " "))
    return shown if len(shown) <= _LONGEST_FOREIGN else shown[: _LONGEST_FOREIGN - 1] + "…"


def _broken(name: str) -> str:
    """A name on lines that are short enough, broken before a capital: RotateTunnel, AccessToken."""
    lines = [""]
    for part in re.findall(r"[A-Z]?[^A-Z]+|[A-Z]+", name):
        if len(lines[-1]) + len(part) > _LONGEST_NAME and lines[-1]:
            lines.append(" ")
        lines[-1] += part
    return "\n".join(lines)


def _levels(record: Mapping[str, Any], console: Console) -> None:
    """How many cases of each level keep the contract, and up to which level all do."""
    found = scores(record)
    line = Text()
    for number, score in enumerate(found):
        kind = KINDS[score.kind]
        line.append(", " if number else "")
        line.append(f"{kind.symbol} {_name(score.level)}", style=kind.style)
        line.append(f" {score.passed}/{score.judged}")
    highest = reached(found)
    line.append(f"; kept whole up to {_name(highest)}" if highest else "; no level is kept whole")
    grid = Table.grid(padding=(0, 1))
    grid.add_row("levels", line)
    console.print(grid)
