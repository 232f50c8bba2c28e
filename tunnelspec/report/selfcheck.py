"""The mutation test's result: the kill table on the terminal, as a page, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tunnelspec.grouping import grouped
from tunnelspec.printable import counted
from tunnelspec.text_file import write_text

_SYMBOLS = {"killed": "✓", "killed by another": "!", "survived": "✗"}
_CLASSES = {"killed": "pass", "killed by another": "warn", "survived": "fail"}


def write(result: Mapping[str, Any], directory: Path) -> None:
    """Write `selfcheck.json` and `selfcheck.html`. Raises OSError."""
    write_text(directory / "selfcheck.json", json.dumps(result, indent=1) + "\n")
    write_text(directory / "selfcheck.html", page(result))


def sentence(result: Mapping[str, Any]) -> str:
    """The result in a sentence."""
    figures = result["figures"]
    without = f", without {', '.join(result['without'])}" if result["without"] else ""
    return (
        f"{figures['killed']} of {counted(figures['faults'], 'seeded fault')} killed by the case that they name,"
        f" {figures['flagged']} flagged in {counted(figures['variant_runs'], 'run')} of"
        f" {counted(figures['variants'], 'conforming variant')}, at depth {result['depth']}{without}."
    )


def show(result: Mapping[str, Any], console: Console) -> None:
    """Print what went wrong, or the whole table where it is short, and the figures."""
    wrong = [kill for kill in result["faults"] if kill["verdict"] != "killed"]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("", "fault", "first finding", "requests", "seconds"):
        table.add_column(column, overflow="fold", justify="right" if column in ("requests", "seconds") else "left")
    for kill in result["faults"] if len(result["faults"]) <= 40 else wrong:
        mark = Text(_SYMBOLS[kill["verdict"]], style="green" if kill["verdict"] == "killed" else "red")
        table.add_row(mark, kill["fault"], kill["first"], str(kill["requests"]), f"{kill['seconds']:.2f}")
    if table.row_count:
        console.print(table)
    for kill in wrong:
        console.print(Text(f"{kill['fault']} {kill['verdict']}: {kill['sentence']} Expected: {kill['expected']}"))
    for item in result["variants"]:
        for text in item["false_positives"]:
            console.print(Text(f"{item['variant']} (seed {item['seed']}) flagged: {text}"))
    figures = result["figures"]
    console.print(
        f"median to the first finding: {figures['median_requests_to_first']:.0f} requests,"
        f" {figures['median_seconds_to_first']:.2f} s"
    )
    console.print(Text(sentence(result)))


def page(result: Mapping[str, Any]) -> str:
    """The result as one HTML page."""
    # Here, so that a command that writes no page does not wait for the template engine.
    from tunnelspec.report.html import environment

    return environment.page(
        "selfcheck.html.j2",
        "tunnelspec selfcheck",
        sentence=sentence(result),
        faults=result["faults"],
        variants=grouped(result["variants"], lambda item: item["variant"]),
        symbols=_SYMBOLS,
        classes=_CLASSES,
    )
