"""The suite: every case that a target is tested with, built from the contract.

Importable as `tunnelspec.suite`; run with `pytest --pyargs tunnelspec.suite` or `tunnelspec run`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tunnelspec.contract import Contract
from tunnelspec.errors import UserError
from tunnelspec.runner.authentication import NOT_VERIFYING
from tunnelspec.runner.case import Case
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.sampling import thinned
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.examples import ExampleError, add_examples, example_cases
from tunnelspec.scenario.registry import SCENARIOS
from tunnelspec.scenario.replay import ReplayCase, again, findings, promotable
from tunnelspec.scenario.stateful import stateful_cases

from .auth import auth_cases
from .http import http_cases
from .malformed import malformed_cases
from .measured import cost, ordered
from .protocol import protocol_cases
from .scenarios import AREAS, behaviour_cases
from .search import search_cases
from .validation import validation_cases

#: Random examples at each depth, per operation and flavour (valid, broken).
DEPTHS = {"quick": 2, "standard": 150, "deep": 1500}
#: Examples of Schemathesis' generators at each depth, per operation.
SCHEMATHESIS_EXAMPLES = {"quick": 0, "standard": 60, "deep": 600}
#: Sequences of calls at each depth.
SEQUENCES = {"quick": 1, "standard": 150, "deep": 2000}


class UnknownCase(UserError):
    """A pattern matches no case; the message is one sentence."""


def build(contract: Contract, *, depth: str = "quick", seed: int = 0, examples: Iterable[Path] = ()) -> list[Case]:
    """Every case of the suite for a contract, those first that find the most for the fewest requests.

    Names do not depend on depth or seed. `examples` are files of promoted findings, tested besides those that are
    shipped. Raises ExampleError.
    """
    cases = [
        *presence_cases(contract),
        *protocol_cases(contract),
        *malformed_cases(contract),
        *http_cases(contract),
        *validation_cases(contract),
        *behaviour_cases(contract, thorough=depth != "quick"),
        *auth_cases(contract),
        *example_cases(contract, examples),
        *search_cases(contract, examples=DEPTHS[depth], seed=seed, schemathesis=SCHEMATHESIS_EXAMPLES[depth]),
        *stateful_cases(contract, examples=SEQUENCES[depth], seed=seed),
    ]
    if depth == "quick":
        cases = thinned(contract, cases, seed)
    return ordered(cases)


def enabled(cases: Iterable[Case]) -> list[Case]:
    """The cases that are enabled at this depth. Raises UnknownCase where there are none."""
    chosen = [case for case in cases if case.enabled]
    if not chosen:
        raise UnknownCase("These cases run at --depth standard and deep only.")
    return chosen


__all__ = [
    "AREAS",
    "DEPTHS",
    "NOT_VERIFYING",
    "SCENARIOS",
    "SCHEMATHESIS_EXAMPLES",
    "SEQUENCES",
    "ExampleError",
    "ReplayCase",
    "ScenarioClient",
    "UnknownCase",
    "add_examples",
    "again",
    "build",
    "cost",
    "enabled",
    "findings",
    "promotable",
]
