"""A tunnel past its lifetime: opened at the beginning of a run, looked at when everything else is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tunnelspec.checks import inconclusive
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, Request
from tunnelspec.model import Mismatch
from tunnelspec.model.members import shown, structure
from tunnelspec.model.rules import LIFETIME
from tunnelspec.runner.case import Case, CaseKind, Evidence, Priority, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, is_unusable
from tunnelspec.scenario.runner import finding_of
from tunnelspec.verdict import Outcome

#: How long after its end a tunnel may still be OPEN, in seconds.
_SLACK_S = 60.0


@dataclass(frozen=True, slots=True)
class _Opened:
    """A tunnel and when it must be CLOSED, in seconds of the clock."""

    exchange: Exchange
    id: str
    closed_by: float


def lifetime_case(contract: Contract, *, enabled: bool, clock: Callable[[], float] = time.monotonic) -> Case:
    """The case `lifecycle/OpenTunnel/lifetime-ends`."""
    minutes = contract.operations["OpenTunnel"].input.at("timeoutConfig.maxLifetimeTimeoutMinutes").minimum or 1

    def prepare(case: Case, session: Session) -> _Opened | None:
        body = {"timeoutConfig": {"maxLifetimeTimeoutMinutes": minutes}}
        exchange = session.step(Request(case.operation, body, returns="t1"), {})
        name = exchange.response.members.get("tunnelId") if exchange.response is not None else None
        session.hold()
        return _Opened(exchange, name, clock() + 60.0 * minutes + _SLACK_S) if isinstance(name, str) else None

    def run(case: Case, session: Session) -> Result:
        opened: object = session.prepared.get(case.id)
        if not isinstance(opened, _Opened):
            return Result(case, Outcome.SKIPPED, reason="no tunnel could be opened at the beginning of the run")
        left = opened.closed_by - clock()
        if left > 0:
            return Result(case, Outcome.SKIPPED, reason=f"the run ends {left:.0f} s before the tunnel must be CLOSED")
        exchange = session.inspect(Request("DescribeTunnel", {"tunnelId": opened.id}))
        reason = inconclusive(exchange, contract)
        if is_unusable(exchange) or reason is not None or exchange.response is None:
            return Result(case, Outcome.INCONCLUSIVE, reason=reason or describe(exchange), requests=1)
        status = structure(exchange.response.members, "tunnel").get("status")
        if exchange.response.accepted and status == "CLOSED":
            return result(case, (), requests=1, observed="status is CLOSED")
        observation = f"status is {shown(status)}" if exchange.response.accepted else exchange.response.summary
        finding = finding_of(Mismatch(LIFETIME, "the tunnel must be CLOSED: its lifetime is over", observation))
        return result(case, (Evidence(finding, exchange, (opened.exchange,)),), requests=1, observed=observation)

    return Case(
        id="lifecycle/OpenTunnel/lifetime-ends",
        operation="OpenTunnel",
        level="behaviour",
        requirement=LIFETIME.requirement,
        cites=LIFETIME.cites,
        run=run,
        needs=("DescribeTunnel",),
        enabled=enabled,
        area="lifecycle",
        kind=CaseKind.SCENARIO,
        priority=Priority.WHOLE_RUN,
        prepare=prepare,
    )
