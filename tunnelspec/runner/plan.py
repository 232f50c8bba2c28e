"""What a run would send, measured: the same cases against the emulator in this process, every call counted.

Lists of cases send what they send, whatever the target does. Scripts and searches follow its answers: the
counts are those of a target that keeps the contract, and one that does not is sent more, since each
defect is shown again by smaller and smaller requests. Hypothesis also draws constants of the modules
that are loaded, so a search in another process may send a few calls more or less.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.budget import Budget, creates
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import OnResult, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.rates import window
from tunnelspec.runner.session import Session
from tunnelspec.runner.target import ConfigurationError, Settings
from tunnelspec.verdict import Outcome

#: A run has an id, which marks what it opens; no run has this one.
_RUN = "0" * 16


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


class _Noting(DirectSender):
    """Hands requests to an emulator and notes which operations they were meant for."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.order: list[str] = []
        self.opened = 0

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        self.order.append(raw.operation or "")
        exchange = super().send(raw)
        operation = self.emulator.contract.operations.get(raw.operation or "")
        if creates(operation) and exchange.response is not None and exchange.response.status == 200:
            self.opened += 1
        return exchange


def plan(
    contract: Contract,
    cases: Sequence[Case],
    settings: Settings,
    rates: Mapping[str, float],
    on_result: OnResult = lambda result: None,
) -> Plan:
    """The plan of a run of these cases. Nothing is sent to anybody.

    Raises ConfigurationError for a contract that the emulator does not implement.
    """
    emulator = Emulator(contract)
    strange = [name for name in contract.operations if name not in emulator.operations]
    if strange:
        raise ConfigurationError(
            f"A plan is measured against the bundled emulator, which does not implement {strange[0]}."
        )
    sender = _Noting(emulator)
    budget = Budget(max_requests=settings.max_requests, max_creates=settings.max_creates, mode=settings.mode)
    run = run_cases(
        contract,
        cases,
        lambda: Session(contract, sender, budget=budget, run=_RUN),
        probes=presence_cases(contract),
        on_result=on_result,
    )
    skipped = (Outcome.SKIPPED, Outcome.INCONCLUSIVE)
    return Plan(
        cases=len(cases),
        tested=sum(item.outcome not in skipped for item in run.results),
        calls=Counter(sender.order),
        creates_sent=budget.creates_sent,
        opened=sender.opened,
        rates=dict(rates),
        seconds=lasting(sender.order, rates),
        left=run.stopped or run.spent,
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
