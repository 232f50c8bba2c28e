"""One member that violates a constraint, beside all others: a server may look at one of two members only.

Optional members of reads, and required members inside a structure. The scenarios of atomicity send other calls so, and
see what they changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.contract import Constraint, Contract
from tunnelspec.contract.document import Effect, Operation
from tunnelspec.contract.minimal import minimal, with_value_at
from tunnelspec.exchange import Request

from .boundary_values import values
from .breaking import request


def requests(contract: Contract, operation: Operation) -> Iterator[tuple[Constraint, str, Request]]:
    """Each request with its constraint and the name of the variant."""
    yield from _of_reads(contract, operation)
    for row in contract.constraints:
        parent = row.path.rpartition(".")[0]
        if row.operation == operation.name and row.keyword == "required" and parent and "[]" not in parent:
            siblings = operation.input.at(parent).properties
            others = {name: minimal(one) for name, one in siblings.items() if one is not row.member}
            if others:
                yield row, "absent", request(contract, row, with_value_at(operation.input, parent, others))


def _of_reads(contract: Contract, operation: Operation) -> Iterator[tuple[Constraint, str, Request]]:
    """For each optional member of a read its first violation of a bound."""
    whole = operation.input
    optional = {name: member for name, member in whole.properties.items() if name not in whole.required}
    for name, member in optional.items() if operation.effect is Effect.READ else ():
        others = {other: minimal(one) for other, one in optional.items() if other != name and not one.opaque}
        rows = (row for row in contract.constraints if row.member is member and row.keyword not in ("type", "required"))
        bodies = (
            (row, variant, request(contract, row, {**minimal(whole), **others, name: value}))
            for row in (rows if others else ())
            for variant, value in values(row, whole=False)
        )
        for row, variant, found in bodies:
            if found.breaks == (row.name,) and contract.situations[found.situation].decision == "reject":
                yield row, variant, found
                break
