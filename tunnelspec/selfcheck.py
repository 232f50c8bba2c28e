"""The mutation test of the suite: runs it against every seeded fault and every conforming variant.

A fault must be killed by the case that it names; on a variant, and on the reference emulator, nothing may be
flagged. Each emulator runs in the process of its cases, without a network; several processes run at a time.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from statistics import median
from typing import Any

from tunnelspec.checks import CHECKS
from tunnelspec.contract import Contract, load
from tunnelspec.emulator import Emulator
from tunnelspec.faults import Fault, Variant, all_faults, all_variants, unknown
from tunnelspec.fleet.parent import end_with_parent
from tunnelspec.model import RULES
from tunnelspec.names import matches, matches_any
from tunnelspec.runner.case import Case, Priority, Result
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import build, enabled
from tunnelspec.verdict import Outcome

REFERENCE = "reference"
#: Areas of random cases, which are run only where no exhaustive case found anything.
_SEARCHES = ("search", "journeys")
_BAD = (Outcome.FAIL, Outcome.WARN)


@dataclass(frozen=True, slots=True)
class Kill:
    """The result of one fault. `requests` and `seconds` are those up to the first finding.

    `verdict` is `killed`, `killed by another` (but not by the case that it names) or `survived`. `first` is the
    case that found something first, `named` the one among those that the fault names.
    """

    fault: str
    sentence: str
    defect_class: str
    expected: str
    verdict: str
    first: str = ""
    named: str = ""
    requests: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class VariantResult:
    """The result of one conforming variant at one seed; `false_positives` are sentences."""

    variant: str
    sentence: str
    seed: int
    false_positives: tuple[str, ...] = ()


@dataclass
class Selfcheck:
    """The results. `missing` names checks that were left out on purpose."""

    depth: str
    kills: list[Kill] = field(default_factory=list)
    variants: list[VariantResult] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether a fault was missed or a variant was flagged."""
        return any(kill.verdict != "killed" for kill in self.kills) or any(
            item.false_positives for item in self.variants
        )

    def figures(self) -> dict[str, object]:
        """The figures that sum it up; medians are over the faults that were killed."""
        killed = [kill for kill in self.kills if kill.verdict == "killed"]
        return {
            "faults": len(self.kills),
            "killed": len(killed),
            "killed_by_another": sum(kill.verdict == "killed by another" for kill in self.kills),
            "survived": sum(kill.verdict == "survived" for kill in self.kills),
            "median_requests_to_first": median([kill.requests for kill in killed] or [0]),
            "median_seconds_to_first": round(median([kill.seconds for kill in killed] or [0.0]), 3),
            "variants": len({item.variant for item in self.variants}),
            "variant_runs": len(self.variants),
            "flagged": sum(bool(item.false_positives) for item in self.variants),
        }

    def plain(self) -> dict[str, object]:
        """The results as plain data."""
        return {
            "schema": "tunnelspec.selfcheck/2",
            "depth": self.depth,
            "without": list(self.missing),
            "seconds": round(self.seconds, 1),
            "figures": self.figures(),
            "faults": [asdict(kill) for kill in self.kills],
            "variants": [asdict(item) for item in self.variants],
        }


def subjects(contract: Contract, globs: Iterable[str]) -> tuple[list[type[Fault]], list[type[Variant] | None]]:
    """The faults and variants whose ids match, None standing for the reference emulator; all without globs.

    Raises UnknownFault for a glob that matches nothing.
    """
    faults = list(all_faults(contract).values())
    variants: list[type[Variant] | None] = [None, *(v for v in all_variants().values() if not v.needs_own_run)]
    patterns = list(globs)
    if not patterns:
        return faults, variants
    names = [*(fault.id for fault in faults), *(_name(variant) for variant in variants)]
    for pattern in patterns:
        if not any(matches(name, pattern) for name in names):
            raise unknown("fault or variant", pattern, names)

    def chosen(name: str) -> bool:
        return matches_any(name, patterns)

    return [f for f in faults if chosen(f.id)], [v for v in variants if chosen(_name(v))]


def selfcheck(
    *,
    depth: str = "quick",
    seeds: Sequence[int] = (0,),
    globs: Iterable[str] = (),
    without: Iterable[str] = (),
    workers: int | None = None,
    on_done: Callable[[Kill | VariantResult, int], None] = lambda result, total: None,
) -> Selfcheck:
    """Run the suite against what the globs choose. `without` leaves out checks and rules of the model.

    Variants are run once for each seed. Raises UnknownFault for a glob or a check that is not there.
    """
    started = time.monotonic()
    missing = tuple(without)
    for name in missing:
        if name not in CHECKS and name not in RULES:
            raise unknown("check", name, [*CHECKS, *RULES])
    faults, variants = subjects(load(), globs)
    done = Selfcheck(depth, missing=missing)
    order = {fault.id: index for index, fault in enumerate(faults)}
    jobs = [("fault", fault.id, seeds[0]) for fault in faults]
    jobs += [("variant", _name(variant), seed) for variant in variants for seed in seeds]
    for item in _results(jobs, depth, missing, workers or os.cpu_count() or 1):
        if isinstance(item, Kill):
            done.kills.append(item)
        else:
            done.variants.append(item)
        on_done(item, len(jobs))
    done.kills.sort(key=lambda kill: order[kill.fault])
    done.variants.sort(key=lambda item: (item.variant, item.seed))
    done.seconds = time.monotonic() - started
    return done


