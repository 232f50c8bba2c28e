"""Requests that violate exactly one constraint and name it.

Where a bound cannot be violated alone (an empty text also fails a pattern that requires one character),
`Request.breaks` lists the other violations of the same member after the intended one.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Constraint, Contract
from tunnelspec.contract.minimal import ABSENT, distinct, plain_text, with_value_at
from tunnelspec.exchange import Request

from . import valid
from .breaking import request, wrong_types
from .text import text_violating


def requests(contract: Contract, operation: str) -> SearchStrategy[Request]:
    """Requests of an operation that violate one of its constraints, any of them; valid ones where none can be."""
    constraints = [c for c in contract.constraints if c.operation == operation and breakable(c)]
    if not constraints:
        return valid.requests(contract, operation)
    # Each is made once: making a strategy takes Hypothesis longer than drawing from it.
    violating = {row.name: of(contract, row.name) for row in constraints}
    return st.sampled_from(constraints).flatmap(lambda row: violating[row.name])


def of(contract: Contract, name: str) -> SearchStrategy[Request]:
    """Requests that violate the constraint of this name (`Operation/path/keyword`).

    Raises KeyError for a name that the contract does not have, ValueError for a constraint that no value
    violates, such as a minimum length of 0.
    """
    row = contract.constraint[name]
    if not breakable(row):
        raise ValueError(f"nothing violates {name}")
    structure = contract.operations[row.operation].input

    def violated(drawn: tuple[object, Any]) -> Request:
        body = with_value_at(structure, row.path, drawn[1], drawn[0])
        return request(contract, row, body)

    return st.tuples(valid.bodies(structure), violating_values(row)).map(violated)


def breakable(row: Constraint) -> bool:
    """Whether any value violates the constraint."""
    return not (row.keyword in ("minLength", "minItems") and row.bound <= 0)


def violating_values(row: Constraint) -> SearchStrategy[object]:
    """Values of the member that violate this constraint."""
    member, bound = row.member, row.bound
    match row.keyword:
        case "type":
            # A number may be read as a boolean.
            names = [name for name in wrong_types(bound) if (bound, name) != ("boolean", "number")]
            return st.sampled_from([wrong_types(bound)[name] for name in names])
        case "required":
            return st.sampled_from([ABSENT, None])
        case "enum":
            return st.sampled_from([*(v.lower() for v in bound), *(v + " " for v in bound), "", "x"])
        case "minimum":
            return st.integers(max(bound - 2**20, -(2**31)), bound - 1)
        case "maximum":
            return st.integers(bound + 1, min(bound + 2**20, 2**31 - 1))
        case "minLength":
            return st.integers(0, bound - 1).map(lambda n: plain_text(member, n))
        case "maxLength":
            return st.integers(1, 64).map(lambda n: plain_text(member, bound + n))
        case "minItems":
            return st.integers(0, bound - 1).map(lambda n: [distinct(member.element, i) for i in range(n)])
        case "maxItems":
            return st.integers(1, 8).map(lambda n: [distinct(member.element, i) for i in range(bound + n)])
    return text_violating(bound, max(1, member.min_length or 1), member.max_length)
