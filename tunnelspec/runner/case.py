"""A case is what is tested under one stable name; a result is its outcome.

A case can be rebuilt anywhere from its name, the document and the seed, so that a unit of work which is sent to
another machine is plain data, and its result plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.errors import NotAllowed
from tunnelspec.runner.mode import Mode
from tunnelspec.verdict import Finding, Outcome, worst

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
    """The outcome of a case. `reason` says why it was skipped or is inconclusive.

    `ends_run` says why no other case can be tested; `error` is the traceback of a failure of our own.
    """

    case: Case
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    requests: int = 0
    duration_s: float = 0.0
    observed: str = ""
    ends_run: str = ""
    error: str = field(default="", repr=False)

    def light(self) -> Result:
        """The same with no more of each response's body than a report can use."""
        return replace(self, evidence=tuple(item.light() for item in self.evidence))


#: Runs one case: gets the session to send with and returns the result. It may raise NotSent; other exceptions
#: are failures of our own.
RunFunction: TypeAlias = Callable[["Case", Any], Result]


@dataclass(frozen=True, slots=True)
class Case:
    """One named requirement. `requirement` is a sentence, `cites` are ids of the document's `x-sources`.

    `area` is the first part of the id; `level` one of wire, shapes, constraints, errors, behaviour, auth; `request`
    is the one request of an exhaustive case (None where there are many); `needs` are operations without which the
    target cannot be tested by this case, besides its own; `constraint` names the row of the constraint table that
    the case is about, if it is about one. A case that is not `enabled` is run at a greater depth only.
    """

    id: str
    operation: str
    level: str
    requirement: str
    cites: tuple[str, ...]
    run: RunFunction = field(compare=False, repr=False)
    request: Request | RawRequest | None = field(default=None, compare=False)
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    needs: tuple[str, ...] = field(default=(), compare=False)
    constraint: str = ""
    enabled: bool = True

    @property
    def area(self) -> str:
        """The area that the case belongs to: the first part of its name."""
        return self.id.split("/", 1)[0]

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


def result(case: Case, evidence: tuple[Evidence, ...], *, requests: int, observed: str) -> Result:
    """The result of a case that was tested: its outcome is that of its worst finding."""
    outcome = worst(item.finding for item in evidence)
    return Result(case, outcome, evidence, requests=requests, observed=observed)


def _light(exchange: Exchange) -> Exchange:
    response = exchange.response
    if response is None or len(response.body) <= _KEPT:
        return exchange
    cut = len(response.body) - _KEPT
    return replace(exchange, response=replace(response, body=response.body[:_KEPT], cut=cut))
