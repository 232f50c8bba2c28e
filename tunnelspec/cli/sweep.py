"""`tunnelspec sweep`: closes what runs have left open, and nothing else."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import FAILED, NO_VERDICT, PASSED, PATH, document_option, main
from tunnelspec.cli.settings import where_options
from tunnelspec.cli.stopping import stopping
from tunnelspec.client import Journal, JournalEntry
from tunnelspec.contract import Contract, load
from tunnelspec.ownership.candidate import FAR, NEAR, SweepOutcome, SweepResult, SweepScope
from tunnelspec.ownership.run_id import RUN_ID
from tunnelspec.ownership.sweep import Sweep
from tunnelspec.printable import safe
from tunnelspec.runner.errors import BudgetSpent, Stopped, TargetLost
from tunnelspec.runner.settings import ConfigurationError, Settings
from tunnelspec.runner.target import JOURNAL, OpenTarget, open_target

#: Where runs of both fronts keep their journals by default, also those of runs at the same time.
_USUAL = (
    f"tunnelspec-report/{JOURNAL}",
    "tunnelspec-report/journal-*.jsonl",
    f".pytest_cache/d/tunnelspec/*{JOURNAL}",
    ".pytest_cache/d/tunnelspec/*journal-*.jsonl",
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Age(click.ParamType[timedelta]):
    """`90m`, `1h`, `2d`: a time."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        match = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if match is None:
            self.fail(f"'{value}' is no time such as 90m, 1h or 2d", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@main.command()
@click.option(
    "--journal",
    "paths",
    multiple=True,
    type=PATH,
    help=f"Journal of a run [default: {_USUAL[0]}, and those of pytest runs].",
)
@click.option("--run-id", "run_ids", multiple=True, metavar="ID", help="Also sweep the tag of this run.")
@click.option(
    "--older-than", type=_Age(), help="Only what is older, and the tags of any run: 90m, 1h, 2d [default: any age]."
)
@click.option(
    "--unanswered/--no-unanswered",
    default=None,
    help="Also close what only a request without a response explains [default: on loopback].",
)
@click.option("--apply", is_flag=True, help="Close them; without it, they are only listed.")
@where_options
@document_option
def sweep(
    paths: tuple[Path, ...],
    run_ids: tuple[str, ...],
    older_than: timedelta | None,
    unanswered: bool | None,
    apply: bool,
    settings: Settings,
    document: Path | None,
) -> None:
    """Close what runs have left open: what their journals name, and what carries their tag.

    Without --apply nothing is changed. With it, exits with 1 as long as anything may still be open. Exits with
    3 if an endpoint could not be reached.
    """
    for run_id in run_ids:
        if not RUN_ID.fullmatch(run_id):
            raise ConfigurationError(f"'{run_id}' is no id of a run, which has 16 digits 0-9 and a-f.")
    contract = load(document)
    journals = [Journal(path) for path in paths or _usual()]
    console = Console(soft_wrap=True)
    try:
        # Taken for --apply, so that nothing is swept from under a run that is still going on.
        entries = [entry for journal in journals for entry in (journal.start() if apply else journal.read())]
        damaged = _show_damage(journals, console)
        places = _places(entries, settings)
        if not places:
            console.print("No run is known to have left anything open.")
            sys.exit(FAILED if apply and damaged else PASSED)
        runs = frozenset((*run_ids, *(entry.origin.run for entry in entries if entry.origin.run)))
        statuses = [FAILED if apply and damaged else PASSED]
        for where, here in places.values():
            with_options = _Options(contract, runs, older_than, unanswered, journals, apply)
            statuses.append(_sweep(where, here, with_options, console))
    finally:
        for journal in journals:
            journal.close()
    for journal in journals:
        if journal.problem:
            click.echo(f"tunnelspec: {safe(journal.problem)}", err=True)
            statuses.append(NO_VERDICT)
    sys.exit(max(statuses))


@dataclass(frozen=True)
class _Options:
    """The same for every endpoint."""

    contract: Contract
    runs: frozenset[str]
    older_than: timedelta | None
    unanswered: bool | None
    journals: Sequence[Journal]
    apply: bool

    def existed_before(self, run: str, identifiers: Mapping[str, str]) -> bool:
        """Whether one of these was there before a run, by any journal."""
        return any(journal.existed_before(run, identifiers) for journal in self.journals)


def _usual() -> list[Path]:
    return sorted({path for pattern in _USUAL for path in Path().glob(pattern)})


def _show_damage(journals: Iterable[Journal], console: Console) -> bool:
    damaged = [journal for journal in journals if journal.damaged]
    for journal in damaged:
        lines = ", ".join(map(str, journal.damaged[:20])) + (" and more" if len(journal.damaged) > 20 else "")
        console.print(f"{safe(str(journal.path))}: damaged, and skipped: line {lines}")
    return bool(damaged)


def _places(
    entries: Iterable[JournalEntry], settings: Settings
) -> dict[tuple[str, str], tuple[Settings, list[JournalEntry]]]:
    """Open entries by endpoint and region, with the settings that lead there."""
    wanted = settings.endpoint_url.rstrip("/") if settings.endpoint_url else None
    places: dict[tuple[str, str], tuple[Settings, list[JournalEntry]]] = {}
    for entry in entries:
        endpoint, region = entry.origin.endpoint, entry.origin.region
        if wanted in (None, endpoint) and settings.region in (None, region):
            there = replace(settings, endpoint_url=endpoint, region=region)
            places.setdefault((endpoint, region), (there, []))[1].append(entry)
    if wanted is not None and not places:
        places[wanted, settings.region or ""] = (settings, [])
    return places


def _sweep(where: Settings, entries: list[JournalEntry], options: _Options, console: Console) -> int:
    """Sweep one endpoint; the exit status for it. What was closed before an interruption stays written down."""
    results: list[SweepResult] = []
    try:
        with open_target(where, options.contract) as target, stopping(target.budget.stop, target.budget.abandon):
            console.print(safe(f"{target.url}, {target.endpoint.region}"))
            work = _work(target, entries, options)
            for result in work.run():
                results.append(result)
                console.print(target.redactor.text(_line(result)))
    except (TargetLost, BudgetSpent, Stopped) as problem:
        click.echo(f"tunnelspec: {safe(str(where.endpoint_url))} cannot be swept: {problem}", err=True)
        return NO_VERDICT
    for note in work.notes:
        console.print(note)
    explained = {result.candidate.entry.key for result in results if result.candidate.entry is not None}
    unnamed = [entry for entry in work.unresolved if not entry.identifiers and entry.key not in explained]
    for request, count in sorted(Counter(map(_unresolved, unnamed)).items()):
        console.print(f"may have created something: {count} x {request}")
    if not results and not work.unresolved:
        console.print("nothing of ours is open")
    if not options.apply:
        if results or unnamed:
            console.print("Nothing was changed: --apply closes them.")
        return PASSED
    left = [result for result in results if result.outcome in (SweepOutcome.NOT_CLOSED, SweepOutcome.DOUBTFUL)]
    return FAILED if left or work.unresolved else PASSED


def _work(target: OpenTarget, entries: list[JournalEntry], options: _Options) -> Sweep:
    near = target.endpoint.is_loopback
    session = target.make_session()
    scope = SweepScope(
        options.runs,
        any_run=options.older_than is not None,
        guess=near if options.unanswered is None else options.unanswered,
        window=NEAR if near else FAR,
        existed_before=options.existed_before,
    )
    return Sweep(
        options.contract,
        entries,
        lambda request: session.step(request, {}),
        scope,
        before=datetime.now(UTC) - options.older_than if options.older_than is not None else None,
        logs=options.journals if options.apply else (),
        apply=options.apply,
        account=target.journal.origin.account,
    )


def _line(result: SweepResult) -> str:
    """One result; identifiers come from the target or from a file."""
    candidate = result.candidate
    names = safe(" ".join(candidate.identifiers.values()))
    reason = f": {safe(result.reason)}" if result.reason else ""
    return f"{result.outcome}: {names} ({candidate.evidence}, run {safe(candidate.run or 'unknown')}){reason}"


def _unresolved(entry: JournalEntry) -> str:
    return safe(f"request of run {entry.origin.run or 'unknown'} ({entry.why or 'no response'})")
