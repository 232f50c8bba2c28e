"""Every planted fault is caught by the case that it names; no legal variant is accused."""

from __future__ import annotations

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.faults import FAULTS, VARIANTS, Fault, Variant, derived_faults
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.selfcheck import check_variant
from tunnelspec.suite import build, enabled

from .catches import Catches

_DERIVED = derived_faults(load())


@pytest.mark.parametrize("fault", [*FAULTS.values(), *_DERIVED], ids=lambda fault: fault.id)
def test_fault_is_caught_by_the_case_it_names(fault: Fault, caught: Catches) -> None:
    """A case that the fault names fails, and without a search; it warns where the fault says SHOULD."""
    outcomes = {item.outcome.value for item in caught.results[fault.id]}
    assert outcomes
    assert "fail" in outcomes or "SHOULD" in fault.sentence


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=lambda variant: variant.id)
def test_no_legal_variant_is_accused(variant: Variant, contract: Contract, cases: list[Case]) -> None:
    """No failure, no warning without a SHOULD, and everything judged that the variant does not refuse."""
    assert check_variant(variant, contract, cases, 7).accusations == ()


@pytest.mark.parametrize("seed", range(5))
def test_the_honest_emulator_is_not_accused(seed: int, contract: Contract) -> None:
    """Whatever the seed, every case passes, and no tunnel is left behind."""
    cases = enabled(build(contract, depth="quick", seed=seed))
    run, emulator = run_in_process(contract, cases, verifying=True)
    assert run.totals()["pass"] == len(run.results)
    assert emulator.store.newest_first() == []


def test_first_look_stays_within_its_requests(contract: Contract, cases: list[Case]) -> None:
    """The first look sends at most 250 requests per operation of the document."""
    run, _ = run_in_process(contract, cases)
    assert run.requests <= 250 * len(contract.operations)
