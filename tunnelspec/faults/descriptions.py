"""Faults of what OpenTunnel and DescribeTunnel return of a tunnel: status, destination, lifetime and times."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import ECHO, STATE
from tunnelspec.faults.rows import Faults

_DESCRIBE = "lifecycle/DescribeTunnel/"
opening = Faults("lifecycle", STATE, "lifecycle/OpenTunnel/")
describing = Faults("lifecycle", STATE, _DESCRIBE)
echoing = Faults("lifecycle", ECHO, _DESCRIBE)

# Status and identity.


class OneForAll(Fault, prefix="lifecycle", killer="lifecycle/OpenTunnel/a-tunnel-each", defect_class=STATE):
    """OpenTunnel with the description of an existing tunnel returns that tunnel."""

    def open_tunnel(self, params: Params) -> Params:
        output, text = super().open_tunnel(params), params.get("description")
        same = [tunnel for tunnel in self.store.newest_first() if text and tunnel.description == text]
        return {**output, "tunnelId": same[1].id, "tunnelArn": same[1].arn} if len(same) > 1 else output


opening("opens-closed", "open", "A new tunnel is CLOSED until a client connects.").description(
    lambda described, tunnel: {**described, "status": "CLOSED"}
)
describing("connected", "disconnected", "The source of a new tunnel is CONNECTED.").description(
    lambda described, tunnel: {
        **described,
        "sourceConnectionState": {**described["sourceConnectionState"], "status": "CONNECTED"},
    }
)
describing("arn-of-another-form", "identity", "DescribeTunnel returns an ARN of another service.").description(
    lambda described, tunnel: {**described, "tunnelArn": tunnel.arn.replace(":iot:", ":iotsecuredtunneling:")}
)
describing("describes-the-newest", "identity", "DescribeTunnel describes the newest tunnel, whatever the id.").around(
    Emulator.description, lambda call, self, tunnel: call((self.store.newest_first() or [tunnel])[0])
)

# Destinations.

describing("first-service-only", "services", "Of several services only the first is stored.").services(
    lambda names: names[:1]
)
echoing("services-in-upper-case", "services", "Services are returned in upper case.").services(
    lambda names: [name.upper() for name in names]
)
echoing("services-cut", "destination-length", "Services are cut at 32 characters.").services(
    lambda names: [name[:32] for name in names]
)
echoing("thing-in-lower-case", "thing", "The thing's name is returned in lower case.").thing(str.lower)
echoing("thing-cut", "destination-length", "The thing's name is cut at 64 characters.").thing(lambda name: name[:64])
describing("thing-lost", "thing", "The thing is not returned.").thing(lambda name: None)

# Lifetimes.


def _lasting(name: str, sentence: str, lasts: Callable[[float], float]) -> None:
    """Seed a fault: tunnels last longer or shorter, in seconds, than the lifetime that is returned."""

    class OtherLifetimes(Store):
        def open(self, lifetime_s: float) -> Tunnel:
            return super().open(lasts(lifetime_s))

    opening(name, "lifetime-lasts", sentence).around(
        Emulator.make_store, lambda call, self: OtherLifetimes(self.clock, self.region, self.account)
    )


_lasting("lasts-whole-hours", "A lifetime is cut to whole hours.", lambda seconds: seconds // 3600 * 3600)
_lasting("lasts-milliseconds", "A lifetime in seconds is taken for milliseconds.", lambda seconds: seconds / 1_000_000)
_lasting(
    "lasts-a-minute-less", "A tunnel is closed a minute before its lifetime is over.", lambda seconds: seconds - 60
)


def _lifetime(name: str, sentence: str, written: Callable[[int], int]) -> None:
    """Seed a fault: DescribeTunnel returns another lifetime, in minutes."""

    def altered(described: Params, tunnel: Tunnel) -> Params:
        minutes = tunnel.timeout["maxLifetimeTimeoutMinutes"]
        return {**described, "timeoutConfig": {"maxLifetimeTimeoutMinutes": written(minutes)}}

    describing(name, "lifetime", sentence).description(altered)


_lifetime("lifetime-in-seconds", "The lifetime is returned in seconds.", lambda minutes: minutes * 60)
_lifetime(
    "lifetime-in-tens", "A lifetime is returned in tens of minutes, rounded up.", lambda minutes: -minutes // 10 * -10
)
_lifetime(
    "lifetime-in-whole-hours",
    "A lifetime of more than an hour is returned in whole hours.",
    lambda minutes: minutes // 60 * 60 if minutes > 60 else minutes,
)
describing("lifetime-ignored", "lifetime", "Every tunnel has the default lifetime.").after(
    Emulator.description,
    lambda described, self, tunnel: {
        **described,
        "timeoutConfig": {"maxLifetimeTimeoutMinutes": self.default_lifetime()},
    },
)
describing("another-default", "default-lifetime", "The default lifetime is an hour.").after(
    Emulator.default_lifetime, lambda minutes, self: 60
)

# Times.


class CreatedNow(Fault, prefix="lifecycle", killer=f"{_DESCRIBE}created-once", defect_class=STATE):
    """The time of creation is the time of the request."""

    def description(self, tunnel: Tunnel) -> Params:
        now = self.timestamp(self.clock())
        return {**super().description(tunnel), "createdAt": now, "lastUpdatedAt": now}


class CreatedWhenClosed(Fault, prefix="lifecycle", killer=f"{_DESCRIBE}created-for-good", defect_class=STATE):
    """Closing a tunnel resets the time of its creation."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        output = super().close_tunnel(params)
        tunnel.created_at = tunnel.updated_at
        return output


class UpdatedGoesBack(Fault, prefix="lifecycle", killer=f"{_DESCRIBE}updated-forward", defect_class=STATE):
    """The time of the last update goes back while a tunnel is only read."""

    times = remembered(lambda: count(1))

    def description(self, tunnel: Tunnel) -> Params:
        described = super().description(tunnel)
        return {**described, "lastUpdatedAt": described["createdAt"] + 9 / next(self.times)}


describing("closed-in-milliseconds", "seconds", "The time of closing is in milliseconds.").description(
    lambda described, tunnel: (
        {**described, "lastUpdatedAt": int(tunnel.updated_at * 1000)} if tunnel.status == "CLOSED" else described
    )
)
describing(
    "updated-before-created", "updated-after-created", "A new tunnel was updated before it was created."
).description(lambda described, tunnel: {**described, "lastUpdatedAt": described["createdAt"] - 1})
