"""The protocol: dispatch, content types, malformed JSON, unknown members, size and depth."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import wire

from .sampling import Sampling

#: The one case that is an ordinary call.
_PLAIN = "plain"


def protocol_cases(contract: Contract, sampling: Sampling) -> list[Case]:
    """One case per request of `strategies/wire.py`: `protocol/<Operation>/…`.

    Servers rarely have more than one parser. The requests that are the same for every operation are all sent to
    the first one, and, at quick, each to one more that the seed chooses.
    """
    first, *others = contract.operations
    return [case for operation in (first, *others) for case in _of(contract, operation, first, others, sampling)]


def _of(contract: Contract, operation: str, first: str, others: list[str], sampling: Sampling) -> Iterator[Case]:
    for variant in wire.cases(contract, operation):
        situation = contract.situations[variant.request.situation]
        repeated = Priority.PROTOCOL if operation == first else Priority.PROTOCOL_REPEATED
        yield Case(
            id=f"protocol/{operation}/{variant.name}",
            operation=operation,
            level="wire",
            requirement=situation.requirement,
            cites=situation.cites,
            run=run_exchange,
            request=variant.request,
            area="protocol",
            priority=Priority.PLAIN if variant.name == _PLAIN else repeated,
            enabled=not variant.listed or operation in (first, *sampling.one_of(variant.name, others)),
        )
