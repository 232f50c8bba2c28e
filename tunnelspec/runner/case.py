"""A case is what is judged under one stable name; a result is what became of it.

A case can be rebuilt anywhere from its name, the document and the seed, so a unit of work that is
sent to another machine is `{"case": id, "seed": n, "depth": d}` and its result plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any, TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.mode import Mode
from tunnelspec.verdict import Finding, Outcome, worst


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding with the exchange that shows it, and the calls of its script before that one."""

    finding: Finding
    exchange: Exchange
    before: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case. `reason` says why it was skipped or is inconclusive."""

    case: Case
    outcome: Outcome
    seen: tuple[Evidence, ...] = ()
    reason: str = ""
    requests: int = 0
    duration_s: float = 0.0
    observed: str = ""


#: How much of an answer's body is kept with a finding, in bytes. A report shows less; thousands of
#: findings with megabytes each would not fit into memory.
KEPT = 50_000


def light(exchange: Exchange) -> Exchange:
    """The exchange with no more of the answer's body than a report can use."""
    response = exchange.response
    if response is None or len(response.body) <= KEPT:
        return exchange
    left_out = len(response.body) - KEPT
    return replace(exchange, response=replace(response, body=response.body[:KEPT], cut=left_out))


#: Judges one case: gets the session to send with and returns what it saw. It may raise the
#: session's own exceptions (target lost, budget spent, set-up failed); others are our bugs.
Judge: TypeAlias = Callable[["Case", Any], Result]


class CaseKind(StrEnum):
    """How a case tests: with one request, a scenario, or a search by Hypothesis."""

    REQUEST = "request"
    IMPLEMENTED = "implemented"
    SCENARIO = "scenario"
    SEARCH = "search"
    STATEFUL = "stateful"


class Priority(IntEnum):
    """The order in which cases run: what finds a defect early and cheaply comes first.

    One plain call of each operation; the protocol through the first operation, since servers rarely have more than one
    parser; the cases that show whether a constraint is enforced at all; behaviour; the other bounds, the protocol
    through the other operations and the categories of Unicode, which mostly repeat what is known by then.
    """

    IMPLEMENTED = 0
    PLAIN = 1
    PROTOCOL = 2
    ENFORCEMENT = 3
    BEHAVIOUR = 4
    BOUND = 5
    PROTOCOL_REPEATED = 6
    UNICODE = 7
    AUTH = 8
    EXAMPLE = 9
    SEARCH = 10
    STATEFUL = 11


@dataclass(frozen=True, slots=True)
class Case:
    """One requirement under one stable name. `cites` are ids of the document's `x-sources`.

    `area` is a part of the suite, and the first part of the id; `level` is one of wire, shapes, constraints, errors,
    behaviour, auth; `request` is the one request of an exact case (None where there are many); `needs` are operations
    without which the case cannot run, besides its own; `constraint` names the row of the constraint table that it
    tests, if it tests one. A case that is not `asked` keeps its name, and runs at a greater depth only.
    """

    id: str
    operation: str
    level: str
    requirement: str
    cites: tuple[str, ...]
    judge: Judge = field(compare=False, repr=False)
    request: Request | RawRequest | None = field(default=None, compare=False)
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    needs: tuple[str, ...] = field(default=(), compare=False)
    constraint: str = ""
    asked: bool = True
    area: str = ""
    kind: CaseKind = CaseKind.REQUEST
    priority: Priority = Priority.IMPLEMENTED

    def lacking(self, missing: Mapping[str, str]) -> str | None:
        """Why the case cannot be judged on a target that lacks these operations, or None."""
        for name in (self.operation, *self.needs):
            if name in missing:
                return f"the target does not implement {name}: it {missing[name]}"
        return None

    def not_allowed(self, contract: Contract, mode: Mode) -> str | None:
        """Why the case is not judged in this mode, or None."""
        for name in (self.operation, *self.needs):
            reason = mode.not_allowed(contract.operations.get(name))
            if reason is not None:
                return reason
        return None


def result(case: Case, seen: tuple[Evidence, ...], *, requests: int, observed: str) -> Result:
    """The result of a case that was judged: its outcome is that of its worst finding."""
    outcome = worst(item.finding for item in seen)
    return Result(case, outcome, seen, requests=requests, observed=observed)
