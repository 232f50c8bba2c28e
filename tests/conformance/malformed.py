"""Malformed JSON around a body that the target would accept."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.rewritten import run_altered
from tunnelspec.runner.single import request_case
from tunnelspec.strategies import malformed


def malformed_cases(contract: Contract) -> list[Case]:
    """One case per alteration and operation: `protocol/<Operation>/full-…`."""
    first = next(iter(contract.operations))
    return [
        _case(contract, request, name, Priority.PROTOCOL if operation == first else Priority.PROTOCOL_REPEATED)
        for operation in contract.operations
        if (request := malformed.base(contract, operation)) is not None
        for name in malformed.applicable(contract, request)
    ]


def _case(contract: Contract, request: Request, name: str, priority: Priority) -> Case:
    alteration = malformed.ALTERATIONS[name]
    # No other operation stands for the few to which it applies.
    priority = Priority.PROTOCOL if alteration.applies_to_few else priority
    altered = replace(request, situation=alteration.situation)
    case = request_case(contract, "protocol", f"full-{name}", altered, "wire", priority)
    return replace(case, run=partial(run_altered, request, alteration.altered), request=None)
