"""Faults of the tunnel lifecycle: what DescribeTunnel returns, and what closing does and must not do.

A catalogue, and long: the name of a module is the beginning of its faults' ids, by which others know them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ECHO, STATE
from tunnelspec.faults.destinations import described

_DESCRIBE = "lifecycle/DescribeTunnel"
_CLOSE = "lifecycle/CloseTunnel"


class _State(Fault, defect_class=STATE): ...


def _lasting(name: str, sentence: str, lasts: Callable[[float], float]) -> None:
    """Seed a fault: tunnels last longer or shorter, in seconds, than the lifetime that is returned."""

    class Lasting(_State, name=f"lifecycle/{name}", killer="lifecycle/OpenTunnel/lifetime-lasts", sentence=sentence):
        def make_store(self) -> Store:
            class OtherLifetimes(Store):
                def open(self, lifetime_s: float) -> Tunnel:
                    return super().open(lasts(lifetime_s))

            return OtherLifetimes(self.clock, self.region, self.account)


_lasting("lasts-whole-hours", "A lifetime is cut to whole hours.", lambda seconds: seconds // 3600 * 3600)
_lasting(
    "lasts-milliseconds",
    "Seconds of a lifetime are taken for milliseconds and then for seconds again.",
    lambda seconds: seconds / 1_000_000,
)
_lasting(
    "lasts-a-minute-less", "A tunnel is closed a minute before its lifetime is over.", lambda seconds: seconds - 60
)


# What OpenTunnel and DescribeTunnel return.


class OneForAll(_State, killer="lifecycle/OpenTunnel/a-tunnel-each"):
    """OpenTunnel with the description of an existing tunnel returns that tunnel."""

    def open_tunnel(self, params: Params) -> Params:
        output, text = super().open_tunnel(params), params.get("description")
        same = [tunnel for tunnel in self.store.newest_first() if text and tunnel.description == text]
        if len(same) > 1:
            output["tunnelId"], output["tunnelArn"] = same[1].id, same[1].arn
        return output


class OpensClosed(_State, killer="lifecycle/OpenTunnel/open"):
    """A new tunnel is CLOSED until a client connects."""

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), "status": "CLOSED"}


class ArnOfAnotherForm(_State, killer=f"{_DESCRIBE}/identity"):
    """DescribeTunnel returns an ARN of another service than OpenTunnel."""

    def description(self, tunnel: Tunnel) -> Params:
        arn = tunnel.arn.replace(":iot:", ":iotsecuredtunneling:")
        return {**super().description(tunnel), "tunnelArn": arn}


class DescribesTheNewest(_State, killer=f"{_DESCRIBE}/identity"):
    """DescribeTunnel describes the newest tunnel, whatever the id."""

    def description(self, tunnel: Tunnel) -> Params:
        return super().description((self.store.newest_first() or [tunnel])[0])


class Connected(_State, killer=f"{_DESCRIBE}/disconnected"):
    """The source of a new tunnel is CONNECTED."""

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        description["sourceConnectionState"]["status"] = "CONNECTED"
        return description


described(
    "lifecycle/first-service-only",
    "services",
    "Of several services only the first is stored.",
    STATE,
    services=lambda names: names[:1],
)
described(
    "lifecycle/services-in-upper-case",
    "services",
    "Services are returned in upper case.",
    ECHO,
    services=lambda names: [name.upper() for name in names],
)
described(
    "lifecycle/thing-in-lower-case", "thing", "The thing's name is returned in lower case.", ECHO, thing=str.lower
)
described("lifecycle/thing-lost", "thing", "The thing is not returned.", STATE, thing=lambda name: None)
described(
    "lifecycle/services-cut",
    "destination-length",
    "Services are cut at 32 characters.",
    ECHO,
    services=lambda names: [name[:32] for name in names],
)
described(
    "lifecycle/thing-cut",
    "destination-length",
    "The thing's name is cut at 64 characters.",
    ECHO,
    thing=lambda name: name[:64],
)


class LifetimeInSeconds(_State, killer=f"{_DESCRIBE}/lifetime"):
    """The lifetime is returned in seconds."""

    def description(self, tunnel: Tunnel) -> Params:
        seconds = tunnel.timeout["maxLifetimeTimeoutMinutes"] * 60
        return {**super().description(tunnel), "timeoutConfig": {"maxLifetimeTimeoutMinutes": seconds}}


class LifetimeInWholeHours(_State, killer=f"{_DESCRIBE}/lifetime"):
    """A lifetime of more than an hour is returned in whole hours."""

    def description(self, tunnel: Tunnel) -> Params:
        minutes = tunnel.timeout["maxLifetimeTimeoutMinutes"]
        hours = {"maxLifetimeTimeoutMinutes": minutes // 60 * 60 if minutes > 60 else minutes}
        return {**super().description(tunnel), "timeoutConfig": hours}


class LifetimeInTens(_State, killer=f"{_DESCRIBE}/lifetime"):
    """A lifetime is returned in tens of minutes, rounded up."""

    def description(self, tunnel: Tunnel) -> Params:
        tens = {"maxLifetimeTimeoutMinutes": -tunnel.timeout["maxLifetimeTimeoutMinutes"] // 10 * -10}
        return {**super().description(tunnel), "timeoutConfig": tens}


class LifetimeIgnored(_State, killer=f"{_DESCRIBE}/lifetime"):
    """Every tunnel has the default lifetime."""

    def description(self, tunnel: Tunnel) -> Params:
        default = {"maxLifetimeTimeoutMinutes": self.default_lifetime()}
        return {**super().description(tunnel), "timeoutConfig": default}


class AnotherDefault(_State, killer=f"{_DESCRIBE}/default-lifetime"):
    """The default lifetime is an hour."""

    def default_lifetime(self) -> int:
        return 60


class CreatedNow(_State, killer=f"{_DESCRIBE}/created-once"):
    """The time of creation is the time of the request."""

    def description(self, tunnel: Tunnel) -> Params:
        now = self.timestamp(self.clock())
        return {**super().description(tunnel), "createdAt": now, "lastUpdatedAt": now}


class ClosedInMilliseconds(_State, killer=f"{_DESCRIBE}/seconds"):
    """The time of closing is in milliseconds."""

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        if tunnel.status == "CLOSED":
            description["lastUpdatedAt"] = int(tunnel.updated_at * 1000)
        return description


class CreatedWhenClosed(_State, killer=f"{_DESCRIBE}/created-for-good"):
    """Closing a tunnel resets the time of its creation."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        output = super().close_tunnel(params)
        tunnel.created_at = tunnel.updated_at
        return output


