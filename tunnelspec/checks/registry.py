"""The checks: cited generator functions that look at one exchange and yield what is wrong with it.

A check is registered by its decorator; a module becomes part of the suite by being in this folder.
No citation, no MUST: the decorator refuses one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.contract.document import Operation
from tunnelspec.contract.oracle import Situation
from tunnelspec.exchange import Exchange, Request, Response
from tunnelspec.verdict import Axis, Finding, Kind, Level

_CONTENT_TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check looks at: an exchange, its response, and the contract."""

    exchange: Exchange
    response: Response
    contract: Contract

    @property
    def operation(self) -> Operation | None:
        """The operation that the request was meant for, if the contract has it."""
        return self.contract.operations.get(self.exchange.operation or "")

    @property
    def row(self) -> Situation:
        """The oracle's row for the request."""
        return self.contract.situations[self.exchange.situation]

    @property
    def enveloped(self) -> bool:
        """Whether the contract says anything about the envelope of a response to such a request.

        A body that is too large is rejected by HTTP, before anything of the API is read (RFC 9110, 15.5.14).
        """
        row = self.contract.situations.get(self.exchange.situation)
        return (row is None or row.envelope) and self.response.status != _CONTENT_TOO_LARGE

    @property
    def constraint(self) -> str:
        """The name of the constraint that the request violates first, or an empty text."""
        request = self.exchange.request
        return request.breaks[0] if isinstance(request, Request) and request.breaks else ""


#: A check yields (requirement, observation) pairs, or whole findings where level, kind or sources vary.
Yielded: TypeAlias = tuple[str, str] | Finding
CheckFunction: TypeAlias = Callable[[CheckContext], Iterator[Yielded]]


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check; `sentence` is the first paragraph of its function's docstring."""

    id: str
    level: Level
    axis: Axis
    kind: Kind
    cites: tuple[str, ...]
    sentence: str
    function: CheckFunction

    def finding(self, yielded: Yielded, context: CheckContext) -> Finding:
        """What the check has yielded, as a finding."""
        if isinstance(yielded, Finding):
            return yielded
        return Finding(
            self.id,
            self.level,
            self.axis,
            self.kind,
            *yielded,
            self.cites,
            context.constraint,
            context.exchange.situation,
        )


CHECKS: dict[str, Check] = {}


def check(
    name: str, *, level: Level, axis: Axis, kind: Kind, cites: tuple[str, ...]
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check. `cites` are ids of the document's `x-sources`.

    Raises ValueError for a second check of that name, and for a MUST that cites nothing.
    """

    def register(function: CheckFunction) -> CheckFunction:
        if name in CHECKS:
            raise ValueError(f"there are two checks named {name}")
        if level is Level.MUST and not cites:
            raise ValueError(f"{name} says MUST and cites nothing")
        sentence = " ".join((function.__doc__ or "").split("\n\n")[0].split())
        CHECKS[name] = Check(name, level, axis, kind, cites, sentence, function)
        return function

    return register
