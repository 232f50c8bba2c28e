"""Cuts a run into units, has an executor run them, and makes one result of their parts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tunnelspec.errors import UserError
from tunnelspec.fleet.lost import lost_part
from tunnelspec.fleet.unit import SharedLost, SharedPlace, Unit, UnitResult
from tunnelspec.ownership.run_id import attempt
from tunnelspec.record.merge import merged
from tunnelspec.runner.settings import Settings

#: Units for each worker: the one that is ready first takes the next.
_UNITS_EACH = 2


class Abandoned(UserError):
    """The run is ended at once, and its workers with it."""

    no_verdict = True

    def __init__(self) -> None:
        super().__init__(
            "Workers ended in the middle of their work. What they opened may be open: tunnelspec sweep --apply"
        )


class WorkerPool(Protocol):
    """An executor, and a way to end what it runs."""

    @property
    def failures(self) -> tuple[type[BaseException], ...]:
        """What a future raises where its worker is gone."""

    @property
    def loss(self) -> str:
        """What has happened when the last attempt fails, as a clause of a sentence."""

    @property
    def attempts(self) -> int:
        """How many pools may fail, one after the other: those that replace lost workers by themselves may not."""

    @property
    def executor(self) -> Executor:
        """Where units run."""

    @property
    def work(self) -> Callable[[Unit], UnitResult]:
        """Runs a unit; it can be sent to a worker."""

    def stop(self, level: int) -> None:
        """End the units early: level 1 leaves them the clean-up, level 2 nothing."""

    def close(self) -> None:
        """End the workers."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """A run before it is cut: names of cases in their order, how many requests each costs, and what all units share."""

    names: tuple[str, ...]
    depth: str
    seed: int
    settings: Settings
    report_dir: Path
    document: Path | None = None
    examples: tuple[Path, ...] = ()
    max_failures: int | None = None
    costs: tuple[int, ...] = ()


def units_of(whole: RunSpec, workers: int, shared: SharedPlace | None = None) -> list[Unit]:
    """The units for so many workers: every n-th case each, so that expensive and cheap ones are spread evenly.

    Requests and tunnels are budgets of the whole run, which the units share, or of which each has its share; rates
    are those of all workers together.
    """
    settings = whole.settings
    # A unit that searches on lasts as long as the run: no other unit may wait for it.
    count = min(len(whole.names), workers * (1 if settings.searches_on else _UNITS_EACH))
    until = time.time() + settings.max_seconds if settings.max_seconds is not None else None
    return [
        Unit(
            number,
            whole.names[number::count],
            whole.depth,
            whole.seed,
            replace(
                settings,
                max_requests=settings.max_requests if shared else _share(settings.max_requests, number, count),
                max_creates=settings.max_creates if shared else _share(settings.max_creates, number, count),
                # At least two, so that no unit takes itself for the only one that opens anything.
                parts=max(workers, 2),
            ),
            whole.report_dir / f"journal-{number}.jsonl",
            secrets.token_hex(8),
            whole.document,
            whole.examples,
            whole.max_failures,
            until,
            shared,
            sum(whole.costs[number::count]),
        )
        for number in range(count)
    ]


def run_units(
    units: Sequence[Unit], start_pool: Callable[[], WorkerPool], on_part: Callable[[UnitResult], None]
) -> list[UnitResult]:
    """Run every unit, and take its first result, in the order of their numbers. Units of workers that died are run
    again; where workers die again, or where what the dead have spent of a budget is not known, they are lost.

    Raises UserError where a target cannot be opened.
    """
    parts: dict[int, UnitResult] = {}
    failed, loss = 0, ""
    # The most expensive first: at the end nobody waits for one that began last.
    order = sorted(units, key=lambda unit: -unit.cost)
    while not loss and (left := [unit for unit in order if unit.number not in parts]):
        pool = start_pool()
        try:
            if failed:
                # What the dead have left existed before the new runs, which are not to take it for foreign.
                left = [replace(unit, run=attempt(unit.run)) for unit in left]
            # No list of the futures: a cluster would compute a result again that is gone while somebody holds it.
            for future in as_completed([pool.executor.submit(pool.work, unit) for unit in left]):
                part = future.result()
                if parts.setdefault(part.number, part) is part:
                    if part.journal:
                        units[part.number].journal.write_bytes(part.journal)
                    on_part(part)
                del future
        except pool.failures:
            failed += 1
            if failed == pool.attempts or any(map(_has_share, left)):
                loss = pool.loss
        except SharedLost as problem:
            loss = str(problem).rstrip(".")
        finally:
            pool.close()
    return [parts.get(unit.number) or lost_part(unit, loss) for unit in units]


def _has_share(unit: Unit) -> bool:
    """Whether a unit has a share of a budget, which only its worker counts."""
    return unit.shared is None and (unit.settings.max_requests, unit.settings.max_creates) != (None, None)


def combined(parts: Sequence[UnitResult]) -> UnitResult:
    """One part of all."""
    tested = [part for part in parts if not part.reason]
    first = parts[0]
    return UnitResult(
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
