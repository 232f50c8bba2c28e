"""Faults of times, of members that are absent, and of the order of services; clocks that conform."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from tunnelspec.emulator import Emulator, Params
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import SHAPE, STATE, TIMES
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

_DESCRIBE = "lifecycle/DescribeTunnel/"
clock = Faults("times", TIMES, "lifecycle/")
shape = Faults("times", SHAPE, _DESCRIBE, level=Level.SHOULD)

# Against the clock.


def _timed(name: str, case: str, sentence: str, shown: Callable[[float], float]) -> None:
    """Seed a fault: times, in seconds since 1970, are returned as others."""
    clock(name, case, sentence).around(Emulator.timestamp, lambda call, self, seconds: call(shown(seconds)))


_timed(
    "local-time",
    "DescribeTunnel/clock",
    "Times are local times, five and a half hours ahead of UTC.",
    lambda seconds: seconds + 5.5 * 3600,
)
_timed(
    "times-of-the-epoch",
    "DescribeTunnel/clock",
    "Times are those of a machine that was switched on in 2001.",
    lambda seconds: 1_000_000_000 + seconds % 86_400,
)
_timed("times-of-zero", "DescribeTunnel/clock", "Times are 0.", lambda seconds: 0)
_timed(
    "times-by-the-minute",
    "OpenTunnel/clock-moves",
    "Times are those of the last full five minutes.",
    lambda seconds: seconds // 300 * 300,
)
clock("updates-in-local-time", "DescribeTunnel/clock", "The time of the last update is half an hour ahead.").after(
    Emulator.shared_members,
    lambda members, self, tunnel: {**members, "lastUpdatedAt": self.timestamp(tunnel.updated_at + 1800)},
)
clock(
    "closed-when-opened",
    "CloseTunnel/clock",
    "The time of the last update is always that of the creation.",
    level=Level.SHOULD,
).after(Emulator.shared_members, lambda members, self, tunnel: {**members, "lastUpdatedAt": members["createdAt"]})


class ClosedAtTheEnd(Fault, killer="lifecycle/CloseTunnel/clock", defect_class=TIMES):
    """The last update of a closed tunnel is when its lifetime would have ended."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        output = super().close_tunnel(params)
        tunnel.updated_at = tunnel.closes_at
        return output


class ClosingIsNoUpdate(Fault, killer="lifecycle/CloseTunnel/clock", defect_class=TIMES, level=Level.SHOULD):
    """CloseTunnel does not change the time of the last update."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        updated, output = tunnel.updated_at, super().close_tunnel(params)
        tunnel.updated_at = updated
        return output


class FrozenClock(Fault, killer="lifecycle/OpenTunnel/clock-moves", defect_class=TIMES):
    """All times are those of the server's start."""

    def make_store(self) -> Store:
        started = self.clock()
        return Store(lambda: started, self.region, self.account)


class TimesBackwards(Fault, killer="lifecycle/OpenTunnel/clock-moves", defect_class=TIMES):
    """The time of creation is that of the oldest tunnel which there still is."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        tunnels = self.store.newest_first()
        tunnels[0].created_at = tunnels[0].updated_at = tunnels[-1].created_at
        return output


# Members that are absent.

shape(
    "connection-without-status", "connection-status", "The connection state of the source has no status."
).description(
    lambda described, tunnel: {
        **described,
        "sourceConnectionState": without(described["sourceConnectionState"], "status"),
    }
)
shape(
    "no-destination-connection", "connection-status", "The connection state of the destination is absent."
).description(lambda described, tunnel: without(described, "destinationConnectionState"))
shape("no-connection-once-closed", "connection-status", "A closed tunnel has empty connection states.").description(
    lambda described, tunnel: {
        **described,
        **({"sourceConnectionState": {}, "destinationConnectionState": {}} if tunnel.status == "CLOSED" else {}),
    }
)

# The order of services.


def _services(name: str, case: str, sentence: str, ordered: Callable[[list[str]], list[str]]) -> None:
    shape(f"services-{name}", f"services-{case}", sentence, STATE).services(ordered)


_services("sorted", "order", "Services are returned in alphabetical order.", sorted)
_services("reversed", "order", "Services are returned in reverse order.", lambda names: names[::-1])
_services(
    "by-length", "order", "Services come in a set's order.", lambda names: sorted(names, key=lambda name: name[-1])
)
_services("once", "repeated", "A repeated service is returned once.", lambda names: list(dict.fromkeys(names)))
_services(
    "last-once",
    "repeated",
    "Of equal services only the last is returned.",
    lambda names: list(dict.fromkeys(names[::-1]))[::-1],
)
_services(
    "squeezed",
    "repeated",
    "Of equal services that follow one another one is returned.",
    lambda names: [name for name, _ in groupby(names)],
)

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


# In lists.

listed = Faults("times", TIMES)
listed(
    "updated-before-created",
    "listing/ListTunnels/agrees",
    "The last update of a tunnel in a list is an hour before its creation.",
).summary(lambda row, tunnel: {**row, "lastUpdatedAt": tunnel.created_at - 3600})
listed(
    "updated-at-its-end",
    "lifecycle/DescribeTunnel/clock",
    "The last update of a tunnel in a list is when its lifetime ends.",
).summary(lambda row, tunnel: {**row, "lastUpdatedAt": tunnel.closes_at})
