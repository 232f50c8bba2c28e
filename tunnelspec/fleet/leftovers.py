"""Closes what units have left open, when all of them have ended and none can be mistaken for another."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tunnelspec.client import Journal, JournalError
from tunnelspec.contract import Contract
from tunnelspec.fleet.unit import Left, left_in
from tunnelspec.runner.candidate import FAR, NEAR
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.sweep import Sweep
from tunnelspec.runner.target import open_target


def close_left(
    settings: Settings, contract: Contract, journals: Iterable[Path], sent: int
) -> tuple[tuple[Left, ...], list[str]]:
    """Sweep these journals; what may still be open, and sentences about what could not be decided.

    `sent` requests of the run's budget are spent already.
    """
    paths, notes = [path for path in journals if path.exists()], list[str]()
    most = None if settings.max_requests is None else settings.max_requests - sent
    if (most is None or most > 0) and any(Journal(path).read() for path in paths):
        try:
            with open_target(replace(settings, max_requests=most, max_seconds=None), contract) as target:
                for path in paths:
                    with closing(Journal(path)) as journal:
                        entries = journal.start()
                        near = target.endpoint.is_loopback
                        sweep = Sweep(
                            contract,
                            entries,
                            target.make_session().inspect,
                            runs=frozenset({entry.origin.run for entry in entries} - {""}),
                            guess=near,
                            window=NEAR if near else FAR,
                            logs=(journal,),
                            apply=True,
                        )
                        for _ in sweep.run():
                            pass  # each result is in the journal
                        notes += sweep.notes
        except (NotSent, JournalError) as problem:
            notes.append(f"Not everything could be settled: {str(problem).rstrip('.')}.")
    return tuple(left for path in paths for left in left_in(path, Journal(path).read())), notes
