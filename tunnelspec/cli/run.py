"""`tunnelspec run`: tests an endpoint, writes the reports, and gives the verdict as the exit status."""

from __future__ import annotations

import json
import secrets
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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
from tunnelspec.cli.progress import progress
from tunnelspec.cli.selection import Selection, build_suite, failed_last, selection_options
from tunnelspec.cli.settings import target_options
from tunnelspec.cli.stopping import stopping
from tunnelspec.cli.watch import watch, without_watch
from tunnelspec.client import JournalEntry
from tunnelspec.contract import Contract, load
from tunnelspec.record import document as record
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.target import JOURNAL, ConfigurationError, Opened, Settings, open_target, place
from tunnelspec.suite import enabled
from tunnelspec.verdict import Outcome


@dataclass(frozen=True, slots=True)
class _Job:
    """What one run tests, and how far it goes."""

    contract: Contract
    cases: list[Case]
    depth: str
    seed: int
    workers: int
    max_failures: int | None
    report_dir: Path


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
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Requests at the same time.")
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
    listed = Listed(baseline_file, [case.id for case in suite], update=update_baseline)
    as_json = as_json or form == "json"
    if dry_run:
        from tunnelspec.cli.plan import show_plan

        show_plan(contract, cases, settings, depth=depth, seed=seed, console=Console(), as_json=as_json)
        return
    job = _Job(contract, cases, depth, seed, workers, 1 if fail_fast else max_failures, report_dir)
    console = Console(stderr=as_json)
    console.quiet = quiet
    finished, run_record = _test(job, settings, console)
    changed = _write(finished, run_record, listed, job)
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


def _test(job: _Job, settings: Settings, console: Console) -> tuple[Run, record.Record]:
    """Run the cases; what came of them, and the record. Exits with 3 if a second signal ends the clean-up."""
    from tunnelspec.record.recorder import record as make_record

    started = datetime.now(UTC)
    try:
        job.report_dir.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ConfigurationError(f"Cannot write {job.report_dir}: {problem.strerror}.") from None
    journal_file = job.report_dir / JOURNAL
    with (
        open_target(settings, job.contract, journal_file) as target,
        stopping(target.budget.stop, target.budget.abandon),
    ):
        _show_open(target.left, target.journal.path, "an earlier run", console)
        try:
            finished = _run_cases(job, target, console)
        except KeyboardInterrupt:
            # The journal knows what is open; whoever is in a hurry closes it later.
            _show_open(target.journal.own_entries(), target.journal.path, "this run", console)
            sys.exit(NO_VERDICT)
        target.settle(absent=finished.absent)
        finished.requests = target.budget.requests
        run_record = make_record(
            finished,
            job.contract,
            endpoint=target.url,
            region=target.endpoint.region,
            seed=job.seed,
            depth=job.depth,
            started=started,
            redact=target.redactor.text,
        )
        left = target.journal.own_entries()
    _show_open(left, target.journal.path, "this run", console, _unclosable(job.contract, run_record))
    for note in target.notes:
        console.print(note, markup=False, soft_wrap=True)
    return finished, run_record


def _run_cases(job: _Job, target: Opened, console: Console) -> Run:
    count = f"{len(job.cases)} case{'s' * (len(job.cases) != 1)}"
    console.print(f"testing {target.url}, {count}, depth {job.depth}, seed {job.seed}", soft_wrap=True)
    with progress(console, len(job.cases)) as show:
        return run_cases(
            job.contract,
            job.cases,
            target.make_session,
            probes=presence_cases(job.contract),
            workers=job.workers,
            on_result=_limited(show, job.max_failures, target.budget.stop),
        )


def _limited(
    show: Callable[[Result], None], max_failures: int | None, stop: Callable[[str], None]
) -> Callable[[Result], None]:
    """Show each result, and stop the run at this many failures."""
    failures = 0

    def on_result(result: Result) -> None:
        nonlocal failures
        show(result)
        failures += result.outcome is Outcome.FAIL
        if failures == max_failures:
            stop(f"the run stops after {failures} failure{'s' * (failures != 1)}, as asked")

    return on_result


def _write(finished: Run, run_record: record.Record, listed: Listed, job: _Job) -> str:
    """Write the reports; what changed since the last run in their directory.

    Exits with 3 where there is no verdict, or where they cannot be written.
    """
    # What writes reports takes a tenth of a second to import, and the first request does not wait for it.
    from tunnelspec.report.forms import write_all

    tested = any(item.outcome not in (Outcome.INCONCLUSIVE, Outcome.SKIPPED) for item in finished.results)
    has_verdict = tested and not finished.nothing_tested
    if has_verdict:
        listed.apply(run_record)
    changed = _since_last_run(job.report_dir, run_record)
    try:
        write_all(run_record, job.report_dir)
    except OSError as problem:
        click.echo(f"tunnelspec: Cannot write {problem.filename or job.report_dir}: {problem.strerror}.", err=True)
        sys.exit(NO_VERDICT)
    if not has_verdict:
        click.echo(f"tunnelspec: {_why_not(finished, run_record)}", err=True)
        sys.exit(NO_VERDICT)
    return changed


def _since_last_run(directory: Path, run_record: record.Record) -> str:
    """What changed since the record that the directory already holds, or nothing if it holds none."""
    from tunnelspec.history.diff import since

    try:
        return since(record.read(directory / "record.json"), run_record)
    except record.RecordError:
        return ""


def _unclosable(contract: Contract, run_record: record.Record) -> str:
    """Why nothing that is open can be closed, or nothing if it can."""
    from tunnelspec.report.kinds import missing

    lacking = missing(run_record)
    names = [resource.delete for resource in contract.resources.values() if resource.delete in lacking]
    return f"the target does not implement {names[0]}" if names else ""


def _show_open(entries: Sequence[JournalEntry], journal: Path, whose: str, console: Console, reason: str = "") -> None:
    """Say what may still be open, and the command that closes it, or the reason why none does."""
    named = sum(bool(entry.identifiers) for entry in entries)
    unnamed = len(entries) - named
    parts = [f"{named} tunnel{'s' * (named > 1)} of {whose} may still be open"] if named else []
    if unnamed:
        parts.append(
            f"{unnamed} request{'s' * (unnamed > 1)}{'' if named else f' of {whose}'} may have opened a tunnel"
        )
    if parts:
        console.print(f"{', '.join(parts)}:", markup=False, soft_wrap=True)
        command = f"tunnelspec sweep --journal {shlex.quote(str(journal))} --apply"
        console.print(f"  {reason or command}", markup=False, soft_wrap=True)


def _why_not(finished: Run, run_record: record.Record) -> str:
    if finished.stopped or finished.spent:
        return finished.stopped or finished.spent
    reasons = [item.reason for item in finished.results if item.reason]
    where = run_record["target"]["endpoint"]
    return f"{where} could not be tested: {reasons[0] if reasons else 'no case was tested'}."
