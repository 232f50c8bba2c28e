"""`tunnelspec sweep`: closes what runs have left open, and nothing else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from tunnelspec.cli.group import COULD_NOT_JUDGE, FAILED, PASSED, document_option, main, sentences
from tunnelspec.cli.settings import where_options
from tunnelspec.cli.stopping import stopping
from tunnelspec.client import Journal, JournalEntry
from tunnelspec.contract import load
from tunnelspec.runner.errors import BudgetSpent, Stopped, TargetLost
from tunnelspec.runner.sweep import FAR, NEAR, NOT_CLOSED, RUN_ID, UNSURE, Sweep, SweepFailed, SweepResult
from tunnelspec.runner.target import JOURNAL, ConfigurationError, Settings, open_target

#: Where runs of both fronts keep their journals by default.
_USUAL = (f"tunnelspec-report/{JOURNAL}", f".pytest_cache/d/tunnelspec/*{JOURNAL}")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Age(click.ParamType[timedelta]):
    """`90m`, `1h`, `2d`: a time."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if found is None:
            self.fail(f"'{value}' is no time such as 90m, 1h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@main.command()
@click.option(
    "--journal",
    "paths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"Journal of a run (default: {_USUAL[0]}, and those of pytest runs).",
)
@click.option("--run-id", "run_ids", multiple=True, metavar="ID", help="Sweep the tag of this run as well.")
@click.option("--older-than", type=_Age(), help="Only what is older, and the tags of any run: 90m, 1h, 2d.")
@click.option(
    "--unanswered/--no-unanswered",
    default=None,
    help="Also the one thing that was created when a request was cut off (default: on loopback).",
)
@click.option("--apply", is_flag=True, help="Close them; without it, they are only named.")
@where_options
@document_option
@sentences
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

    Without --apply nothing is changed. Exits with 1 if something could not be closed, with 3 if an
    endpoint could not be asked.
    """
    for run_id in run_ids:
        if not RUN_ID.fullmatch(run_id):
            raise ConfigurationError(f"'{run_id}' is no id of a run, which has 16 digits 0-9 and a-f.")
    contract = load(document)
    journals = [Journal(path) for path in paths or _usual()]
    console = Console(highlight=False, soft_wrap=True)
    try:
        if apply:
            # Taken, so that nothing is swept from under a run that is still going on.
            for journal in journals:
                journal.start()
        places = _places(journals, settings)
        if not places:
            console.print("Nothing is known to be open.")
            sys.exit(PASSED)
        runs = frozenset((*run_ids, *(e.origin.run for _, es in places.values() for e in es if e.origin.run)))
        statuses = []
        for where, entries in places.values():
            made = Sweep(
                contract,
                entries,
                runs=runs,
                before=datetime.now(UTC) - older_than if older_than is not None else None,
                any_run=older_than is not None,
            )
            statuses.append(_sweep(made, where, unanswered, journals if apply else None, console))
        if apply:
            for journal in journals:
                journal.start()  # with nothing left, it is emptied
    finally:
        for journal in journals:
            journal.close()
    sys.exit(max(statuses))


def _usual() -> list[Path]:
    return [path for pattern in _USUAL for path in sorted(Path().glob(pattern))]


def _places(
    journals: Iterable[Journal], settings: Settings
) -> dict[tuple[str, str], tuple[Settings, list[JournalEntry]]]:
    """What journals name, by endpoint and region, with the settings that lead there."""
    enabled = settings.endpoint_url.rstrip("/") if settings.endpoint_url else None
    found: dict[tuple[str, str], tuple[Settings, list[JournalEntry]]] = {}
    for journal in journals:
        for entry in (*journal.pending(), *journal.unanswered()):
            endpoint, region = entry.origin.endpoint, entry.origin.region
            if enabled in (None, endpoint) and settings.region in (None, region):
                there = replace(settings, endpoint_url=endpoint, region=region)
                found.setdefault((endpoint, region), (there, []))[1].append(entry)
    if enabled is not None and not found:
        found[enabled, settings.region or ""] = (settings, [])
    return found


def _sweep(
    made: Sweep,
    settings: Settings,
    unanswered: bool | None,
    journals: Sequence[Journal] | None,
    console: Console,
) -> int:
    """Sweep one endpoint; without journals nothing is changed. The exit status that it deserves."""
    try:
        with open_target(settings, made.contract) as target, stopping(target.budget.stop):
            console.print(f"{target.url}, {target.endpoint.region}")
            if target.endpoint.is_aws and settings.allow_account:
                made.leave_other_accounts(settings.allow_account)
            near = target.endpoint.is_loopback
            made.unanswered, made.window = near if unanswered is None else unanswered, NEAR if near else FAR
            session = target.make_session()
            items = made.candidates(session)
            if journals is None:
                done = [SweepResult(item, made.due(item)) for item in items]
            else:
                done = list(made.close(session, items))
                for entry in made.settled(session, done):
                    for journal in journals:
                        journal.settle(entry)
    except (SweepFailed, TargetLost, BudgetSpent, Stopped) as problem:
        click.echo(f"tunnelspec: {settings.endpoint_url} cannot be swept: {problem}", err=True)
        return COULD_NOT_JUDGE
    for item in done:
        names = " ".join(item.candidate.identifiers.values())
        found_by = f"{item.candidate.why}, run {item.candidate.run or 'unknown'}"
        console.print(f"{item.outcome}: {names} ({found_by})", markup=False)
    for note in made.notes:
        console.print(note, markup=False)
    if any(item.outcome == UNSURE for item in done):
        console.print("--unanswered closes those too.")
    if not done:
        console.print("nothing of ours is open")
    elif journals is None:
        console.print("Nothing was changed: --apply closes them.")
    return FAILED if any(item.outcome == NOT_CLOSED for item in done) else PASSED
