"""`tunnelspec run`: tests an endpoint, writes the reports, and gives the verdict as the exit status."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import NoReturn

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import (
    FAILED,
    NO_VERDICT,
    PASSED,
    depth_option,
    document_option,
    examples_option,
    main,
    report_dir_option,
    seed_option,
    sentences,
)
from tunnelspec.cli.listed import Listed, baseline_options
from tunnelspec.cli.selection import Selection, build_suite, failed_last, selection_options
from tunnelspec.cli.settings import target_options
from tunnelspec.cli.testing import Shard, alone, together
from tunnelspec.cli.watch import watch, without_watch
from tunnelspec.contract import load
from tunnelspec.fleet.coordinator import Whole
from tunnelspec.fleet.unit import Part
from tunnelspec.record import document as record
from tunnelspec.record.merge import digest, share
from tunnelspec.runner.target import Settings, place
from tunnelspec.suite import enabled


@main.command()
@target_options
@depth_option
@seed_option
@selection_options
@click.option("--failed", "only_failed", is_flag=True, help="Only what failed in the last run of --report-dir.")
@click.option("-x", "--fail-fast", is_flag=True, help="Stop at the first failure.")
@click.option(
    "--max-failures", type=click.IntRange(min=1), metavar="N", help="Stop after N failures [default: no limit]."
)
@document_option
@baseline_options
@examples_option
@report_dir_option("tunnelspec-report")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that share the cases."
)
@click.option("--shard", type=Shard(), help="Only a share of the cases, such as 2/3 [default: all].")
@click.option("-v", "--verbose", is_flag=True, help="Print every defect in full.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    show_default=True,
    help="What to print on standard output; with json, the run record.",
)
@click.option(
    "--allow-inconclusive", is_flag=True, help="Exit with 0 although a level is not tested: too much is inconclusive."
)
@click.option(
    "--watch",
    "watched",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Run again when files here change or the endpoint comes back; failed cases first.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@sentences
def run(
    settings: Settings,
    depth: str,
    seed: int | None,
    selection: Selection,
    only_failed: bool,
    fail_fast: bool,
    max_failures: int | None,
    document: Path | None,
    baseline_file: Path | None,
    update_baseline: bool,
    examples: tuple[Path, ...],
    report_dir: Path,
    workers: int,
    shard: tuple[int, int] | None,
    verbose: bool,
    quiet: bool,
    form: str,
    allow_inconclusive: bool,
    watched: tuple[Path, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Test an endpoint and write the reports.

    Without an endpoint, the bundled emulator is tested. Exits with 1 if a case fails that the baseline
    does not list, with 3 if there is no verdict.
    """
    contract = load(document)
    seed = secrets.randbelow(2**32) if seed is None else seed
    if watched:
        where = place(settings, contract)
        arguments = [*without_watch(sys.argv[1:]), "--seed", str(seed)]
        watch(watched, report_dir, where.url if where else None, arguments)
        return
    suite = build_suite(contract, depth=depth, seed=seed, examples=examples)
    cases = enabled(selection.of(suite))
    if only_failed:
        cases = failed_last(report_dir, cases)
    selection_digest = digest([case.id for case in cases])
    if shard is not None:
        cases = [case for case in cases if share(case.id, shard[1]) == shard[0]]
    listed = Listed(baseline_file, [case.id for case in suite], update=update_baseline)
    as_json = as_json or form == "json"
    if dry_run:
        from tunnelspec.cli.plan import show_plan

        show_plan(contract, cases, settings, depth=depth, seed=seed, console=Console(), as_json=as_json)
        return
    names = tuple(case.id for case in cases)
    most = 1 if fail_fast else max_failures
    whole = Whole(names, depth, seed, settings, report_dir, document, examples, most)
    console = Console(stderr=as_json)
    console.quiet = quiet
    finished = together(whole, contract, workers, console) if workers > 1 else alone(whole, contract, cases, console)
    run_record = finished.record
    run_record["run"]["selection"] = selection_digest
    if shard is not None:
        run_record["run"]["shard"] = f"{shard[0]}/{shard[1]}"
    changed = _write(finished, listed, report_dir)
    from tunnelspec.report import expected_failures as known
    from tunnelspec.report import levels, terminal

    if as_json:
        click.echo(json.dumps(run_record, indent=1))
    else:
        loud = terminal.Verbosity.ALL if verbose else terminal.Verbosity.NORMAL
        verbosity = terminal.Verbosity.QUIET if quiet else loud
        terminal.show(run_record, Console(), verbosity, changed, report_dir)
        console.print(f"report: {report_dir / 'report.html'}", soft_wrap=True)
    if known.failed(run_record):
        sys.exit(FAILED)
    undecided = levels.not_tested(run_record) and not allow_inconclusive
    sys.exit(NO_VERDICT if finished.stopped or finished.spent or undecided else PASSED)


def _write(finished: Part, listed: Listed, report_dir: Path) -> str:
    """Write the reports; what changed since the last run in their directory.

    Exits with 3 where there is no verdict, where something of our own failed, or where they cannot be written.
    """
    # What writes reports takes a tenth of a second to import, and the first request does not wait for it.
    from tunnelspec.report.forms import write_all

    if not finished.reason:
        listed.apply(finished.record)
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
