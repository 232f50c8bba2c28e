"""What no list holds: Hypothesis searches each operation with valid and with singly broken requests."""

from __future__ import annotations

from functools import partial
from zlib import crc32

from tunnelspec.contract import Contract
from tunnelspec.engine import Case
from tunnelspec.engine.judges import search_case
from tunnelspec.strategies import valid, violations

_DEMANDS = {
    "valid": "{} accepts whatever breaks no constraint, in whatever combination.",
    "broken": "{} rejects whatever breaks a constraint, whichever it is.",
}


def search_cases(contract: Contract, *, examples: int, seed: int) -> list[Case]:
    """Two searches per operation: `search/<Operation>/valid` and `…/broken`."""
    cases = []
    for operation in contract.operations:
        for flavour, strategy in (("valid", valid.requests), ("broken", violations.requests)):
            name = f"search/{operation}/{flavour}"
            situation = "valid" if flavour == "valid" else "constraint"
            cases.append(
                Case(
                    id=name,
                    operation=operation,
                    level="constraints",
                    demand=_DEMANDS[flavour].format(operation),
                    cites=contract.situations[situation].cites,
                    judge=search_case(partial(strategy, contract, operation)),
                    # Every case has a seed of its own, whatever runs before it or beside it.
                    settings={"examples": examples, "seed": seed ^ crc32(name.encode())},
                )
            )
    return cases
