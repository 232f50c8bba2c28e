"""The suite: every case that is judged against a target, built from the contract.

Importable as `tunnelspec.suite`; run with `pytest --pyargs tunnelspec.suite` or `tunnelspec run`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from tunnelspec.contract import Contract
from tunnelspec.engine import Case
from tunnelspec.engine.probe import probe_cases

from .behaviour import AREAS, DIRECTED, behaviour_cases
from .behaviour.script import Script
from .journeys import journey_cases
from .protocol import protocol_cases
from .search import search_cases
from .validation import validation_cases

#: Random examples at each depth, per operation and flavour (valid, broken).
DEPTHS = {"quick": 6, "standard": 150, "deep": 1500}
#: Journeys through many calls at each depth.
JOURNEYS = {"quick": 2, "standard": 150, "deep": 2000}


class UnknownCase(Exception):
    """A pattern matches no case; the message is one sentence."""


def build(contract: Contract, *, depth: str = "quick", seed: int = 0) -> list[Case]:
    """Every case of the suite for a contract, in the order in which they are run.

    Names do not depend on depth or seed. The cheap and decisive come first: dispatch, then every
    bound, then what calls owe to one another, then the searches.
    """
    return [
        *probe_cases(contract),
        *protocol_cases(contract),
        *validation_cases(contract),
        *behaviour_cases(contract),
        *search_cases(contract, examples=DEPTHS[depth], seed=seed),
        *journey_cases(contract, examples=JOURNEYS[depth], seed=seed),
    ]


def select(cases: Iterable[Case], globs: Iterable[str]) -> list[Case]:
    """The cases whose names match any of the globs; all of them if there are no globs.

    Raises UnknownCase for a glob that matches nothing: a typing error is not an empty run.
    """
    everything, patterns = list(cases), list(globs)
    for pattern in patterns:
        if not any(fnmatchcase(case.id, pattern) for case in everything):
            raise UnknownCase(f"No case is named '{pattern}'; see `tunnelspec cases`.")
    if not patterns:
        return everything
    return [c for c in everything if any(fnmatchcase(c.id, pattern) for pattern in patterns)]


__all__ = ["AREAS", "DEPTHS", "DIRECTED", "Script", "UnknownCase", "build", "select"]
