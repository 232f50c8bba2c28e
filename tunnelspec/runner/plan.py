"""What a run would send, from what its cases are known to cost. Nothing is sent, and no case is run.

The costs are those of a target that conforms: one that does not is sent more, since each defect is shown again by
smaller and smaller requests. Searches and scenarios follow its responses, so a run may send a few calls more or less.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tunnelspec.contract import Contract
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.rates import window
from tunnelspec.runner.settings import Settings


@dataclass(frozen=True, slots=True)
class Cost:
    """The calls by operation that a case sends to a conforming target, and how many resources it opens there."""

    calls: Mapping[str, int]
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would send. `openings` counts requests that could open something, `opened` what a conforming
    target opens; `seconds` is how long the rates alone make the run last; `left` says why it would end early.
    """

    cases: int
    tested: int
    calls: Mapping[str, int]
    creates_sent: int
    opened: int
    rates: Mapping[str, float]
    seconds: float
    left: str = ""

    @property
    def requests(self) -> int:
        """All calls."""
        return sum(self.calls.values())


@dataclass
class _Planned:
    """The calls so far, counted against the same budget as those of a run."""

    contract: Contract
    budget: Budget
    order: list[str] = field(default_factory=list)
    opened: int = 0
    left: str = ""

    def __post_init__(self) -> None:
        self._deletions = {resource.delete for resource in self.contract.resources.values()}

    def add(self, case: Case, cost: Cost) -> bool:
        """Whether the case's calls are within the budget; `left` says why they are not."""
        if case.refusal(self.contract, self.budget.mode) is not None:
            return False
        for name, count in cost.calls.items():
            operation = self.contract.operations.get(name)
            for _ in range(count):
                try:
                    self.budget.acquire(operation, cleaning=name in self._deletions)
                except NotSent as problem:
                    self.left = self.left or str(problem)
                    return False
                self.order.append(name)
        self.opened += cost.opened
        return True


def plan(
    contract: Contract,
    cases: Sequence[Case],
    settings: Settings,
    rates: Mapping[str, float],
    cost: Callable[[Case], Cost],
) -> Plan:
    """The plan of a run of these cases, each of which costs what `cost` says."""
    budget = Budget(max_requests=settings.max_requests, max_creates=settings.max_creates, mode=settings.mode)
    planned = _Planned(contract, budget)
    probes = {case.id: case for case in presence_cases(contract)}
    listed = {**probes, **{case.id: case for case in cases}}
    tested = [case.id for case in listed.values() if planned.add(case, cost(case))]
    selected = {case.id for case in cases}
    return Plan(
        cases=len(cases),
        tested=sum(name in selected for name in tested),
        calls=Counter(planned.order),
        creates_sent=budget.creates_sent,
        opened=planned.opened,
        rates=dict(rates),
        seconds=lasting(planned.order, rates),
        left=planned.left,
    )


def lasting(order: Iterable[str], rates: Mapping[str, float]) -> float:
    """How many seconds these calls take, one after the other, if nothing but the rates takes time."""
    windows = {name: window(rate) for name, rate in rates.items()}
    sent: dict[str, deque[float]] = {name: deque(maxlen=limit) for name, (limit, _) in windows.items()}
    now = 0.0
    for name in order:
        if name in windows:
            limit, stretch = windows[name]
            if len(sent[name]) == limit:
                now = max(now, sent[name][0] + stretch)
            sent[name].append(now)
    return now
