"""Every planted fault is caught by the case that it names; no legal variant is accused."""

from __future__ import annotations

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.engine import Case
from tunnelspec.engine.direct import judged
from tunnelspec.faults import FAULTS, VARIANTS, Fault, Variant, derived_faults
from tunnelspec.names import matches
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome

_DERIVED = derived_faults(load())
#: What is left to chance; a fault is caught without.
SEARCHES = ("search", "journeys")
_BAD = (Outcome.FAIL, Outcome.WARN)


@pytest.mark.parametrize("fault", [*FAULTS.values(), *_DERIVED], ids=lambda fault: fault.id)
def test_fault_is_caught_by_the_case_it_names(fault: Fault, contract: Contract, cases: list[Case]) -> None:
    """The named case fails, and without a search."""
    named = [c for c in cases if matches(c.id, fault.killer) and c.area not in SEARCHES]
    assert named, f"{fault.killer} names no case"
    run, _ = judged(contract, named, fault.apply, verifying=fault.verifying)
    caught = [item.case.id for item in run.results if item.outcome in _BAD]
    assert caught


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=lambda variant: variant.id)
def test_no_legal_variant_is_accused(variant: Variant, contract: Contract, cases: list[Case]) -> None:
    """No failure, no warning without a SHOULD, and everything judged that the variant does not refuse."""
    run, _ = judged(contract, cases, variant.apply, verifying=variant.verifying)
    told = {
        item.case.id: [seen.finding for seen in item.seen] or item.reason
        for item in run.results
        if item.outcome is not Outcome.PASS
        and not (item.case.area == "auth" and not variant.verifying and item.outcome is Outcome.SKIPPED)
        and not (variant.may_warn and item.outcome is Outcome.WARN)
        and not (variant.may_skip and item.outcome is Outcome.SKIPPED and "free " in item.reason)
    }
    assert told == {}


@pytest.mark.parametrize("seed", range(5))
def test_the_honest_emulator_is_not_accused(seed: int, contract: Contract) -> None:
    """Whatever the seed, every case passes, and no tunnel is left behind."""
    run, emulator = judged(contract, build(contract, depth="quick", seed=seed), verifying=True)
    assert run.totals()["pass"] == len(run.results)
    assert emulator.store.newest_first() == []


def test_first_look_stays_within_its_requests(contract: Contract, cases: list[Case]) -> None:
    """The first look sends at most 2,000 requests."""
    run, _ = judged(contract, cases)
    assert run.requests <= 2000
