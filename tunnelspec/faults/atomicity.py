"""Faults of atomicity: a rejected call has had an effect by the time it is rejected."""

from __future__ import annotations

import contextlib
import json
from abc import abstractmethod

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import UNSPECIFIED, Fault, Variant
from tunnelspec.faults.defect_classes import ATOMICITY


def _rejected(operation: str) -> str:
    return f"atomicity/{operation}/rejected-calls"


class _Early(Fault, defect_class=ATOMICITY):
    """Does something before it rejects a call of one operation."""

    operation = ""

    @abstractmethod
    def early(self, params: Params) -> None:
        """What happens before the call is rejected."""

    def validate(self, operation: str, body: Params) -> Params:
        try:
            return super().validate(operation, body)
        except ApiError:
            if operation == self.operation:
                with contextlib.suppress(ApiError, KeyError, TypeError, AttributeError):
                    self.early(body)
            raise


class OpenedThenTagged(_Early, killer=_rejected("OpenTunnel")):
    """OpenTunnel opens the tunnel and then rejects its tags."""

    operation = "OpenTunnel"

    def early(self, params: Params) -> None:
        if params.get("tags") is not None:
            self.open_tunnel({key: value for key, value in params.items() if key == "timeoutConfig"})


class OpenedThenDescribed(_Early, killer=_rejected("OpenTunnel")):
    """OpenTunnel opens the tunnel and then rejects a description that is too long."""

    operation = "OpenTunnel"

    def early(self, params: Params) -> None:
        if len(params["description"]) > 2048:
            self.open_tunnel({})


class OpenedBeforeTheEnd(Fault, killer=_rejected("OpenTunnel"), defect_class=ATOMICITY):
    """OpenTunnel opens the tunnel and then rejects what follows the JSON object."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if response.status == 400 and request.headers.get("x-amz-target", "").endswith(".OpenTunnel"):
            with contextlib.suppress(ValueError):
                text = request.body.decode()
                _, end = json.JSONDecoder().raw_decode(text)
                if end < len(text):
                    self.open_tunnel({})
        return response


class _Unusual(Fault, defect_class=ATOMICITY):
    """Opens a tunnel, and then rejects the request for something else than its body."""

    def is_unusual(self, request: HttpRequest) -> bool:
        """Whether the request is rejected only after it had its effect."""
        return False

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        target = request.headers.get("x-amz-target", "").lower()
        if response.status >= 400 and target.endswith(".opentunnel") and self.is_unusual(request):
            with contextlib.suppress(ValueError):
                self.open_tunnel(json.loads(request.body))
        return response


class OpenedByPut(_Unusual, killer="atomicity/OpenTunnel/unusual-requests"):
    """A PUT request opens the tunnel and is then rejected for its method."""

    def is_unusual(self, request: HttpRequest) -> bool:
        return request.method == "PUT"


class OpenedElsewhere(_Unusual, killer="atomicity/OpenTunnel/unusual-requests"):
    """A request to another path opens the tunnel and is then rejected."""

    def is_unusual(self, request: HttpRequest) -> bool:
        return request.path != "/"


class OpenedAsPlainJson(_Unusual, killer="atomicity/OpenTunnel/unusual-requests"):
    """A request of another content type opens the tunnel and is then rejected."""

    def is_unusual(self, request: HttpRequest) -> bool:
        return request.media_type == "application/json"


class TagsOneByOne(_Early, killer=_rejected("TagResource")):
    """TagResource stores the tags before the first that it rejects."""

    operation = "TagResource"

    def early(self, params: Params) -> None:
        tunnel = self.find_arn(params["resourceArn"])
        for tag in params["tags"]:
            if len(tag["key"]) > 128 or not tag["value"].isalnum():
                break
            tunnel.tags[tag["key"]] = tag["value"]


class TagsCleared(_Early, killer=_rejected("TagResource")):
    """TagResource removes all tags before it rejects a list of more than 200."""

    operation = "TagResource"

    def early(self, params: Params) -> None:
        if len(params["tags"]) > 200:
            self.find_arn(params["resourceArn"]).tags.clear()


class KeysOneByOne(_Early, killer=_rejected("UntagResource")):
    """UntagResource removes the keys before the first that it rejects."""

    operation = "UntagResource"

    def early(self, params: Params) -> None:
        tunnel = self.find_arn(params["resourceArn"])
        for key in params["tagKeys"]:
            if key not in tunnel.tags:
                break
            del tunnel.tags[key]


class ClosedThenRejected(_Early, killer=_rejected("CloseTunnel")):
    """CloseTunnel closes the tunnel and then rejects the type of delete."""

    operation = "CloseTunnel"

    def early(self, params: Params) -> None:
        self.store.close(self.find(params["tunnelId"]))


class LedElsewhere(_Early, killer=_rejected("RotateTunnelAccessToken")):
    """RotateTunnelAccessToken stores the destination and then rejects the client mode."""

    operation = "RotateTunnelAccessToken"

    def early(self, params: Params) -> None:
        if params["destinationConfig"]["services"] == ["VNC"]:
            self.find(params["tunnelId"]).destination = params["destinationConfig"]


# What conforms.


class ThingForgotten(_Early, killer=_rejected("RotateTunnelAccessToken")):
    """RotateTunnelAccessToken forgets the thing of a tunnel and then rejects the call."""

    operation = "RotateTunnelAccessToken"

    def early(self, params: Params) -> None:
        tunnel = self.find(params["tunnelId"])
        tunnel.destination = {"services": (tunnel.destination or {}).get("services", [])}


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
