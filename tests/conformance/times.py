"""Times as they look from outside: against this machine's clock, the Date header, and one another."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tunnelspec.exchange import Response
from tunnelspec.model import Mismatch, rules
from tunnelspec.model.members import number, structures, text
from tunnelspec.model.times import precedes
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import NotApplicable

#: How long to wait until a clock must have moved: with whole seconds, and with fractions.
_WHOLE_S, _FRACTION_S = 1.1, 0.02


def _date(response: Response) -> float | None:
    """The Date header in epoch seconds."""
    try:
        return parsedate_to_datetime(response.header("date") or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _check_clock(client: ScenarioClient, described: Mapping[str, Any], now: float) -> None:
    """Each time of a tunnel must be near to this machine's clock, or to the target's own in the Date header: where
    those two differ, it is not known which is wrong."""
    minutes = client.session.contract.service.clock_skew_minutes
    if minutes is None:
        raise NotApplicable("the document does not say how far clocks may be apart")
    clocks = [now, *(date for date in (_date(client.calls[-1].response),) if date is not None)]
    for name in ("createdAt", "lastUpdatedAt"):
        value = number(described, name)
        if value is not None and all(abs(value - clock) > 60 * minutes for clock in clocks):
            requirement = f"{name} must lie within {minutes} minutes of the clock that signed the request"
            client.mismatch(Mismatch(rules.CLOCK, requirement, f"{name} is {value}, the clock was at {now:.0f}"))


def _wait(client: ScenarioClient, value: float) -> None:
    client.sleep(_WHOLE_S if value == int(value) else _FRACTION_S)


def _created(client: ScenarioClient, described: Mapping[str, Any]) -> float:
    value = number(described, "createdAt")
    if value is None:
        raise NotApplicable("the target does not return createdAt")
    return value


@scenario("lifecycle/DescribeTunnel/clock", rules.CLOCK)
def clock(client: ScenarioClient) -> None:
    """The times of a new tunnel must agree with the clock that signed the request, also in a list."""
    tunnel = client.open()
    _check_clock(client, client.describe(tunnel), time.time())
    client.page()
    for summary in structures(client.calls[-1].response.members, "tunnelSummaries"):
        if text(summary, "tunnelId") == client.names[tunnel]["tunnelId"]:
            _check_clock(client, summary, time.time())


@scenario("lifecycle/CloseTunnel/clock", rules.CLOCK, rules.CLOSED_AT)
def closed_at(client: ScenarioClient) -> None:
    """The last update of a closed tunnel should be when it was closed."""
    created = _created(client, client.describe(client.open()))
    _wait(client, created)
    client.close_tunnel("t1")
    described = client.describe("t1")
    _check_clock(client, described, time.time())
    updated = number(described, "lastUpdatedAt")
    if updated is not None and (updated == created or precedes(updated, created)):
        requirement = f"lastUpdatedAt should be when the tunnel was closed, after {created}"
        client.mismatch(Mismatch(rules.CLOSED_AT, requirement, f"lastUpdatedAt is {updated}"))


@scenario("lifecycle/OpenTunnel/clock-moves", rules.CLOCK_MOVES)
def clock_moves(client: ScenarioClient) -> None:
    """A tunnel that is opened later must have a later time of creation."""
    first = _created(client, client.describe(client.open()))
    _wait(client, first)
    second = _created(client, client.describe(client.open()))
    if second <= first:
        mismatch = Mismatch(rules.CLOCK_MOVES, f"createdAt must be later than {first}", f"createdAt is {second}")
        client.mismatch(mismatch)
