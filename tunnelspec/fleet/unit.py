"""One unit of work: some cases of a suite against one target, as plain data, and what comes of it.

A unit is a run of its own: it looks at what exists before it, has an id and a journal of its own, and closes what it
opened. For every other unit it is another user of the account.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tunnelspec.client import JournalEntry
from tunnelspec.contract import Contract, load
from tunnelspec.errors import UserError
from tunnelspec.printable import counted
from tunnelspec.record.document import Record
from tunnelspec.record.recorder import record_of
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.executor import OnResult, run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import OpenTarget, open_target
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome

if TYPE_CHECKING:
    from tunnelspec.fleet.redis_state import RedisState

#: Lasts as long as the target is tested; whoever makes it may stop the run (`OpenTarget.budget`).
Watch: TypeAlias = Callable[[OpenTarget], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """Where the state is that all workers of a run share: a Redis, and the run's id in it. Can be pickled."""

    url: str
    run: str

    def open(self, journal: str = "") -> RedisState:
        """The state, for a unit whose journal has this name. Raises UserError where it cannot be used."""
        try:
            from tunnelspec.fleet.redis_state import RedisState
        except ImportError:
            raise UserError("--redis needs redis: pip install 'tunnelspec[cluster]'.") from None
        return RedisState(self.url, self.run, journal)


class SharedLost(UserError):
    """A worker cannot use the shared state any more."""

    no_verdict = True


@dataclass(frozen=True, slots=True)
class Unit:
    """Cases by their names, and all that is needed to rebuild and run them. Can be pickled.

    `run` is the id that marks what the unit opens. `until` is the time in seconds since the epoch at which the whole
    run must end; `max_failures` ends this unit. Without `shared` state, budgets and rates are shares of the run's.
    `cost` is how many requests it sends to a target that conforms.
    """

    number: int
    names: tuple[str, ...]
    depth: str
    seed: int
    settings: Settings
    journal: Path
    run: str
    document: Path | None = None
    examples: tuple[Path, ...] = ()
    max_failures: int | None = None
    until: float | None = None
    shared: SharedPlace | None = None
    cost: int = 0


@dataclass(frozen=True, slots=True)
class StillOpen:
    """What a journal says may still be open: tunnels, and requests that may have opened one."""

    journal: Path
    named: int
    unnamed: int


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The result of a unit, as plain data. `reason` says why nothing was tested; `errors` are tracebacks of failures
    of our own. `journal` is the journal's content, where it is on another machine than the coordinator."""

    number: int
    record: Record
    left: tuple[StillOpen, ...] = ()
    stopped: str = ""
    spent: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    journal: bytes = b""


@lru_cache(2)
def _suite(document: Path | None, depth: str, seed: int, examples: tuple[Path, ...]) -> tuple[Contract, list[Case]]:
    """Contract and cases; a worker runs many units of one suite."""
    ignore_local_constants()
    contract = load(document)
    return contract, build(contract, depth=depth, seed=seed, examples=examples)


def suite_of(unit: Unit) -> tuple[Contract, list[Case]]:
    """The contract, and all cases of the run that the unit is a part of."""
    return _suite(unit.document, unit.depth, unit.seed, unit.examples)


def run_unit(unit: Unit, watch: Watch = nullcontext) -> UnitResult:
    """Run a unit to its end, clean-up included.

    Raises UserError for a target that cannot be opened, and where this machine has other cases than the run's, and
    SharedLost.
    """
    contract, suite = suite_of(unit)
    names = set(unit.names)
    cases = [case for case in suite if case.id in names]
    if len(cases) < len(names):
        missing = min(names - {case.id for case in cases})
        raise UserError(f"The suite of a worker has no case {missing}: give all workers the same files.")
    settings = unit.settings
    if unit.until is not None:
        settings = replace(settings, max_seconds=max(unit.until - time.time(), 0.001))
    try:
        shared = unit.shared.open(unit.journal.name) if unit.shared is not None else None
    except UserError as problem:
        raise SharedLost(str(problem)) from None
    with open_target(settings, contract, unit.journal, unit.run, shared) as target, watch(target):
        failures = stopping_at(unit.max_failures, target.budget.stop)
        part = run_target(target, cases, unit.depth, unit.seed, failures, search_on=settings.searches_on)
        return replace(part, number=unit.number)


def run_target(
    target: OpenTarget, cases: Sequence[Case], depth: str, seed: int, on_result: OnResult, *, search_on: bool = False
) -> UnitResult:
    """Run cases against an open target, settle what they left, and make the record. With `search_on`, searches then
    spend what is left of the budget.
    """
    started = datetime.now(UTC)
    run = run_cases(
        target.contract,
        cases,
        target.make_session,
        probes=presence_cases(target.contract),
        on_result=on_result,
        search_on=search_on,
    )
    target.settle(absent=run.absent)
    run.requests = target.budget.requests
    return UnitResult(
        0,
        record_of(run, target, seed=seed, depth=depth, started=started),
        left_in(target.journal.path, target.journal.own_entries()),
        run.stopped,
        run.spent,
        run.why_nothing_was_tested,
        tuple(target.notes),
        tuple(map(target.redactor.text, run.errors)),
    )


def left_in(journal: Path, entries: Sequence[JournalEntry]) -> tuple[StillOpen, ...]:
    """What these entries of a journal say may be open."""
    named = sum(bool(entry.identifiers) for entry in entries)
    return (StillOpen(journal, named, len(entries) - named),) if entries else ()


def stopping_at(most: int | None, stop: Callable[[str], None]) -> OnResult:
    """Stops a run at so many failures."""
    failures = 0

    def on_result(result: Result) -> None:
        nonlocal failures
        failures += result.outcome is Outcome.FAIL
        if failures == most:
            stop(f"the run stops after {counted(failures, 'failure')}, as asked")

    return on_result
