"""`tunnelspec run`: judge an endpoint, write the reports, and say by the exit status what came of it."""

from __future__ import annotations

import secrets
import shlex
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from tunnelspec.cli.group import (
    COULD_NOT_JUDGE,
    FAILED,
    PASSED,
    document_option,
    examples_option,
    main,
    select_option,
    sentences,
)
from tunnelspec.cli.listed import Listed, baseline_options
from tunnelspec.cli.plan import show_plan
from tunnelspec.cli.progress import COLUMNS
from tunnelspec.cli.settings import target_options
from tunnelspec.cli.stopping import stopping
from tunnelspec.client import JournalEntry
from tunnelspec.contract import Contract, load
from tunnelspec.history.diff import since
from tunnelspec.record import document as record
from tunnelspec.record.recorder import record as make_record
from tunnelspec.report import expected_failures as known
from tunnelspec.report import terminal
from tunnelspec.report.forms import write_all
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.target import JOURNAL, Settings, open_target
from tunnelspec.suite import DEPTHS, build, enabled, select
from tunnelspec.verdict import Outcome


@main.command()
@target_options
@click.option("--depth", type=click.Choice(list(DEPTHS)), default="quick", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Repeat a run; without it, one is drawn.")
@select_option
@document_option
@baseline_options
@examples_option
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tunnelspec-report"),
    show_default=True,
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan of --dry-run as JSON.")
@sentences
def run(
    settings: Settings,
    depth: str,
    seed: int | None,
    globs: tuple[str, ...],
    document: Path | None,
    baseline_file: Path | None,
    update_baseline: bool,
    examples: tuple[Path, ...],
    report_dir: Path,
    workers: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Run an endpoint, write the reports, and exit with 1 if it breaks the contract."""
    contract = load(document)
    seed = secrets.randbelow(2**32) if seed is None else seed
    suite = build(contract, depth=depth, seed=seed, examples=examples)
    cases = enabled(select(suite, globs))
    listed = Listed(baseline_file, [case.id for case in suite], update=update_baseline)
    console = Console(highlight=False, soft_wrap=False)
    if dry_run:
        show_plan(contract, cases, settings, depth=depth, seed=seed, console=console, as_json=as_json)
        return
    if as_json:
        raise click.UsageError("--json goes with --dry-run; a run writes its record to the report directory.")
    started = datetime.now(UTC)
    report_dir.mkdir(parents=True, exist_ok=True)
    with open_target(settings, contract, report_dir / JOURNAL) as target, stopping(target.budget.stop):
        _tell_left(target.left, target.journal.path, "an earlier run", console)
        try:
            finished = _with_progress(contract, cases, target.make_session, workers, console, target.url, depth, seed)
        except KeyboardInterrupt:
            # The journal knows what is open; whoever is in a hurry closes it later.
            _tell_left(target.journal.own_entries(), target.journal.path, "this run", console)
            sys.exit(COULD_NOT_JUDGE)
        target.settle()
        made = make_record(
            finished,
            contract,
            endpoint=target.url,
            region=target.endpoint.region,
            seed=seed,
            depth=depth,
            started=started,
            redact=target.redactor.text,
        )
        left = target.journal.own_entries()
        for note in target.notes:
            console.print(note, markup=False, soft_wrap=True)
    _tell_left(left, target.journal.path, "this run", console)
    if finished.nothing_tested or not any(
        item.outcome not in (Outcome.INCONCLUSIVE, Outcome.SKIPPED) for item in finished.results
    ):
        write_all(made, report_dir)
        click.echo(f"tunnelspec: {_why_not(finished, made)}", err=True)
        sys.exit(COULD_NOT_JUDGE)
    listed.apply(made)
    changed = _since_last_run(report_dir, made)
    write_all(made, report_dir)
    terminal.show(made, console, since=changed, directory=report_dir)
    console.print(f"report: {report_dir / 'report.html'}", soft_wrap=True)
    if known.failed(made):
        sys.exit(FAILED)
    sys.exit(COULD_NOT_JUDGE if finished.stopped or finished.spent else PASSED)


def _since_last_run(directory: Path, made: record.Record) -> str:
    """What changed since the record that the directory already holds, or nothing if it holds none."""
    try:
        return since(record.read(directory / "record.json"), made)
    except record.RecordError:
        return ""


def _tell_left(left: Sequence[JournalEntry], journal: Path, whose: str, console: Console) -> None:
    named = sum(bool(entry.identifiers) for entry in left)
    command = f"tunnelspec sweep --journal {shlex.quote(str(journal))} --apply"
    if named:
        console.print(f"{named} tunnel{'s' * (named > 1)} of {whose} may still be open: {command}", soft_wrap=True)
    if unnamed := len(left) - named:
        requests = f"{unnamed} request{'s' * (unnamed > 1)} of {whose}"
        console.print(f"{requests} may have opened a tunnel: {command}", soft_wrap=True)


def _why_not(finished: Run, made: record.Record) -> str:
    if finished.stopped or finished.spent:
        return finished.stopped or finished.spent
    reasons = [item.reason for item in finished.results if item.reason]
    where = made["target"]["endpoint"]
    return f"{where} could not be judged: {reasons[0] if reasons else 'no case was judged'}."


def _with_progress(
    contract: Contract,
    cases: list[Case],
    make_session: Any,
    workers: int,
    console: Console,
    url: str,
    depth: str,
    seed: int,
) -> Run:
    """Run with a live bar on a terminal, with a plain line every so often elsewhere."""
    console.print(f"judging {url}, {len(cases)} cases, depth {depth}, seed {seed}", soft_wrap=True)
    failed = 0
    lock = threading.Lock()
    with Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("judging", total=len(cases))
        done = 0

        def tell(item: Result) -> None:
            nonlocal failed, done
            with lock:
                done += 1
                failed += item.outcome is Outcome.FAIL
                words = f"{failed} failed" if failed else "judging"
                bar.update(task, advance=1, description=words)
                if not console.is_terminal and done % 500 == 0:
                    console.print(f"{done} of {len(cases)} cases, {failed} failed")

        return run_cases(
            contract,
            cases,
            make_session,
            probes=presence_cases(contract),
            workers=workers,
            on_result=tell,
        )