_Job = tuple[str, str, int]


def _results(jobs: list[_Job], depth: str, missing: tuple[str, ...], workers: int) -> Iterator[Kill | VariantResult]:
    # Spawned and not forked: the parent has threads of its own, and checks are left out in children alone.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (depth, missing))
    with pool:
        for future in as_completed([pool.submit(_work, job) for job in jobs]):
            yield future.result()


#: What a worker process keeps between jobs: contract, depth and faults, and the cases by seed.
_worker: dict[Any, Any] = {}


def _prepare(depth: str, missing: tuple[str, ...]) -> None:
    end_with_parent()
    ignore_local_constants()
    for name in missing:
        CHECKS.pop(name, None)
        RULES.pop(name, None)
    contract = load()
    _worker.update(contract=contract, depth=depth, faults=all_faults(contract))


def _work(job: _Job) -> Kill | VariantResult:
    kind, name, seed = job
    contract: Contract = _worker["contract"]
    cases = _worker.get(seed) or _worker.setdefault(seed, enabled(build(contract, depth=_worker["depth"], seed=seed)))
    if kind == "fault":
        return check_fault(_worker["faults"][name], contract, cases)
    return check_variant(all_variants().get(name), contract, cases, seed)


def _name(variant: type[Variant] | None) -> str:
    return variant.id if variant is not None else REFERENCE


class _Found(Exception):
    """A case has found something; the rest need not run."""


def check_fault(fault: type[Fault], contract: Contract, cases: Sequence[Case]) -> Kill:
    """Run the suite against one fault up to the first finding, then the cases that it names until one finds it.

    Random cases run only where no exhaustive case found anything.
    """
    listed = [case for case in cases if case.area not in _SEARCHES]
    searches = [case for case in cases if case.area in _SEARCHES]
    run = _FaultRun(fault, contract)
    first = run.until(listed) or run.until(searches)
    requests, seconds = run.requests, time.monotonic() - run.started
    named = first if first and matches(first, fault.killer) else ""
    for part in (listed, searches):
        named = named or run.until([case for case in part if matches(case.id, fault.killer)])
    verdict = "killed" if named else "killed by another" if first else "survived"
    kill = (fault.id, fault.sentence, fault.defect_class, fault.killer, verdict)
    return Kill(*kill, first, named, requests, round(seconds, 3)) if first else Kill(*kill)


class _FaultRun:
    """Runs cases against one fault, each time on a fresh emulator; counts requests from the beginning."""

    def __init__(self, fault: type[Fault], contract: Contract) -> None:
        self._fault = fault
        self._contract = contract
        self.requests = 0
        self.started = time.monotonic()

    def until(self, cases: Sequence[Case]) -> str:
        """The name of the first case that finds something, or an empty text."""
        names: list[str] = []

        def note(item: Result) -> None:
            self.requests += item.requests
            if item.outcome in _BAD:
                names.append(item.case.id)
                raise _Found

        if cases:
            with contextlib.suppress(_Found):
                run_in_process(
                    self._contract,
                    cases,
                    self._fault,
                    on_result=note,
                    verifying=self._fault.verifying,
                    served=self._fault.served,
                )
        return names[0] if names else ""


def check_variant(variant: type[Variant] | None, contract: Contract, cases: Sequence[Case], seed: int) -> VariantResult:
    """Run the whole suite against one conforming variant, or against the reference emulator."""
    verifying = variant is None or variant.verifying
    served = variant is None or variant.served
    run, emulator = run_in_process(contract, cases, variant or Emulator, verifying=verifying, served=served)
    flagged = [
        f"{item.outcome} {item.case.id}: {item.evidence[0].finding.observation if item.evidence else item.reason}"
        for item in run.results
        if not _is_allowed(item, variant)
    ]
    if run.stopped:
        flagged.append(run.stopped)
    if variant is None and emulator.store.newest_first():
        flagged.append("tunnels were left open")
    sentence = variant.sentence if variant else "The reference emulator."
    return VariantResult(_name(variant), sentence, seed, tuple(flagged))


def _is_allowed(item: Result, variant: type[Variant] | None) -> bool:
    # Whether a case about the whole run has enough to look at is a matter of how long the run takes.
    if item.outcome is Outcome.PASS or (item.outcome is Outcome.SKIPPED and item.case.priority is Priority.WHOLE_RUN):
        return True
    if variant is None:
        return False
    if item.outcome is Outcome.WARN:
        return variant.may_warn
    if item.case.area == "auth":
        return item.outcome is Outcome.SKIPPED and not variant.verifying
    if not variant.may_skip:
        return False
    denied = item.outcome is Outcome.INCONCLUSIVE and "AccessDenied" in item.reason
    return denied or item.rejection_allowed
