"""Cuts a run into units, has an executor run them, and makes one result of their parts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tunnelspec.fleet.unit import Part, Unit
from tunnelspec.record.merge import merged
from tunnelspec.runner.settings import Settings

#: Units for each worker: the one that is ready first takes the next.
_UNITS_EACH = 2
#: How often units are given to new workers after some have died.
_ATTEMPTS = 2


class Crew(Protocol):
    """An executor, and a way to end what it runs."""

    @property
    def executor(self) -> Executor:
        """Where units run."""

    @property
    def work(self) -> Callable[[Unit], Part]:
        """Runs a unit; it can be sent to a worker."""

    def stop(self, level: int) -> None:
        """End the units early: level 1 leaves them the clean-up, level 2 nothing."""

    def close(self) -> None:
        """End the workers."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A run before it is cut: names of cases in their order, and what all units share."""

    names: tuple[str, ...]
    depth: str
    seed: int
    settings: Settings
    report_dir: Path
    document: Path | None = None
    examples: tuple[Path, ...] = ()
    max_failures: int | None = None


def units_of(whole: Whole, workers: int) -> list[Unit]:
    """The units for so many workers: every n-th case each, so that dear and cheap ones are spread evenly.

    Requests and tunnels are budgets of the whole run, of which each unit has its share; rates are those of all
    workers together.
    """
    count = min(len(whole.names), workers * _UNITS_EACH)
    settings = whole.settings
    rates = {name: rate / workers for name, rate in settings.rates.items()}
    until = time.time() + settings.max_seconds if settings.max_seconds is not None else None
    return [
        Unit(
            number,
            whole.names[number::count],
            whole.depth,
            whole.seed,
            replace(
                settings,
                rates=rates,
                max_requests=_share(settings.max_requests, number, count),
                max_creates=_share(settings.max_creates, number, count),
                # The other units open tunnels at the same moments, with the same bodies.
                alone=False,
            ),
            whole.report_dir / f"journal-{number}.jsonl",
            secrets.token_hex(8),
            whole.document,
            whole.examples,
            whole.max_failures,
            until,
        )
        for number in range(count)
    ]


def run_units(units: Sequence[Unit], hire: Callable[[], Crew], on_part: Callable[[Part], None]) -> list[Part]:
    """Run every unit once, in the order of their numbers; those of workers that died are run again.

    Raises UserError where a target cannot be opened, and BrokenExecutor where workers die again.
    """
    parts: dict[int, Part] = {}
    for attempt in range(_ATTEMPTS):
        crew = hire()
        try:
            left = [unit for unit in units if unit.number not in parts]
            futures = [crew.executor.submit(crew.work, unit) for unit in left]
            for future in as_completed(futures):
                part = future.result()
                if parts.setdefault(part.number, part) is part:
                    on_part(part)
            break
        except BrokenExecutor:
            if attempt + 1 == _ATTEMPTS:
                raise
        finally:
            crew.close()
    return [parts[unit.number] for unit in units]


def combined(parts: Sequence[Part]) -> Part:
    """One part of all."""
    tested = [part for part in parts if not part.reason]
    first = parts[0]
    return Part(
        first.number,
        merged([part.record for part in parts]),
        tuple(left for part in parts for left in part.left),
        next((part.stopped for part in parts if part.stopped), ""),
        next((part.spent for part in parts if part.spent), ""),
        "" if tested else first.reason,
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        tuple(dict.fromkeys(error for part in parts for error in part.errors)),
    )


def _share(whole: int | None, number: int, count: int) -> int | None:
    if whole is None:
        return None
    return whole // count + (number < whole % count)
