"""Schemathesis' generators as a source of requests for searches of our own."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

import schemathesis
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode

from tunnelspec.contract import Contract, request_of
from tunnelspec.exchange import Request
from tunnelspec.schemathesis.document import Case, prepare
from tunnelspec.schemathesis.identifiers import enlivened


def requests(contract: Contract, operation: str) -> SearchStrategy[Request]:
    """Requests whose bodies Schemathesis made, meaning them to be valid or to be broken.

    Plain bodies, not its cases, which print as nothing. Each says what the contract makes of it, whatever
    its maker meant. Raises KeyError for an operation that the contract does not have.
    """
    schema = contract.operations[operation].input
    described = _operations(contract)[operation]

    def made(case: Case) -> Request:
        body: Any = case.body if isinstance(case.body, dict | list | str | int | float | bool) else {}
        body = enlivened(schema, body)
        return request_of(contract, operation, body)

    meant_valid: SearchStrategy[Request] = described.as_strategy(generation_mode=GenerationMode.POSITIVE).map(made)
    meant_broken = described.as_strategy(generation_mode=GenerationMode.NEGATIVE).map(made)
    both: SearchStrategy[Request] = meant_valid | meant_broken
    return both


@lru_cache(maxsize=1)  # Schemathesis keeps validators for each document that it loads: 4 MB for each search of this one
def _operations(contract: Contract) -> dict[str, Any]:
    """Schemathesis' operations by operation id."""
    raw = deepcopy(dict(contract.document))
    prepare(raw)
    loaded: Any = schemathesis.openapi.from_dict(raw)
    # For a codec Hypothesis makes a table of all characters, which takes 150 MB for a moment. Without one Schemathesis
    # leaves out half surrogate pairs, which comes to the same.
    loaded.config.generation.codec = None
    operations = [item.ok() for item in loaded.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in operations}
