"""The suite: every case that is judged against a target, built from the contract.

Importable as `tunnelspec.suite`; run with `pytest --pyargs tunnelspec.suite` or `tunnelspec run`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tunnelspec.contract import Contract
from tunnelspec.errors import UserError
from tunnelspec.names import matches, matches_any
from tunnelspec.runner.case import Case
from tunnelspec.runner.presence import presence_cases
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.examples import ExampleError, add_examples, example_cases
from tunnelspec.scenario.registry import SCENARIOS
from tunnelspec.scenario.replay import ReplayCase, again, findings, promotable
from tunnelspec.scenario.stateful import stateful_cases

from .auth import NOT_VERIFYING, auth_cases
from .protocol import protocol_cases
from .scenarios import AREAS, behaviour_cases
from .search import search_cases
from .validation import validation_cases

#: Random examples at each depth, per operation and flavour (valid, broken).
DEPTHS = {"quick": 3, "standard": 150, "deep": 1500}
#: Examples at each depth that Schemathesis' generators make, per operation.
SCHEMATHESIS_EXAMPLES = {"quick": 0, "standard": 60, "deep": 600}
#: Journeys through many calls at each depth.
SEQUENCES = {"quick": 1, "standard": 150, "deep": 2000}


class UnknownCase(UserError):
    """A pattern matches no case; the message is one sentence."""


def build(contract: Contract, *, depth: str = "quick", seed: int = 0, examples: Iterable[Path] = ()) -> list[Case]:
    """Every case of the suite for a contract, in the order in which they are run.

    Names do not depend on depth or seed. See `telling_first` for the order. `examples` are files of
    promoted findings, judged besides those that are shipped. Raises ExampleError.
    """
    return [
        *presence_cases(contract),
        *telling_first(protocol_cases(contract), validation_cases(contract), behaviour_cases(contract)),
        *auth_cases(contract),
        *example_cases(contract, examples),
        *search_cases(contract, examples=DEPTHS[depth], seed=seed, foreign=SCHEMATHESIS_EXAMPLES[depth]),
        *stateful_cases(contract, examples=SEQUENCES[depth], seed=seed),
    ]


def telling_first(protocol: list[Case], validation: list[Case], behaviour: list[Case]) -> list[Case]:
    """The lists in an order that meets a defect early.

    One plain call of each operation; the wire through the first operation, since servers rarely have more
    than one parser; the cases that tell most of each constraint; behaviour; then what is left of the bounds,
    the wire through the other operations, and the sweep over Unicode's categories, which find again what is
    mostly known by then.
    """
    first = protocol[0].operation if protocol else ""
    plain = [case for case in protocol if case.id.endswith("/plain")]
    wire = [case for case in protocol if case not in plain]
    telling = _telling(validation)
    told = {case.id for case in telling}
    rest = [case for case in validation if case.id not in told]
    sweep = [case for case in rest if _variant(case).startswith(("excludes-", "admits-"))]
    swept = {case.id for case in sweep}
    return [
        *plain,
        *(case for case in wire if case.operation == first),
        *telling,
        *behaviour,
        *(case for case in rest if case.id not in swept),
        *(case for case in wire if case.operation != first),
        *sweep,
    ]


#: One step outside a bound and the bound itself, nothing at all, and what a careless match lets through.
_TELLING = frozenset(
    {"above", "below", "longer", "shorter", "at", "absent", "unknown", "newline-at-the-end", "as-digits"}
)


def _telling(validation: list[Case]) -> list[Case]:
    """The cases that show whether a constraint is enforced at all: a handful for each, of a type the first."""
    typed: set[str] = set()
    found = []
    for case in validation:
        constraint, variant = case.id.rsplit("/", 1)
        is_type = constraint.endswith("/type") and variant.startswith("as-")
        if variant in _TELLING or (is_type and constraint not in typed):
            found.append(case)
        if is_type:
            typed.add(constraint)
    return found


def _variant(case: Case) -> str:
    return case.id.rsplit("/", 1)[1]


def select(cases: Iterable[Case], globs: Iterable[str]) -> list[Case]:
    """The cases whose names match any of the globs; all of them if there are no globs.

    Raises UnknownCase for a glob that matches nothing: a typing error is not an empty run.
    """
    everything, patterns = list(cases), list(globs)
    for pattern in patterns:
        if not any(matches(case.id, pattern) for case in everything):
            raise UnknownCase(f"No case is named '{pattern}'; see `tunnelspec cases`.")
    if not patterns:
        return everything
    return [case for case in everything if matches_any(case.id, patterns)]


def enabled(cases: Iterable[Case]) -> list[Case]:
    """Those of the cases that are judged at this depth. Raises UnknownCase where there are none."""
    found = [case for case in cases if case.enabled]
    if not found:
        raise UnknownCase("These cases are judged at --depth standard and deep only.")
    return found


__all__ = [
    "AREAS",
    "DEPTHS",
    "NOT_VERIFYING",
    "SCENARIOS",
    "SEQUENCES",
    "ExampleError",
    "ReplayCase",
    "ScenarioClient",
    "UnknownCase",
    "add_examples",
    "again",
    "build",
    "enabled",
    "findings",
    "promotable",
    "select",
]
