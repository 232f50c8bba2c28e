"""Closes what units have left open, when all of them have ended and none can be mistaken for another."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from tunnelspec.client import Journal, JournalError
from tunnelspec.contract import Contract
from tunnelspec.fleet.unit import StillOpen, Unit, left_in, suite_of
from tunnelspec.ownership.candidate import FAR, NEAR, SweepScope
from tunnelspec.ownership.sweep import Sweep
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import OpenTarget, open_target

#: How often an orphan looks at what it has left, and how long it waits before the second time, in seconds.
_ATTEMPTS, _PAUSE_S = 3, 1.0


@dataclass(frozen=True, slots=True)
class CleanUpResult:
    """What may still be open, sentences about what could not be decided, and how many requests that took."""

    left: tuple[StillOpen, ...]
    notes: Sequence[str] = ()
    requests: int = 0


def close_left(
    settings: Settings,
    contract: Contract,
    journals: Iterable[Path],
    most: int | None,
    runs: frozenset[str] = frozenset(),
) -> CleanUpResult:
    """Sweep these journals, and what carries the tag of these runs, of which there may be no journal.

    At most `most` requests are sent.
    """
    paths, notes, requests = [path for path in journals if path.exists()], list[str](), 0
    if (most is None or most > 0) and (runs or any(Journal(path).read() for path in paths)):
        try:
            with open_target(replace(settings, max_requests=most, max_seconds=None), contract) as target:
                try:
                    notes += _swept(target, paths, runs)
                finally:
                    requests = target.budget.requests
        except (NotSent, JournalError) as problem:
            notes.append(f"Not everything could be settled: {str(problem).rstrip('.')}.")
    return CleanUpResult(tuple(left for path in paths for left in left_in(path, Journal(path).read())), notes, requests)


def close_orphaned(unit: Unit, requests: int) -> CleanUpResult:
    """Close what a unit has left that has sent so many requests, where whoever started it is gone and closes nothing
    any more. What may be another orphan's is looked at again, once that has closed its own.
    """
    most = unit.settings.max_requests
    contract, _ = suite_of(unit)
    for attempt in range(_ATTEMPTS):
        time.sleep(_PAUSE_S * attempt)
        settled = close_left(unit.settings, contract, [unit.journal], None if most is None else most - requests)
        requests += settled.requests
        if not settled.left:
            break
    return settled


def _swept(target: OpenTarget, paths: Sequence[Path], runs: frozenset[str]) -> list[str]:
    """Sweep all journals at once: what one unit has left may look like the work of another's requests."""
    near = target.endpoint.is_loopback
    with ExitStack() as stack:
        journals = [stack.enter_context(closing(Journal(path))) for path in paths]
        entries = [entry for journal in journals for entry in journal.start()]
        sweep = Sweep(
            target.contract,
            entries,
            target.make_session().inspect,
            SweepScope(
                runs | {entry.origin.run for entry in entries} - {""},
                guess=near,
                window=NEAR if near else FAR,
                existed_before=lambda run, identifiers: any(one.existed_before(run, identifiers) for one in journals),
            ),
            logs=journals,
            apply=True,
        )
        for _ in sweep.run():
            pass  # each result is in the journal
        return sweep.notes
