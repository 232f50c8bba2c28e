"""Runs the suite against one seeded fault, or against one conforming variant or the reference emulator."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.faults import Fault, Variant
from tunnelspec.names import matches
from tunnelspec.runner.case import Case, Priority, Result
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.selfcheck.results import Kill, VariantResult
from tunnelspec.verdict import Outcome

REFERENCE = "reference"
#: Areas of random cases, which are run only where no exhaustive case found anything.
_SEARCHES = ("search", "journeys")
_BAD = (Outcome.FAIL, Outcome.WARN)


def name_of(variant: type[Variant] | None) -> str:
    """The id of a variant, or what stands for the reference emulator."""
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
    return VariantResult(name_of(variant), sentence, seed, tuple(flagged))


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
