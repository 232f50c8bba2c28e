"""The cases of the scenarios in this folder."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.model import OPERATIONS
from tunnelspec.runner.case import Case
from tunnelspec.runner.uniqueness import uniqueness_cases
from tunnelspec.scenario.lifetime import lifetime_cases
from tunnelspec.scenario.registry import SCENARIOS, scenario_case

# Imported for what they register.
from . import (  # noqa: F401
    atomicity,
    changing_lists,
    echo,
    identity,
    isolation,
    lifecycle,
    listing,
    scale,
    tag_texts,
    tags,
    times,
    tokens,
)

#: In the order in which they run.
AREAS = ("lifecycle", "tokens", "tags", "listing", "identity", "atomicity", "isolation")


def behaviour_cases(contract: Contract, *, thorough: bool) -> list[Case]:
    """One case per scenario; none for a contract of another service than the one that the model knows. `thorough`
    scenarios try every variant of a call, others a few."""
    if not contract.operations.keys() >= OPERATIONS:
        return []
    scenarios = sorted(SCENARIOS.values(), key=lambda found: AREAS.index(found.area))
    return [
        *(scenario_case(scenario, thorough=thorough) for scenario in scenarios),
        *lifetime_cases(contract, thorough=thorough),
        *uniqueness_cases(contract, "tunnel"),
    ]
