"""Every check has been seen to fire: a check that no fault exercises does not count."""

from __future__ import annotations

from tunnelspec.checks import CHECKS
from tunnelspec.contract import Contract
from tunnelspec.engine import Case
from tunnelspec.engine.direct import judged
from tunnelspec.faults import FAULTS
from tunnelspec.names import matches

from .test_faults import SEARCHES


def test_every_check_fires_on_some_fault(contract: Contract, cases: list[Case]) -> None:
    """The faults together make every registered check speak."""
    silent = set(CHECKS)
    for fault in FAULTS.values():
        named = [c for c in cases if matches(c.id, fault.killer) and c.area not in SEARCHES]
        run, _ = judged(contract, named, fault.apply, verifying=fault.verifying)
        silent -= {seen.finding.check for item in run.results for seen in item.seen}
    assert silent == set()


def test_every_citation_is_a_source(contract: Contract, cases: list[Case]) -> None:
    """Whatever checks, rows and cases cite can be looked up."""
    cited = {cite for check in CHECKS.values() for cite in check.cites}
    cited |= {cite for row in contract.situations.values() for cite in row.cites}
    cited |= {cite for row in contract.errors.values() for cite in row.cites}
    cited |= {cite for case in cases for cite in case.cites} | {"rfc9110"}
    assert cited <= set(contract.sources)
    assert set(contract.sources) - cited <= _cited_in_zones(contract)


def _cited_in_zones(contract: Contract) -> set[str]:
    return set(str(contract.document).replace("'", " ").replace(",", " ").replace("]", " ").split())


def test_case_names_are_unique_and_do_not_depend_on_depth_or_seed(
    contract: Contract, cases: list[Case]
) -> None:
    """A case's name is its identity from run to run."""
    from tunnelspec.suite import build

    names = [case.id for case in cases]
    assert len(set(names)) == len(names)
    assert [case.id for case in build(contract, depth="deep", seed=99)] == names
