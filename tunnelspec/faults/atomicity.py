"""Faults of atomicity: a rejected call has had an effect by the time it is rejected. Variants that resemble them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import UNSPECIFIED, Variant
from tunnelspec.faults.defect_classes import ATOMICITY
from tunnelspec.faults.rows import Faults

atomicity = Faults("atomicity", ATOMICITY, "atomicity/")

# Before a body is rejected.


def _early(name: str, operation: str, sentence: str, effect: Callable[[Emulator, Params], object]) -> None:
    """Seed a fault: `effect` happens before a call of this operation is rejected."""

    def validate(call: Callable[[str, Params], Params], self: Emulator, called: str, body: Params) -> Params:
        try:
            return call(called, body)
        except ApiError:
            if called == operation:
                with contextlib.suppress(ApiError, KeyError, TypeError, AttributeError):
                    effect(self, body)
            raise

    atomicity(name, f"{operation}/rejected-calls", sentence).around(Emulator.validate, validate)


def _tag_one_by_one(self: Emulator, params: Params) -> None:
    tunnel = self.find_arn(params["resourceArn"])
    for tag in params["tags"]:
        if len(tag["key"]) > 128 or not tag["value"].isalnum():
            break
        tunnel.tags[tag["key"]] = tag["value"]


def _clear_tags(self: Emulator, params: Params) -> None:
    if len(params["tags"]) > 200:
        self.find_arn(params["resourceArn"]).tags.clear()


def _untag_one_by_one(self: Emulator, params: Params) -> None:
    tunnel = self.find_arn(params["resourceArn"])
    for key in params["tagKeys"]:
        del tunnel.tags[key]


def _lead_elsewhere(self: Emulator, params: Params) -> None:
    if params["destinationConfig"]["services"] == ["VNC"]:
        self.find(params["tunnelId"]).destination = params["destinationConfig"]


def _forget_thing(self: Emulator, params: Params) -> None:
    tunnel = self.find(params["tunnelId"])
    tunnel.destination = {"services": (tunnel.destination or {}).get("services", [])}


_early(
    "opened-then-tagged",
    "OpenTunnel",
    "OpenTunnel opens the tunnel and then rejects its tags.",
    lambda self, params: (
        params["tags"] is not None
        and self.open_tunnel({name: value for name, value in params.items() if name == "timeoutConfig"})
    ),
)
_early(
    "opened-then-described",
    "OpenTunnel",
    "OpenTunnel opens the tunnel and then rejects a description that is too long.",
    lambda self, params: len(params["description"]) > 2048 and self.open_tunnel({}),
)
_early(
    "tags-one-by-one", "TagResource", "TagResource stores the tags before the first that it rejects.", _tag_one_by_one
)
_early(
    "tags-cleared",
    "TagResource",
    "TagResource removes all tags before it rejects a list of more than 200.",
    _clear_tags,
)
_early(
    "keys-one-by-one",
    "UntagResource",
    "UntagResource removes the keys before the first that it rejects.",
    _untag_one_by_one,
)
_early(
    "closed-then-rejected",
    "CloseTunnel",
    "CloseTunnel closes the tunnel and then rejects the type of delete.",
    lambda self, params: self.store.close(self.find(params["tunnelId"])),
)
_early(
    "led-elsewhere",
    "RotateTunnelAccessToken",
    "RotateTunnelAccessToken stores the destination and then rejects the client mode.",
    _lead_elsewhere,
)
_early(
    "description-removed",
    "RotateTunnelAccessToken",
    "RotateTunnelAccessToken removes the description of a tunnel and then rejects the call.",
    lambda self, params: vars(self.find(params["tunnelId"])).update(description=None),
)
_early(
    "thing-forgotten",
    "RotateTunnelAccessToken",
    "RotateTunnelAccessToken forgets the thing of a tunnel and then rejects the call.",
    _forget_thing,
)

# Before a request is rejected for something else than its members.


def _opened(name: str, case: str, sentence: str, is_unusual: Callable[[HttpRequest], bool]) -> None:
    """Seed a fault: a request that is rejected opens a tunnel if `is_unusual` is true of it; it raises ValueError."""

    def handle(call: Callable[[HttpRequest], HttpResponse], self: Emulator, request: HttpRequest) -> HttpResponse:
        response = call(request)
        if response.status >= 400 and request.target.lower().endswith(".opentunnel"):
            with contextlib.suppress(ValueError):
                if is_unusual(request):
                    self.open_tunnel(_first_value(request)[0])
        return response

    atomicity(name, f"OpenTunnel/{case}", sentence).around(Emulator.handle, handle)


def _first_value(request: HttpRequest) -> tuple[Params, int]:
    """The JSON object that a body begins with, and where it ends."""
    return json.JSONDecoder().raw_decode(request.body.decode())


_opened(
    "opened-by-put",
    "unusual-requests",
    "A PUT request opens the tunnel and is then rejected.",
    lambda request: request.method == "PUT",
)
_opened(
    "opened-elsewhere",
    "unusual-requests",
    "A request to another path opens the tunnel and is then rejected.",
    lambda request: request.path != "/",
)
_opened(
    "opened-as-plain-json",
    "unusual-requests",
    "A request of another content type opens the tunnel and is then rejected.",
    lambda request: request.media_type == "application/json",
)
_opened(
    "opened-before-the-end",
    "rejected-calls",
    "OpenTunnel opens the tunnel and then rejects what follows the JSON object.",
    lambda request: _first_value(request)[1] < len(request.body.decode()),
)

# What conforms.


class OthersOpenMeanwhile(Variant, why="Accounts are shared."):
    """With every 23rd request somebody else opens a tunnel."""

    def set_up(self) -> None:
        super().set_up()
        self.requests = 0

    def handle(self, request: HttpRequest) -> HttpResponse:
        with self.lock:
            self.requests += 1
            if self.requests % 23 == 0:
                self.open_tunnel({"description": "somebody else's"})
        return super().handle(request)


class TagsInVaryingOrder(Variant, why=UNSPECIFIED):
    """Tags are returned in another order each time."""

    turn = 0

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        tags = super().tags_of(tunnel)
        self.turn += 1
        at = self.turn % max(1, len(tags))
        return tags[at:] + tags[:at]


class RejectionsAreUpdates(Variant, why=UNSPECIFIED):
    """The time of a tunnel's last update is that of the last call about it, whatever became of it."""

    def find(self, tunnel_id: str) -> Tunnel:
        tunnel = super().find(tunnel_id)
        tunnel.updated_at = max(tunnel.updated_at, self.clock())
        return tunnel
