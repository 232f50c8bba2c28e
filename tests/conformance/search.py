"""Searches by Hypothesis: valid requests and requests that violate one constraint, of our own strategies and of
Schemathesis' generators."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING
from zlib import crc32

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.runner.case import Case, CaseKind, CaseSettings, Priority, Result, RunFunction
from tunnelspec.runner.search import search_case
from tunnelspec.verdict import Outcome

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_REQUIREMENTS = {
    "valid": ("{} must accept every request that violates no constraint.", "valid"),
    "broken": ("{} must reject every request that violates a constraint.", "constraint"),
    "schemathesis": (
        "{} must respond as the contract says to every request of Schemathesis' generators.",
        "constraint",
    ),
}


def search_cases(contract: Contract, *, examples: int, seed: int, schemathesis: int = 0) -> list[Case]:
    """Three searches per operation: `search/<Operation>/valid`, `…/broken` and `…/schemathesis`.

    `schemathesis` is the number of examples of Schemathesis' generators; with none, those cases are not enabled:
    loading the generators takes longer than a quick run may.
    """
    cases = []
    for operation in contract.operations:
        for flavour, module in (("valid", "valid"), ("broken", "violations")):
            run = search_case(partial(_ours, module, contract, operation))
            cases.append(_case(contract, operation, flavour, run, examples, seed))
        run = _schemathesis(contract, operation, schemathesis)
        cases.append(_case(contract, operation, "schemathesis", run, schemathesis, seed))
    return cases


def _case(
    contract: Contract,
    operation: str,
    flavour: str,
    run: RunFunction,
    examples: int,
    seed: int,
) -> Case:
    name = f"search/{operation}/{flavour}"
    requirement, situation = _REQUIREMENTS[flavour]
    return Case(
        id=name,
        operation=operation,
        level="constraints",
        requirement=requirement.format(operation),
        cites=contract.situations[situation].cites,
        run=run,
        # Every case has a seed of its own, whatever runs before it or beside it.
        settings=CaseSettings(examples, seed ^ crc32(name.encode())),
        situation=situation,
        enabled=examples > 0,
        area="search",
        kind=CaseKind.SEARCH,
        priority=Priority.SEARCH,
    )


def _schemathesis(contract: Contract, operation: str, examples: int) -> RunFunction:
    if examples and find_spec("schemathesis") is not None:
        # Loaded now and not when the case runs: it changes Hypothesis' limits for the whole process,
        # and every search shall draw under the same ones, whichever comes first.
        from tunnelspec.schemathesis.generation import requests

        return search_case(partial(requests, contract, operation))
    return lambda case, session: Result(case, Outcome.SKIPPED, reason="Schemathesis is not installed")


def _ours(module: str, contract: Contract, operation: str) -> SearchStrategy[Request]:
    """A strategy of ours, whose module imports Hypothesis."""
    strategy: SearchStrategy[Request] = import_module(f"tunnelspec.strategies.{module}").requests(contract, operation)
    return strategy
