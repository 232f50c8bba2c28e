"""`tunnelspec report diff`, `trend` and `matrix`: what changed from run to run, and many targets side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import FAILED, FILE, PASSED, PATH
from tunnelspec.cli.report import report
from tunnelspec.history import diff_text, trend
from tunnelspec.history.diff import diff as compare
from tunnelspec.record import document as record
from tunnelspec.report import targets


@report.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Say what changed from one run record to another, case by case.

    Exits with 1 if something fails that did not fail before.
    """
    changes = compare(record.read(old), record.read(new))
    if as_json:
        click.echo(json.dumps(changes.plain(), indent=1))
    else:
        diff_text.show(changes, Console())
    sys.exit(FAILED if changes.new_failures else PASSED)


@report.command(name="trend")
@click.argument("directory", type=PATH)
@click.option("--output", type=FILE, help="File to write [default: trend.html in the directory].")
def trend_page(directory: Path, output: Path | None) -> None:
    """Draw the outcomes of all run records below a directory over time, as one HTML page."""
    records = trend.read_all(directory)
    path = output or directory / "trend.html"
    trend.write(records, path)
    click.echo(str(path))


@report.command()
@click.argument("directories", metavar="DIR...", nargs=-1, required=True, type=PATH)
@click.option("--output", type=FILE, default=Path("targets.html"), show_default=True, help="File to write.")
def matrix(directories: tuple[Path, ...], output: Path) -> None:
    """Show many targets side by side: levels, defects, versions and dates, as one HTML page.

    Each DIR is a target, named by the directory, with its newest run record.
    """
    targets.write({str(directory): trend.read_all(directory)[-1] for directory in directories}, output)
    click.echo(str(output))
