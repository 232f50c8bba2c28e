"""Requests that break exactly one constraint, and say which.

Where a bound cannot be broken alone (an empty text also fails a pattern that wants one character),
`Request.breaks` lists what else is broken on the same member, after the constraint that was meant.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Constraint, Contract, classify
from tunnelspec.contract.minimal import ABSENT, distinct, plain_text, with_value_at
from tunnelspec.exchange import Request

from .text import text_violating
from .valid import bodies

#: Values of every JSON type; which of them are wrong depends on the member.
OF_EACH_TYPE: dict[str, Any] = {
    "string": "text",
    "number": 7,
    "boolean": True,
    "list": [],
    "object": {},
}
_TYPE_NAMES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "object",
}


def wrong_types(kind: str) -> dict[str, Any]:
    """A value of every JSON type but this one, by the name of its type."""
    return {name: value for name, value in OF_EACH_TYPE.items() if name != _TYPE_NAMES.get(kind)}


def requests(contract: Contract, operation: str) -> SearchStrategy[Request]:
    """Requests of an operation that break one of its constraints, any of them."""
    constraints = [c for c in contract.constraints if c.operation == operation and breakable(c)]
    if not constraints:
        # Nothing can be broken, so the search has only the valid to look at.
        from .valid import requests as valid_requests

        return valid_requests(contract, operation)
    return st.sampled_from(constraints).flatmap(lambda row: of(contract, row.name))


def of(contract: Contract, name: str) -> SearchStrategy[Request]:
    """Requests that break the constraint of this name (`Operation/path/keyword`).

    Raises KeyError for a name that the contract does not have, ValueError for a constraint that
    nothing can break (such as a minimum length of 0).
    """
    row = contract.constraint[name]
    if not breakable(row):
        raise ValueError(f"nothing breaks {name}")
    schema = contract.operations[row.operation].input

    def made(drawn: tuple[Any, Any]) -> Request:
        body = with_value_at(schema, row.path, drawn[1], drawn[0])
        verdict = classify(contract, row.operation, body)
        first = [found for found in verdict.breaks if found == name]
        rest = [found for found in verdict.breaks if found != name]
        return Request(row.operation, body, verdict.situation, (*first, *rest))

    return st.tuples(bodies(schema), broken_values(row)).map(made)


def breakable(row: Constraint) -> bool:
    """Whether any value breaks the constraint."""
    return not (row.keyword in ("minLength", "minItems") and row.bound <= 0)


def broken_values(row: Constraint) -> SearchStrategy[Any]:
    """Values for the member that break this constraint."""
    schema, bound = row.schema, row.bound
    if row.keyword == "type":
        return st.sampled_from(list(wrong_types(bound).values()))
    if row.keyword == "required":
        return st.sampled_from([ABSENT, None])
    if row.keyword == "enum":
        return st.sampled_from([*(v.lower() for v in bound), *(v + " " for v in bound), "", "x"])
    if row.keyword == "minimum":
        return st.integers(max(bound - 2**20, -(2**31)), bound - 1)
    if row.keyword == "maximum":
        return st.integers(bound + 1, min(bound + 2**20, 2**31 - 1))
    if row.keyword == "minLength":
        return st.integers(0, bound - 1).map(lambda n: plain_text(schema, n))
    if row.keyword == "maxLength":
        return st.integers(1, 64).map(lambda n: plain_text(schema, bound + n))
    if row.keyword == "minItems":
        return st.integers(0, bound - 1).map(lambda n: [distinct(schema["items"], i) for i in range(n)])
    if row.keyword == "maxItems":
        return st.integers(1, 8).map(lambda n: [distinct(schema["items"], i) for i in range(bound + n)])
    return text_violating(bound, max(1, schema.get("minLength", 1)), schema.get("maxLength"))