class UpdatedBeforeCreated(_State, killer=f"{_DESCRIBE}/updated-after-created"):
    """A new tunnel was last updated before it was created."""

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        return {**description, "lastUpdatedAt": description["createdAt"] - 1}


class UpdatedGoesBack(_State, killer=f"{_DESCRIBE}/updated-forward"):
    """The time of the last update goes back while a tunnel is only read."""

    def set_up(self) -> None:
        super().set_up()
        self.times = count(1)

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        return {**description, "lastUpdatedAt": description["createdAt"] + 9 / next(self.times)}


# Closing and deleting.


class CloseIgnored(_State, killer=f"{_CLOSE}/closed"):
    """A closed tunnel stays OPEN."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        output = super().close_tunnel(params)
        tunnel.status = "OPEN"
        return output


class CloseDeletes(_State, killer=f"{_CLOSE}/describable"):
    """Closing a tunnel deletes it, whether the request says so or not."""

    def close_tunnel(self, params: Params) -> Params:
        return super().close_tunnel({**params, "delete": True})


class DeleteFalseDeletes(_State, killer=f"{_CLOSE}/delete-false"):
    """Closing a tunnel with delete false deletes it."""

    def close_tunnel(self, params: Params) -> Params:
        return super().close_tunnel({**params, "delete": "delete" in params})


class DeleteIgnored(_State, killer=f"{_CLOSE}/delete"):
    """Closing a tunnel with delete true only closes it."""

    def close_tunnel(self, params: Params) -> Params:
        return super().close_tunnel({**params, "delete": False})


class ClosedNotDeleted(_State, killer=f"{_CLOSE}/delete-closed"):
    """A tunnel that is already closed cannot be deleted."""

    def close_tunnel(self, params: Params) -> Params:
        return super().close_tunnel(params) if self.find(params["tunnelId"]).status == "OPEN" else {}


class CloseForgets(_State, killer=f"{_CLOSE}/keeps-the-rest"):
    """Closing a tunnel removes its description."""

    def close_tunnel(self, params: Params) -> Params:
        self.find(params["tunnelId"]).description = None
        return super().close_tunnel(params)


class CloseClosesAll(_State, killer=f"{_CLOSE}/others-stay-open"):
    """Closing a tunnel closes the others too."""

    def close_tunnel(self, params: Params) -> Params:
        output = super().close_tunnel(params)
        for other in self.store.newest_first():
            self.store.close(other)
        return output


class DeleteDeletesAllClosed(_State, killer=f"{_CLOSE}/others-stay"):
    """Deleting a tunnel deletes every closed tunnel."""

    def close_tunnel(self, params: Params) -> Params:
        output = super().close_tunnel(params)
        for other in self.store.newest_first():
            if params.get("delete") and other.status == "CLOSED":
                self.delete(other)
        return output


class TaggingReopens(_State, killer=f"{_CLOSE}/stays-closed"):
    """Tagging a closed tunnel opens it again."""

    def tag_resource(self, params: Params) -> Params:
        self.find_arn(params["resourceArn"]).status = "OPEN"
        return super().tag_resource(params)


class RotationReopens(_State, killer=f"{_CLOSE}/stays-closed"):
    """Rotating the tokens of a closed tunnel opens it again."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        self.find(params["tunnelId"]).status = "OPEN"
        return super().rotate_tunnel_access_token(params)


class RotationForAll(_State, killer="lifecycle/RotateTunnelAccessToken/others-as-they-were"):
    """A rotation with a destination changes that of every tunnel."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        for other in self.store.newest_first():
            other.destination = params.get("destinationConfig", other.destination)
        return output


class ForgottenOnceListed(Fault, killer="listing/ListTunnels/closed-lasts", defect_class=STATE):
    """DescribeTunnel does not know a closed tunnel that a list has shown."""

    def set_up(self) -> None:
        super().set_up()
        self.shown: set[str] = set()

    def summary(self, tunnel: Tunnel) -> Params:
        if tunnel.status == "CLOSED":
            self.shown.add(tunnel.id)
        return super().summary(tunnel)

    def describe_tunnel(self, params: Params) -> Params:
        if params["tunnelId"] in self.shown:
            raise ApiError("ResourceNotFoundException", "No such tunnel")
        return super().describe_tunnel(params)
