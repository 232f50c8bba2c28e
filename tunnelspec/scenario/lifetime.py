"""A tunnel's lifetime: opened with the shortest at the beginning of a run, looked at when everything else is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tunnelspec.checks import inconclusive
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, Request
from tunnelspec.model import Mismatch
from tunnelspec.model.members import shown, structure, structures, text
from tunnelspec.model.rules import LIFETIME, OPEN, STATUS, Rule
from tunnelspec.runner.case import Case, CaseKind, Evidence, Priority, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe
from tunnelspec.scenario.runner import finding_of
from tunnelspec.verdict import Outcome

Clock = Callable[[], float]
#: How long after its end a tunnel may still be OPEN, and how long before it it may be CLOSED, in seconds.
_LATE_S, _EARLY_S = 60.0, 10.0
#: A list of more pages is not read to its end.
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class _Opened:
    """A tunnel and the time of the clock at which its lifetime ends, in seconds."""

    exchange: Exchange
    id: str
    ends_at: float


def lifetime_cases(contract: Contract, *, thorough: bool, clock: Clock = time.monotonic) -> list[Case]:
    """`lifecycle/OpenTunnel/lifetime-lasts`, and with `thorough` also `lifecycle/OpenTunnel/lifetime-ends`."""
    minutes = contract.operations["OpenTunnel"].input.at("timeoutConfig.maxLifetimeTimeoutMinutes").minimum or 1

    def case(name: str, requirement: str, rule: Rule, test: _Test, enabled: bool) -> Case:
        return Case(
            id=f"lifecycle/OpenTunnel/{name}",
            operation="OpenTunnel",
            level="behaviour",
            requirement=requirement,
            cites=rule.cites,
            run=partial(test, clock),
            needs=("DescribeTunnel",),
            enabled=enabled,
            area="lifecycle",
            kind=CaseKind.SCENARIO,
            priority=Priority.WHOLE_RUN,
            prepare=partial(_open, clock, minutes),
        )

    return [
        case("lifetime-lasts", "A tunnel must be OPEN until its lifetime is over.", OPEN, _lasts, True),
        case("lifetime-ends", LIFETIME.requirement, LIFETIME, _ends, thorough),
    ]


_Test = Callable[[Clock, Case, Session], Result]


def _open(clock: Clock, minutes: float, case: Case, session: Session) -> _Opened | None:
    body = {"timeoutConfig": {"maxLifetimeTimeoutMinutes": minutes}}
    exchange = session.step(Request(case.operation, body, returns="t1"), {})
    name = exchange.response.members.get("tunnelId") if exchange.response is not None else None
    session.hold()
    return _Opened(exchange, name, clock() + 60.0 * minutes) if isinstance(name, str) else None


def _lasts(clock: Clock, case: Case, session: Session) -> Result:
    opened: object = session.prepared.get(case.id)
    if isinstance(opened, _Opened) and clock() > opened.ends_at - _EARLY_S:
        return Result(case, Outcome.SKIPPED, reason="the run takes longer than the shortest lifetime")
    return _look(case, session, opened, "OPEN", OPEN, "the tunnel must be OPEN: its lifetime is not over")


def _ends(clock: Clock, case: Case, session: Session) -> Result:
    opened: object = session.prepared.get(case.id)
    left = opened.ends_at + _LATE_S - clock() if isinstance(opened, _Opened) else 0.0
    if left > 0:
        return Result(case, Outcome.SKIPPED, reason=f"the run ends {left:.0f} s before the tunnel must be CLOSED")
    # First the list: a target may notice only when it describes the tunnel.
    listed = _look_in_list(session, opened) if isinstance(opened, _Opened) else ()
    described = _look(case, session, opened, "CLOSED", LIFETIME, "the tunnel must be CLOSED: its lifetime is over")
    if not listed:
        return described
    return result(case, (*described.evidence, *listed), observed=describe(listed[0].exchange))


def _look_in_list(session: Session, opened: _Opened) -> tuple[Evidence, ...]:
    """What shows that a list does not show the tunnel as CLOSED. A list without it shows nothing."""
    body: dict[str, object] = {}
    for _ in range(_MOST_PAGES):
        exchange = session.inspect(Request("ListTunnels", body))
        if exchange.usable is None:
            break
        members = exchange.usable.members
        summaries = structures(members, "tunnelSummaries")
        found = next((summary for summary in summaries if text(summary, "tunnelId") == opened.id), None)
        if found is not None:
            status = found.get("status")
            if status in (None, "CLOSED"):
                break
            requirement = "status must be CLOSED: the tunnel's lifetime is over"
            finding = finding_of(Mismatch(STATUS, requirement, f"status is {shown(status)}"))
            return (Evidence(finding, exchange, (opened.exchange,)),)
        token = text(members, "nextToken")
        if token is None:
            break
        body = {"nextToken": token}
    return ()


def _look(case: Case, session: Session, opened: object, status: str, rule: Rule, requirement: str) -> Result:
    """Describe the tunnel; it must have this status."""
    if not isinstance(opened, _Opened):
        return Result(case, Outcome.SKIPPED, reason="no tunnel could be opened at the beginning of the run")
    exchange = session.inspect(Request("DescribeTunnel", {"tunnelId": opened.id}))
    reason, response = inconclusive(exchange, session.contract), exchange.usable
    if reason is not None or response is None:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason or describe(exchange))
    observed_status = structure(response.members, "tunnel").get("status")
    if response.accepted and observed_status == status:
        return result(case, (), observed=f"status is {status}")
    observation = f"status is {shown(observed_status)}" if response.accepted else response.summary
    finding = finding_of(Mismatch(rule, requirement, observation))
    return result(case, (Evidence(finding, exchange, (opened.exchange,)),), observed=observation)
