"""The checks: cited generator functions that look at one exchange and yield what is wrong with it.

A check is registered by its decorator; a module becomes part of the suite by being in this folder.
No citation, no MUST: the decorator refuses one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tunnelspec.checks.answer import Answer
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, Request
from tunnelspec.verdict import Axis, Finding, Level


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check looks at: the exchange, the contract, and the answer already parsed."""

    exchange: Exchange
    contract: Contract
    answer: Answer

    @property
    def enveloped(self) -> bool:
        """Whether the contract says anything about the envelope of an answer to such a request."""
        row = self.contract.situations.get(self.exchange.situation)
        return row is None or row.envelope


#: A check yields (expected, observed) pairs, or whole findings where level or sources vary.
Yielded: TypeAlias = tuple[str, str] | Finding
CheckFunction: TypeAlias = Callable[[CheckContext], Iterator[Yielded]]


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check; `demand` is the first paragraph of its function's docstring."""

    id: str
    level: Level
    axis: Axis
    cites: tuple[str, ...]
    demand: str
    function: CheckFunction

    def findings(self, context: CheckContext) -> Iterator[Finding]:
        """Everything this check has to say about an exchange."""
        for item in self.function(context):
            if isinstance(item, Finding):
                yield item
            else:
                expected, observed = item
                request = context.exchange.request
                breaks = request.breaks if isinstance(request, Request) else ()
                constraint = breaks[0] if breaks else ""
                yield Finding(self.id, self.level, self.axis, expected, observed, self.cites, constraint)


CHECKS: dict[str, Check] = {}


def check(
    name: str, *, level: Level, axis: Axis, cites: tuple[str, ...]
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check. `cites` are ids of the document's `x-sources`.

    Raises ValueError for a second check of that name, and for a MUST that cites nothing.
    """

    def register(function: CheckFunction) -> CheckFunction:
        if name in CHECKS:
            raise ValueError(f"there are two checks named {name}")
        if level is Level.MUST and not cites:
            raise ValueError(f"{name} says MUST and cites nothing")
        demand = " ".join((function.__doc__ or "").split("\n\n")[0].split())
        CHECKS[name] = Check(name, level, axis, cites, demand, function)
        return function

    return register
