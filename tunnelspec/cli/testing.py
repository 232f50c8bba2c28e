"""How `run` tests: in this process, or by workers; it shows progress, and what the run leaves open."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import NO_VERDICT
from tunnelspec.cli.progress import progress
from tunnelspec.cli.stopping import stopping
from tunnelspec.contract import Contract
from tunnelspec.fleet.coordinator import Abandoned, RunSpec, WorkerPool, combined, run_units, units_of
from tunnelspec.fleet.leftovers import CleanUpResult, close_left
from tunnelspec.fleet.unit import StillOpen, Unit, UnitResult, left_in, run_target, stopping_at
from tunnelspec.printable import counted, safe
from tunnelspec.runner.bundled import chosen_endpoint
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.settings import ConfigurationError
from tunnelspec.runner.target import JOURNAL, open_target
from tunnelspec.verdict import Outcome


class Shard(click.ParamType[tuple[int, int]]):
    """`2/3`: the second of three."""

    name = "I/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, _, count = str(value).partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 10_000):
            self.fail(f"'{value}' is no share such as 2/3", param, ctx)
        return int(number), int(count)


def run_here(whole: RunSpec, contract: Contract, cases: Sequence[Case], console: Console) -> UnitResult:
    """Run the cases in this process. Exits with 3 if a third signal ends it at once."""
    make_directory(whole.report_dir)
    journal = whole.report_dir / JOURNAL
    with (
        open_target(whole.settings, contract, journal) as target,
        stopping(target.budget.stop, target.budget.abandon),
    ):
        _show_left(left_in(target.journal.path, target.left), "an earlier run", console)
        show_begin(whole, target.url, console)
        count = stopping_at(whole.max_failures, target.budget.stop)
        try:
            with progress(console, len(cases)) as show:

                def on_result(result: Result) -> None:
                    show(result.case.area, result.outcome, result.requests)
                    count(result)

                part = run_target(
                    target, cases, whole.depth, whole.seed, on_result, search_on=whole.settings.searches_on
                )
        except KeyboardInterrupt:
            # The journal knows what is open; whoever is in a hurry closes it later.
            _show_left(left_in(target.journal.path, target.journal.own_entries()), "this run", console)
            sys.exit(NO_VERDICT)
    show_end(part, contract, console)
    return part


def run_in_workers(whole: RunSpec, contract: Contract, workers: int, console: Console) -> UnitResult:
    """Run the cases in worker processes. Raises Abandoned."""
    from tunnelspec.fleet.processes import Processes

    settings = whole.settings
    where = chosen_endpoint(settings, contract)
    units = units_of(whole, workers)

    def settle(part: UnitResult) -> CleanUpResult:
        most = settings.max_requests
        rest = None if most is None else most - part.record["run"]["requests"]
        return close_left(settings, contract, [unit.journal for unit in units], rest)

    show_begin(whole, where.url if where is not None else str(settings.bundled_url), console)
    part = run_all(whole, units, lambda: Processes(workers), settle, console)
    show_end(part, contract, console)
    return part


def run_all(
    whole: RunSpec,
    units: Sequence[Unit],
    start_pool: Callable[[], WorkerPool],
    settle: Callable[[UnitResult], CleanUpResult],
    console: Console,
) -> UnitResult:
    """Have worker pools run all units, show progress, end them early where asked to, and settle what they left.

    Raises Abandoned.
    """
    pools: list[WorkerPool] = []
    unused: list[WorkerPool] = []
    failed = 0

    def start() -> None:
        unused.append(start_pool())
        pools.append(unused[-1])

    def started() -> WorkerPool:
        if not unused:
            start()
        return unused.pop()

    def stop(level: int) -> None:
        for pool in pools:
            pool.stop(level)

    def on_part(part: UnitResult) -> None:
        nonlocal failed
        for row in part.record["cases"]:
            show(row["area"], row["outcome"], row["requests"])
            failed += row["outcome"] == Outcome.FAIL
        if whole.max_failures is not None and failed >= whole.max_failures:
            stop(1)

    make_directory(whole.report_dir)
    with stopping(lambda _: stop(1), lambda: stop(2)):
        try:
            # Before a thread shows progress: processes are forked off one that has no threads.
            start()
            with progress(console, len(whole.names)) as show:
                part = combined(run_units(units, started, on_part))
            settled = settle(part)
        except KeyboardInterrupt:
            raise Abandoned from None
    part.record["run"]["requests"] += settled.requests
    return replace(part, left=settled.left, notes=(*part.notes, *settled.notes))


def make_directory(path: Path) -> None:
    """Make the directory of the reports. Raises ConfigurationError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ConfigurationError(f"Cannot write {path}: {problem.strerror}.") from None


def show_begin(whole: RunSpec, url: str, console: Console) -> None:
    """Print what is about to be tested, and how."""
    console.print(
        f"testing {url}, {counted(len(whole.names), 'case')}, depth {whole.depth}, seed {whole.seed}", soft_wrap=True
    )


def show_end(part: UnitResult, contract: Contract, console: Console) -> None:
    """Print what may still be open, and notes."""
    _show_left(part.left, "this run", console, _unclosable(contract, part))
    for note in part.notes:
        console.print(safe(note), soft_wrap=True)


def _unclosable(contract: Contract, part: UnitResult) -> str:
    """Why nothing that is open can be closed, or nothing if it can."""
    from tunnelspec.report.kinds import missing

    lacking = missing(part.record)
    names = [resource.delete for resource in contract.resources.values() if resource.delete in lacking]
    return f"the target does not implement {names[0]}" if names else ""


def _show_left(left: Sequence[StillOpen], whose: str, console: Console, reason: str = "") -> None:
    """Say what may still be open, and the command that closes it, or the reason why none does."""
    if not left:
        return
    named, unnamed = sum(item.named for item in left), sum(item.unnamed for item in left)
    parts = [f"{counted(named, 'tunnel')} of {whose} may still be open"] if named else []
    if unnamed:
        parts.append(f"{counted(unnamed, 'request')}{'' if named else f' of {whose}'} may have opened a tunnel")
    console.print(f"{', '.join(parts)}:", soft_wrap=True)
    journals = " ".join(f"--journal {shlex.quote(str(item.journal))}" for item in left)
    console.print(f"  {reason or safe(f'tunnelspec sweep {journals} --apply')}", soft_wrap=True)
