"""The result of `tunnelspec run`: its reports, what it prints, and its exit status.

What writes reports takes a tenth of a second to import, and the first request does not wait for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from tunnelspec.cli.baseline import RunBaseline
from tunnelspec.cli.console import Console
from tunnelspec.cli.group import FAILED, NO_VERDICT, PASSED, option_group
from tunnelspec.fleet.unit import UnitResult
from tunnelspec.record import document as record


@dataclass(frozen=True, slots=True)
class Output:
    """How much is printed on standard output, and in which form."""

    verbose: bool
    quiet: bool
    form: str
    as_json: bool

    @property
    def is_json(self) -> bool:
        """Whether standard output is the run record alone."""
        return self.as_json or self.form == "json"

    def console(self) -> Console:
        """The console for progress and notes."""
        console = Console(stderr=self.is_json)
        console.quiet = self.quiet
        return console

    def show(self, run_record: record.Record, changed: str, report_dir: Path) -> None:
        """Print the result. `changed` is what changed since the last run."""
        from tunnelspec.report import terminal

        if self.is_json:
            click.echo(json.dumps(run_record, indent=1))
            return
        loud = terminal.Verbosity.ALL if self.verbose else terminal.Verbosity.NORMAL
        verbosity = terminal.Verbosity.QUIET if self.quiet else loud
        terminal.show(run_record, Console(), verbosity, changed, report_dir)
        self.console().print_path("report", report_dir / "report.html")


output_options = option_group(
    "output",
    Output,
    click.option("-v", "--verbose", is_flag=True, help="Print every defect in full."),
    click.option("-q", "--quiet", is_flag=True, help="Print the verdict only."),
    click.option(
        "--format",
        "form",
        type=click.Choice(["terminal", "json"]),
        default="terminal",
        show_default=True,
        help="What to print on standard output; with json, the run record.",
    ),
    click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
)


def status(finished: UnitResult, *, allow_inconclusive: bool) -> int:
    """The exit status of a run whose reports are written."""
    from tunnelspec.report import expected_failures, levels

    if expected_failures.failed(finished.record):
        return FAILED
    undecided = levels.not_tested(finished.record) and not allow_inconclusive
    return NO_VERDICT if finished.stopped or finished.spent or undecided else PASSED


def write_reports(finished: UnitResult, baseline: RunBaseline, names: Sequence[str], report_dir: Path) -> str:
    """Write the reports; what changed since the last run in their directory.

    Exits with 3 where there is no verdict, where something of our own failed, or where they cannot be written.
    """
    from tunnelspec.report.forms import write_all

    if not finished.reason:
        baseline.apply(finished.record, names)
    # Reading the last record costs as much as the rest of a run that tests nothing.
    changed = "" if finished.reason else _since_last_run(report_dir, finished.record)
    failure = report_dir / "internal-errors.txt"
    try:
        write_all(finished.record, report_dir)
        failure.unlink(missing_ok=True)
        if finished.errors:
            failure.write_text("\n".join(finished.errors), encoding="utf-8", errors="backslashreplace")
    except OSError as problem:
        _no_verdict(f"Cannot write {problem.filename or report_dir}: {problem.strerror}.")
    if finished.errors:
        _no_verdict(f"tunnelspec itself failed; the target is not to blame. Please report it with {failure}.")
    if finished.reason:
        where = f"{finished.record['target']['endpoint']} could not be tested: "
        _no_verdict(finished.reason if finished.stopped or finished.spent else f"{where}{finished.reason}.")
    return changed


def _no_verdict(why: str) -> NoReturn:
    click.echo(f"tunnelspec: {why}", err=True)
    sys.exit(NO_VERDICT)


def _since_last_run(directory: Path, run_record: record.Record) -> str:
    """What changed since the record that the directory already holds, or nothing if it holds none."""
    from tunnelspec.history.diff import since

    try:
        return since(record.read(directory / "record.json"), run_record)
    except record.RecordError:
        return ""
