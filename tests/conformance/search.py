"""What no list holds: Hypothesis searches each operation with valid and with broken requests, of our own
strategies and of Schemathesis' generators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from zlib import crc32

from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.search import search_case
from tunnelspec.runner.session import Session
from tunnelspec.strategies import valid, violations
from tunnelspec.verdict import Outcome

_DEMANDS = {
    "valid": "{} accepts whatever breaks no constraint, in whatever combination.",
    "broken": "{} rejects whatever breaks a constraint, whichever it is.",
    "schemathesis": "{} answers whatever Schemathesis makes of its schema as the contract says.",
}


def search_cases(contract: Contract, *, examples: int, seed: int, foreign: int = 0) -> list[Case]:
    """Three searches per operation: `search/<Operation>/valid`, `…/broken` and `…/schemathesis`.

    `foreign` is how many examples Schemathesis' generators make; with none, those cases are not
    asked: loading the generators takes longer than a quick run may.
    """
    cases = []
    for operation in contract.operations:
        for flavour, strategy in (("valid", valid.requests), ("broken", violations.requests)):
            judge = search_case(partial(strategy, contract, operation))
            cases.append(_case(contract, operation, flavour, judge, examples, seed))
        cases.append(_case(contract, operation, "schemathesis", _foreign(contract, operation, foreign), foreign, seed))
    return cases


def _case(
    contract: Contract,
    operation: str,
    flavour: str,
    judge: Callable[[Case, Session], Result],
    examples: int,
    seed: int,
) -> Case:
    name = f"search/{operation}/{flavour}"
    situation = "valid" if flavour == "valid" else "constraint"
    return Case(
        id=name,
        operation=operation,
        level="constraints",
        requirement=_DEMANDS[flavour].format(operation),
        cites=contract.situations[situation].cites,
        run=judge,
        # Every case has a seed of its own, whatever runs before it or beside it.
        settings={"examples": examples, "seed": seed ^ crc32(name.encode())},
        enabled=examples > 0,
    )


def _foreign(contract: Contract, operation: str, examples: int) -> Callable[[Case, Session], Result]:
    if examples and find_spec("schemathesis") is not None:
        # Loaded now and not when the case is judged: it changes Hypothesis' limits for the whole process,
        # and every search shall draw under the same ones, whichever comes first.
        from tunnelspec.schemathesis.generation import requests

        return search_case(partial(_strategy, requests, contract, operation))
    return lambda case, session: Result(case, Outcome.SKIPPED, reason="Schemathesis is not installed")


def _strategy(
    requests: Callable[[Contract, str], SearchStrategy[Request]], contract: Contract, operation: str
) -> SearchStrategy[Request]:
    return requests(contract, operation)
