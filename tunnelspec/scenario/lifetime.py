"""What time does to tunnels: opened or closed at the beginning of a run, and looked at when everything else is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from tunnelspec.checks import inconclusive_reason
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, Live, Request
from tunnelspec.model import Mismatch
from tunnelspec.model.members import Members, shown, structure, structures, text
from tunnelspec.model.rules import KEPT, LIFETIME, LISTED_CLOSED, OPEN, STATUS, Rule
from tunnelspec.runner.case import Case, CaseKind, Evidence, Priority, Reproduces, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe
from tunnelspec.scenario.runner import finding_of
from tunnelspec.verdict import Outcome

Clock = Callable[[], float]
_Test = Callable[[Clock, Case, Session], Result]
_Prepare = Callable[[Clock, float, Case, Session], object]
#: How long after its end a tunnel may still be OPEN, and how long before it it may be CLOSED, in seconds.
_LATE_S, _EARLY_S = 60.0, 10.0
#: A list of more pages is not read to its end.
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class _TimedTunnel:
    """A tunnel, the calls that made it what it is, and the times of the clock at which it was opened and at which its
    lifetime ends, in seconds."""

    calls: tuple[Exchange, ...]
    id: str
    at: float
    ends_at: float


def lifetime_cases(contract: Contract, *, thorough: bool, clock: Clock = time.monotonic) -> list[Case]:
    """`lifecycle/OpenTunnel/lifetime-lasts` and `listing/ListTunnels/closed-lasts`, and with `thorough` also
    `lifecycle/OpenTunnel/lifetime-ends`."""
    minutes = contract.operations["OpenTunnel"].input.at("timeoutConfig.maxLifetimeTimeoutMinutes").minimum or 1

    def case(name: str, requirement: str, rule: Rule, test: _Test, prepare: _Prepare, needs: str) -> Case:
        area, operation, _ = name.split("/")
        return Case(
            id=name,
            operation=operation,
            level="behaviour",
            requirement=requirement,
            cites=rule.cites,
            run=partial(test, clock),
            needs=("OpenTunnel", needs),
            area=area,
            kind=CaseKind.SCENARIO,
            priority=Priority.WHOLE_RUN,
            prepare=partial(prepare, clock, minutes),
        )

    lasts, stays = (
        "A tunnel must be OPEN until its lifetime is over.",
        "A list must hold what was closed long before, and DescribeTunnel return it.",
    )
    ends, at_end = "lifecycle/OpenTunnel/lifetime-ends", LIFETIME.requirement
    return [
        case("lifecycle/OpenTunnel/lifetime-lasts", lasts, OPEN, _lasts, _open, "DescribeTunnel"),
        replace(case(ends, at_end, LIFETIME, _ends, _open, "DescribeTunnel"), enabled=thorough),
        case("listing/ListTunnels/closed-lasts", stays, LISTED_CLOSED, _stays, _close, "CloseTunnel"),
    ]


def _open(clock: Clock, minutes: float, case: Case, session: Session) -> _TimedTunnel | None:
    body = {"timeoutConfig": {"maxLifetimeTimeoutMinutes": minutes}}
    exchange = session.step(Request("OpenTunnel", body, returns="t1"), {})
    name = exchange.response.members.get("tunnelId") if exchange.response is not None else None
    session.hold()
    now = clock()
    return _TimedTunnel((exchange,), name, now, now + 60.0 * minutes) if isinstance(name, str) else None


def _close(clock: Clock, minutes: float, case: Case, session: Session) -> _TimedTunnel | None:
    opened = _open(clock, minutes, case, session)
    if opened is None:
        return None
    request = Request("CloseTunnel", {"tunnelId": Live("t1", "tunnelId")})
    closed = session.step(request, {"t1": {"tunnelId": opened.id}})
    is_closed = closed.usable is not None and closed.usable.accepted
    return replace(opened, calls=(*opened.calls, closed)) if is_closed else None


def _stays(clock: Clock, case: Case, session: Session) -> Result:
    opened: object = session.prepared.get(case.id)
    if not isinstance(opened, _TimedTunnel):
        return Result(case, Outcome.SKIPPED, reason="no tunnel could be closed at the beginning of the run")
    find = session.contract.resources["tunnel"].find
    if find is None or find.listed_s is None or clock() > opened.at + find.listed_s - _EARLY_S:
        return Result(case, Outcome.SKIPPED, reason="the run takes longer than closed tunnels are listed")
    found, exchange = _listed(session, opened)
    if exchange is None:
        return Result(case, Outcome.SKIPPED, reason="the list has no end that could be reached")
    if found is not None:
        return _look(case, session, opened, "CLOSED", KEPT, "a tunnel that was closed must be described as CLOSED")
    finding = finding_of(Mismatch(LISTED_CLOSED, "a tunnel that was closed must be listed", "no page holds it"))
    evidence = Evidence(finding, exchange, opened.calls, Reproduces.ONCE)
    return result(case, (evidence,), observed=finding.observation)


def _lasts(clock: Clock, case: Case, session: Session) -> Result:
    opened: object = session.prepared.get(case.id)
    if isinstance(opened, _TimedTunnel) and clock() > opened.ends_at - _EARLY_S:
        return Result(case, Outcome.SKIPPED, reason="the run takes longer than the shortest lifetime")
    return _look(case, session, opened, "OPEN", OPEN, "the tunnel must be OPEN: its lifetime is not over")


def _ends(clock: Clock, case: Case, session: Session) -> Result:
    opened: object = session.prepared.get(case.id)
    left = opened.ends_at + _LATE_S - clock() if isinstance(opened, _TimedTunnel) else 0.0
    if left > 0:
        return Result(case, Outcome.SKIPPED, reason=f"the run ends {left:.0f} s before the tunnel must be CLOSED")
    # First the list: a target may notice only when it describes the tunnel.
    listed = _look_in_list(session, opened) if isinstance(opened, _TimedTunnel) else ()
    described = _look(case, session, opened, "CLOSED", LIFETIME, "the tunnel must be CLOSED: its lifetime is over")
    if not listed:
        return described
    return result(case, (*described.evidence, *listed), observed=describe(listed[0].exchange))


def _look_in_list(session: Session, opened: _TimedTunnel) -> tuple[Evidence, ...]:
    """What shows that a list does not show the tunnel as CLOSED. A list without it shows nothing."""
    found, exchange = _listed(session, opened)
    status = found.get("status") if found is not None else None
    if exchange is None or status in (None, "CLOSED"):
        return ()
    requirement = "status must be CLOSED: the tunnel's lifetime is over"
    finding = finding_of(Mismatch(STATUS, requirement, f"status is {shown(status)}"))
    return (Evidence(finding, exchange, opened.calls),)


def _listed(session: Session, opened: _TimedTunnel) -> tuple[Members | None, Exchange | None]:
    """The tunnel as a list shows it and the page that does, or None and the last page, if that can be reached."""
    body: dict[str, object] = {}
    for _ in range(_MOST_PAGES):
        exchange = session.inspect(Request("ListTunnels", body))
        if exchange.usable is None or not exchange.usable.accepted:
            break
        members = exchange.usable.members
        summaries = structures(members, "tunnelSummaries")
        found = next((summary for summary in summaries if text(summary, "tunnelId") == opened.id), None)
        token = text(members, "nextToken")
        if found is not None or token is None:
            return found, exchange
        body = {"nextToken": token}
    return None, None


def _look(case: Case, session: Session, opened: object, status: str, rule: Rule, requirement: str) -> Result:
    """Describe the tunnel; it must have this status."""
    if not isinstance(opened, _TimedTunnel):
        return Result(case, Outcome.SKIPPED, reason="no tunnel could be opened at the beginning of the run")
    exchange = session.inspect(Request("DescribeTunnel", {"tunnelId": opened.id}))
    reason, response = inconclusive_reason(exchange, session.contract), exchange.usable
    if reason is not None or response is None:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason or describe(exchange))
    observed_status = structure(response.members, "tunnel").get("status")
    if response.accepted and observed_status == status:
        return result(case, (), observed=f"status is {status}")
    observation = f"status is {shown(observed_status)}" if response.accepted else response.summary
    finding = finding_of(Mismatch(rule, requirement, observation))
    return result(case, (Evidence(finding, exchange, opened.calls),), observed=observation)
