"""Runs the suite against every subject, several processes at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

from tunnelspec.checks import CHECKS
from tunnelspec.contract import Contract, load
from tunnelspec.faults import Fault, Variant, all_faults, all_variants, unknown
from tunnelspec.fleet.parent import end_with_parent
from tunnelspec.model import RULES
from tunnelspec.names import matches, matches_any
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.selfcheck.results import Kill, Selfcheck, VariantResult
from tunnelspec.selfcheck.subject import check_fault, check_variant, name_of
from tunnelspec.suite import build, enabled


def subjects(contract: Contract, globs: Iterable[str]) -> tuple[list[type[Fault]], list[type[Variant] | None]]:
    """The faults and variants whose ids match, None standing for the reference emulator; all without globs.

    Raises UnknownFault for a glob that matches nothing.
    """
    faults = list(all_faults(contract).values())
    variants: list[type[Variant] | None] = [None, *(v for v in all_variants().values() if not v.needs_own_run)]
    patterns = list(globs)
    if not patterns:
        return faults, variants
    names = [*(fault.id for fault in faults), *(name_of(variant) for variant in variants)]
    for pattern in patterns:
        if not any(matches(name, pattern) for name in names):
            raise unknown("fault or variant", pattern, names)

    def chosen(name: str) -> bool:
        return matches_any(name, patterns)

    return [f for f in faults if chosen(f.id)], [v for v in variants if chosen(name_of(v))]


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
    jobs += [("variant", name_of(variant), seed) for variant in variants for seed in seeds]
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
