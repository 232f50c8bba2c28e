"""A case is what is tested under one stable name; a result is its outcome.

A case can be rebuilt anywhere from its name, the document and the seed, so that a unit of work which is sent to
another machine is plain data, and its result plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.errors import NotAllowed
from tunnelspec.runner.mode import Mode
from tunnelspec.verdict import Finding, Outcome, worst

if TYPE_CHECKING:
    from tunnelspec.runner.session import Session

#: How much of a response's body is kept with a finding, in bytes. A report shows less; thousands of findings with
#: megabytes each would not fit into memory.
_KEPT = 50_000


class Reproduces(StrEnum):
    """How a finding shows again: by its request alone, after the calls before it, beside others, or not so far."""

    ALONE = "alone"
    AFTER = "after"
    BESIDE = "beside"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding with the exchange that shows it, and the calls before that one which it needs."""

    finding: Finding
    exchange: Exchange
    before: tuple[Exchange, ...] = ()
    reproduces: Reproduces = Reproduces.ALONE

    def light(self) -> Evidence:
        """The same with no more of each response's body than a report can use."""
        return replace(self, exchange=_light(self.exchange), before=tuple(_light(step) for step in self.before))


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a case. `reason` says why it was skipped or is inconclusive; `run_case` fills in `requests` and
    `duration_s`.

    `rejection_allowed`: it was skipped since the target rejects, or need not understand, a call. `ends_run` says why no
    other case can be tested; `error` is the traceback of a failure of our own.
    """

    case: Case
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    requests: int = 0
    duration_s: float = 0.0
    observed: str = ""
    ends_run: str = ""
    rejection_allowed: bool = False
    error: str = field(default="", repr=False)

    def light(self) -> Result:
        """The same with no more of each response's body than a report can use."""
        return replace(self, evidence=tuple(item.light() for item in self.evidence))


#: Runs one case: gets the session to send with and returns the result. It may raise NotSent; other exceptions
#: are failures of our own.
RunFunction: TypeAlias = "Callable[[Case, Session], Result]"


class CaseKind(StrEnum):
    """How a case tests: with one request, a scenario, or a search by Hypothesis."""

    REQUEST = "request"
    IMPLEMENTED = "implemented"
    SCENARIO = "scenario"
    SEARCH = "search"
    STATEFUL = "stateful"

    @property
    def is_random(self) -> bool:
        """Whether Hypothesis draws what is sent."""
        return self in (CaseKind.SEARCH, CaseKind.STATEFUL)


class Priority(IntEnum):
    """The order in which cases run: what finds a defect early and cheaply comes first.

    One plain call of each operation; the protocol through the first operation, since servers rarely have more than one
    parser; the cases that show whether a constraint is enforced at all; behaviour; the other bounds, the protocol
    through the other operations and the categories of Unicode, which mostly repeat what is known by then; what other
    cases have shown with other values; what all responses of the run show together.
    """

    IMPLEMENTED = 0
    PLAIN = 1
    PROTOCOL = 2
    ENFORCEMENT = 3
    BEHAVIOUR = 4
    BOUND = 5
    PROTOCOL_REPEATED = 6
    UNICODE = 7
    REPEATED = 8
    AUTH = 9
    EXAMPLE = 10
    SEARCH = 11
    STATEFUL = 12
    WHOLE_RUN = 13


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """How much is sent where a case leaves that open.

    A search draws so many `examples`, with its own `seed`, and is not after findings with the identities in `known`;
    `attempts` are the most sequences that shortening one may send. A scenario that is `thorough` tries every variant of
    a call, others a few.
    """

    examples: int = 1
    seed: int = 0
    attempts: int = 0
    known: frozenset[tuple[str, str, str]] = frozenset()
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One requirement under one stable name. `cites` are ids of the document's `x-sources`.

    `area` is a part of the suite, and the first part of the id; `level` is one of wire, shapes, constraints, errors,
    behaviour, auth; `request` is the one request of an exact case (None where there are many); `needs` are operations
    without which the case cannot run, besides its own; `constraint` names the row of the constraint table that it
    tests, if it tests one; `situation` the oracle's row that all requests of a search are of. A case that is not
    `enabled` runs at a greater depth only. `prepare` is called at the beginning of the run; what it returns is in
    `Session.prepared` when the case is run.
    """

    id: str
    operation: str
    level: str
    requirement: str
    cites: tuple[str, ...]
    run: RunFunction = field(compare=False, repr=False)
    request: Request | RawRequest | None = field(default=None, compare=False)
    settings: CaseSettings = field(default=CaseSettings(), compare=False)
    needs: tuple[str, ...] = field(default=(), compare=False)
    constraint: str = ""
    situation: str = ""
    enabled: bool = True
    area: str = ""
    kind: CaseKind = CaseKind.REQUEST
    priority: Priority = Priority.IMPLEMENTED
    prepare: Callable[[Case, Session], object] | None = field(default=None, compare=False, repr=False)

    def unimplemented(self, missing: Mapping[str, str]) -> str | None:
        """Why the case cannot be run on a target that lacks these operations, or None."""
        for name in (self.operation, *self.needs):
            if name in missing:
                return f"the target does not implement {name}: it returns {missing[name]}"
        return None

    def refusal(self, contract: Contract, mode: Mode) -> NotAllowed | None:
        """Why the case is not run in this mode, or None."""
        refusals = (mode.refusal(contract.operations.get(name)) for name in (self.operation, *self.needs))
        return next((refusal for refusal in refusals if refusal is not None), None)


def result(case: Case, evidence: tuple[Evidence, ...], *, observed: str) -> Result:
    """The result of a case that was tested: its outcome is that of its worst finding."""
    outcome = worst(item.finding for item in evidence)
    return Result(case, outcome, evidence, observed=observed)


def _light(exchange: Exchange) -> Exchange:
    response = exchange.response
    if response is None or len(response.body) <= _KEPT:
        return exchange
    cut = len(response.body) - _KEPT
    return replace(exchange, response=replace(response, body=response.body[:_KEPT], cut=cut))
