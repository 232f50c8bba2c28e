"""Faults of times and of members that are absent, null or in another order; clocks that conform."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from itertools import groupby
from typing import Any

from tunnelspec.emulator import Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import NULL, SHAPE, STATE, TIMES
from tunnelspec.faults.destinations import described
from tunnelspec.faults.params import without
from tunnelspec.verdict import Level

_DESCRIBE = "lifecycle/DescribeTunnel"


class _Times(Fault, defect_class=TIMES): ...


# Against the clock.


class LocalTime(_Times, killer=f"{_DESCRIBE}/clock"):
    """Times are local times, five and a half hours ahead of UTC."""

    def timestamp(self, seconds: float) -> object:
        return super().timestamp(seconds + 5.5 * 3600)


class TimesOfTheEpoch(_Times, killer=f"{_DESCRIBE}/clock"):
    """Times are those of a machine that was switched on in 2001."""

    def timestamp(self, seconds: float) -> object:
        return super().timestamp(1_000_000_000 + seconds % 86_400)


class UpdatesInLocalTime(_Times, killer=f"{_DESCRIBE}/clock"):
    """The time of the last update is half an hour ahead."""

    def shared_members(self, tunnel: Tunnel) -> Params:
        updated = self.timestamp(tunnel.updated_at + 1800)
        return {**super().shared_members(tunnel), "lastUpdatedAt": updated}


class ClosedAtTheEnd(_Times, killer="lifecycle/CloseTunnel/clock"):
    """The last update of a closed tunnel is when its lifetime would have ended."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        output = super().close_tunnel(params)
        tunnel.updated_at = tunnel.closes_at
        return output


class ClosingIsNoUpdate(_Times, killer="lifecycle/CloseTunnel/clock", level=Level.SHOULD):
    """CloseTunnel does not change the time of the last update."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        updated, output = tunnel.updated_at, super().close_tunnel(params)
        tunnel.updated_at = updated
        return output


class ClosedWhenOpened(_Times, killer="lifecycle/CloseTunnel/clock", level=Level.SHOULD):
    """The time of the last update is always that of the creation."""

    def shared_members(self, tunnel: Tunnel) -> Params:
        members = super().shared_members(tunnel)
        return {**members, "lastUpdatedAt": members["createdAt"]}


class FrozenClock(_Times, killer="lifecycle/OpenTunnel/clock-moves"):
    """All times are those of the server's start."""

    def make_store(self) -> Store:
        started = self.clock()
        return Store(lambda: started, self.region, self.account)


class TimesByTheMinute(_Times, killer="lifecycle/OpenTunnel/clock-moves"):
    """Times are those of the last full five minutes."""

    def timestamp(self, seconds: float) -> Any:
        return super().timestamp(seconds // 300 * 300)


class TimesBackwards(_Times, killer="lifecycle/OpenTunnel/clock-moves"):
    """The time of creation is that of the oldest tunnel which there still is."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        tunnels = self.store.newest_first()
        tunnels[0].created_at = tunnels[0].updated_at = tunnels[-1].created_at
        return output


# Members that are absent.


class _NoStatus(Fault, defect_class=SHAPE, level=Level.SHOULD): ...


class ConnectionWithoutStatus(_NoStatus, killer=f"{_DESCRIBE}/connection-status"):
    """The connection state of the source has no status."""

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        del description["sourceConnectionState"]["status"]
        return description


class NoDestinationConnection(_NoStatus, killer=f"{_DESCRIBE}/connection-status"):
    """DescribeTunnel does not return the connection state of the destination."""

    def description(self, tunnel: Tunnel) -> Params:
        return without(super().description(tunnel), "destinationConnectionState")


class NoConnectionOnceClosed(_NoStatus, killer=f"{_DESCRIBE}/connection-status"):
    """The connection states of a closed tunnel are empty."""

    def description(self, tunnel: Tunnel) -> Params:
        states: Params = {"sourceConnectionState": {}, "destinationConnectionState": {}}
        return {**super().description(tunnel), **(states if tunnel.status == "CLOSED" else {})}


# Order.


def _services(name: str, case: str, sentence: str, ordered: Callable[[list[str]], list[str]]) -> None:
    """Seed a fault: DescribeTunnel returns a tunnel's services after `ordered`."""
    described(f"times/services-{name}", f"services-{case}", sentence, STATE, services=ordered, level=Level.SHOULD)


_services("sorted", "order", "Services are returned in alphabetical order.", sorted)
_services("reversed", "order", "Services are returned in reverse order.", lambda services: services[::-1])
_services(
    "by-length",
    "order",
    "Services come in the order of a set.",
    lambda services: sorted(services, key=lambda service: service[-1]),
)
_services(
    "once",
    "repeated",
    "A service that was given twice is returned once.",
    lambda services: list(dict.fromkeys(services)),
)
_services(
    "last-once",
    "repeated",
    "Of equal services only the last is returned.",
    lambda services: list(dict.fromkeys(services[::-1]))[::-1],
)
_services(
    "squeezed",
    "repeated",
    "Of equal services that follow one another one is returned.",
    lambda services: [service for service, _ in groupby(services)],
)

# Null members.


class _Nulls(Fault, defect_class=NULL):
    def validate(self, operation: str, body: Params) -> Params:
        return self.with_nulls(operation, body, super().validate(operation, body))

    @abstractmethod
    def with_nulls(self, operation: str, body: Params, params: Params) -> Params:
        """The parameters with what null is taken for."""


class NullThingIsText(_Nulls, killer="lifecycle/OpenTunnel/null-inner-members"):
    """A thing name that is null is stored as the text None."""

    def with_nulls(self, operation: str, body: Params, params: Params) -> Params:
        destination = body.get("destinationConfig") or {}
        if "thingName" in destination and destination["thingName"] is None:
            return {**params, "destinationConfig": {**params["destinationConfig"], "thingName": "None"}}
        return params


class NullLifetimeIsOneMinute(_Nulls, killer="lifecycle/OpenTunnel/null-inner-members"):
    """A lifetime that is null is one minute."""

    def with_nulls(self, operation: str, body: Params, params: Params) -> Params:
        timeout = body.get("timeoutConfig") or {}
        if "maxLifetimeTimeoutMinutes" in timeout and timeout["maxLifetimeTimeoutMinutes"] is None:
            return {**params, "timeoutConfig": {"maxLifetimeTimeoutMinutes": 1}}
        return params


class NullDestinationRemoves(_Nulls, killer="lifecycle/RotateTunnelAccessToken/null-destination"):
    """RotateTunnelAccessToken removes the destination where it is null."""

    def with_nulls(self, operation: str, body: Params, params: Params) -> Params:
        removes = operation == "RotateTunnelAccessToken" and body.get("destinationConfig", params) is None
        return {**params, "destinationConfig": None} if removes else params


# What conforms.


class _OtherClock(Variant):
    ahead_s = 0.0

    def set_up(self) -> None:
        super().set_up()
        clock = self.clock
        self.clock: Callable[[], float] = lambda: clock() + self.ahead_s
        self.store = self.make_store()


class ClockTenMinutesFast(_OtherClock, why="Signatures are valid for 15 minutes."):
    """The clock is ten minutes fast."""

    ahead_s = 600.0


class ClockTenMinutesSlow(_OtherClock, why="Signatures are valid for 15 minutes."):
    """The clock is ten minutes slow, and times are in whole seconds."""

    ahead_s = -600.0

    def timestamp(self, seconds: float) -> object:
        return int(seconds)
