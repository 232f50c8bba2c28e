"""Who tests the tests? Runs the suite against every planted fault and every legal variant.

A fault must be killed by the case that it names; a variant, and the honest emulator, must be accused of
nothing. Emulators live in this process, without a network between, several processes at a time.
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
from tunnelspec.faults import FAULTS, VARIANTS, Fault, UnknownFault, Variant, derived_faults
from tunnelspec.model import RULES
from tunnelspec.names import matches, matches_any
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import build, enabled
from tunnelspec.verdict import Outcome

HONEST = "honest"
#: Cases that look for what no list holds; they are asked only where the lists found nothing.
_SEARCHES = ("search", "journeys")
_BAD = (Outcome.FAIL, Outcome.WARN)


@dataclass(frozen=True, slots=True)
class Kill:
    """What became of one fault. `requests` and `seconds` are those up to the first finding.

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
class Peace:
    """What became of one legal variant at one seed; `accusations` are sentences, none if all is well."""

    variant: str
    sentence: str
    seed: int
    accusations: tuple[str, ...] = ()


@dataclass
class Selfcheck:
    """The whole of it. `missing` names checks that were left out on purpose."""

    depth: str
    kills: list[Kill] = field(default_factory=list)
    peace: list[Peace] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether a fault got away or somebody was accused wrongly."""
        return any(kill.verdict != "killed" for kill in self.kills) or any(item.accusations for item in self.peace)

    def figures(self) -> dict[str, Any]:
        """The figures that sum it up; medians are over the faults that were killed."""
        killed = [kill for kill in self.kills if kill.verdict == "killed"]
        return {
            "faults": len(self.kills),
            "killed": len(killed),
            "killed_by_another": sum(kill.verdict == "killed by another" for kill in self.kills),
            "survived": sum(kill.verdict == "survived" for kill in self.kills),
            "median_requests_to_first": median([kill.requests for kill in killed] or [0]),
            "median_seconds_to_first": round(median([kill.seconds for kill in killed] or [0.0]), 3),
            "variants": len({item.variant for item in self.peace}),
            "variant_runs": len(self.peace),
            "accused": sum(bool(item.accusations) for item in self.peace),
        }

    def plain(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "schema": "tunnelspec.selfcheck/1",
            "depth": self.depth,
            "without": list(self.missing),
            "seconds": round(self.seconds, 1),
            "figures": self.figures(),
            "faults": [asdict(kill) for kill in self.kills],
            "variants": [asdict(item) for item in self.peace],
        }


def subjects(contract: Contract, globs: Iterable[str]) -> tuple[list[Fault], list[Variant | None]]:
    """The faults and variants whose ids match, None standing for the honest emulator; all without globs.

    Raises UnknownFault for a glob that matches nothing.
    """
    faults = [*FAULTS.values(), *derived_faults(contract)]
    variants: list[Variant | None] = [None, *VARIANTS.values()]
    patterns = list(globs)
    if not patterns:
        return faults, variants
    names = [*(fault.id for fault in faults), *(_name(variant) for variant in variants)]
    for pattern in patterns:
        if not any(matches(name, pattern) for name in names):
            raise UnknownFault(f"No fault and no variant is named '{pattern}'.")

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
    on_done: Callable[[Kill | Peace, int], None] = lambda item, total: None,
) -> Selfcheck:
    """Run the suite against what the globs choose. `without` leaves out checks and rules of the model.

    Variants are run once for each seed. Raises UnknownFault for a glob or a check that is not there.
    """
    started = time.monotonic()
    missing = tuple(without)
    for name in missing:
        if name not in CHECKS and name not in RULES:
            raise UnknownFault(f"There is no check '{name}'.")
    faults, variants = subjects(load(), globs)
    done = Selfcheck(depth, missing=missing)
    order = {fault.id: index for index, fault in enumerate(faults)}
    jobs = [("fault", fault.id, seeds[0]) for fault in faults]
    jobs += [("variant", _name(variant), seed) for variant in variants for seed in seeds]
    for item in _results(jobs, depth, missing, workers or os.cpu_count() or 1):
        if isinstance(item, Kill):
            done.kills.append(item)
        else:
            done.peace.append(item)
        on_done(item, len(jobs))
    done.kills.sort(key=lambda kill: order[kill.fault])
    done.peace.sort(key=lambda item: (item.variant, item.seed))
    done.seconds = time.monotonic() - started
    return done


_Job = tuple[str, str, int]


def _results(jobs: list[_Job], depth: str, missing: tuple[str, ...], workers: int) -> Iterator[Kill | Peace]:
    # Spawned and not forked: the parent has threads of its own, and checks are left out in children alone.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (depth, missing))
    with pool:
        for future in as_completed([pool.submit(_work, job) for job in jobs]):
            yield future.result()


_here: dict[Any, Any] = {}


def _prepare(depth: str, missing: tuple[str, ...]) -> None:
    ignore_local_constants()
    for name in missing:
        CHECKS.pop(name, None)
        RULES.pop(name, None)
    _here["contract"], _here["depth"] = load(), depth


def _work(job: _Job) -> Kill | Peace:
    kind, name, seed = job
    contract: Contract = _here["contract"]
    cases = _here.get(seed) or _here.setdefault(seed, enabled(build(contract, depth=_here["depth"], seed=seed)))
    if kind == "fault":
        known = {**FAULTS, **{fault.id: fault for fault in derived_faults(contract)}}
        return check_fault(known[name], contract, cases)
    return check_variant(VARIANTS.get(name), contract, cases, seed)


def _name(variant: Variant | None) -> str:
    return variant.id if variant is not None else HONEST


class _Enough(Exception):
    """What was to be seen has been seen."""


def check_fault(fault: Fault, contract: Contract, cases: Sequence[Case]) -> Kill:
    """Run the suite against one fault up to the first finding, then the cases that it names until one finds it.

    Searches are asked only where the lists saw nothing.
    """
    listed = [case for case in cases if case.area not in _SEARCHES]
    searches = [case for case in cases if case.area in _SEARCHES]
    hunt = _Hunt(fault, contract)
    first = hunt.until(listed) or hunt.until(searches)
    requests, seconds = hunt.requests, time.monotonic() - hunt.started
    named = first if first and matches(first, fault.killer) else ""
    for part in (listed, searches):
        named = named or hunt.until([case for case in part if matches(case.id, fault.killer)])
    verdict = "killed" if named else "killed by another" if first else "survived"
    kill = (fault.id, fault.sentence, fault.defect_class, fault.killer, verdict)
    return Kill(*kill, first, named, requests, round(seconds, 3)) if first else Kill(*kill)


class _Hunt:
    """Runs cases against one fault, each time on a fresh emulator; counts requests from the beginning."""

    def __init__(self, fault: Fault, contract: Contract) -> None:
        self._fault = fault
        self._contract = contract
        self.requests = 0
        self.started = time.monotonic()

    def until(self, cases: Sequence[Case]) -> str:
        """The name of the first case that finds something, or an empty text."""
        found: list[str] = []

        def note(item: Result) -> None:
            self.requests += item.requests
            if item.outcome in _BAD:
                found.append(item.case.id)
                raise _Enough

        if cases:
            with contextlib.suppress(_Enough):
                run_in_process(
                    self._contract,
                    cases,
                    self._fault.apply,
                    on_result=note,
                    verifying=self._fault.verifying,
                )
        return found[0] if found else ""


def check_variant(variant: Variant | None, contract: Contract, cases: Sequence[Case], seed: int) -> Peace:
    """Run the whole suite against one legal variant, or against the honest emulator."""
    verifying = variant is None or variant.verifying
    run, emulator = run_in_process(contract, cases, variant.apply if variant else _as_it_is, verifying=verifying)
    told = [
        f"{item.outcome} {item.case.id}: {item.evidence[0].finding.observation if item.evidence else item.reason}"
        for item in run.results
        if not _peaceful(item, variant)
    ]
    if run.stopped:
        told.append(run.stopped)
    if variant is None and emulator.store.newest_first():
        told.append("tunnels were left behind")
    sentence = variant.sentence if variant else "The emulator as it is."
    return Peace(_name(variant), sentence, seed, tuple(told))


def _as_it_is(emulator: Emulator) -> None:
    """Change nothing."""


def _peaceful(item: Result, variant: Variant | None) -> bool:
    if item.outcome is Outcome.PASS:
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
