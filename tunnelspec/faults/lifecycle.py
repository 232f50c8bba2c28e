"""Faults of the tunnel lifecycle: what closing and deleting do and must not do."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import STATE
from tunnelspec.faults.rows import Faults

_CLOSE = "lifecycle/CloseTunnel/"
closing = Faults("lifecycle", STATE, _CLOSE)


class _State(Fault, defect_class=STATE): ...


closing("close-deletes", "describable", "Closing a tunnel deletes it, whether the request says so or not.").close(
    lambda params, tunnel: {**params, "delete": True}
)
closing("delete-false-deletes", "delete-false", "Closing a tunnel with delete false deletes it.").close(
    lambda params, tunnel: {**params, "delete": "delete" in params}
)
closing("delete-ignored", "delete", "Closing a tunnel with delete true only closes it.").close(
    lambda params, tunnel: {**params, "delete": False}
)
closing("closed-not-deleted", "delete-closed", "A tunnel that is already closed cannot be deleted.").close(
    lambda params, tunnel: {**params, "delete": params.get("delete") and tunnel.status == "OPEN"}
)
closing("close-forgets", "keeps-the-rest", "Closing a tunnel removes its description.").sets(
    "CloseTunnel", description=None
)
closing("tagging-reopens", "stays-closed", "Tagging a closed tunnel opens it again.").sets("TagResource", status="OPEN")
closing("rotation-reopens", "stays-closed", "Rotating the tokens of a closed tunnel opens it again.").sets(
    "RotateTunnelAccessToken", status="OPEN"
)


class CloseIgnored(_State, killer=f"{_CLOSE}closed"):
    """A closed tunnel stays OPEN."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        output = super().close_tunnel(params)
        tunnel.status = "OPEN"
        return output


class CloseClosesAll(_State, killer=f"{_CLOSE}others-stay-open"):
    """Closing a tunnel closes the others too."""

    def close_tunnel(self, params: Params) -> Params:
        output = super().close_tunnel(params)
        for other in self.store.newest_first():
            self.store.close(other)
        return output


class DeleteDeletesAllClosed(_State, killer=f"{_CLOSE}others-stay"):
    """Deleting a tunnel deletes every closed tunnel."""

    def close_tunnel(self, params: Params) -> Params:
        output = super().close_tunnel(params)
        for other in self.store.newest_first():
            if params.get("delete") and other.status == "CLOSED":
                self.delete(other)
        return output


class RotationForAll(_State, killer="lifecycle/RotateTunnelAccessToken/others-as-they-were"):
    """A rotation with a destination changes that of every tunnel."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        for other in self.store.newest_first():
            other.destination = params.get("destinationConfig", other.destination)
        return output


class ForgottenOnceListed(_State, killer="listing/ListTunnels/closed-lasts"):
    """DescribeTunnel does not know a closed tunnel that a list has shown."""

    shown = remembered(set[str])

    def summary(self, tunnel: Tunnel) -> Params:
        if tunnel.status == "CLOSED":
            self.shown.add(tunnel.id)
        return super().summary(tunnel)

    def describe_tunnel(self, params: Params) -> Params:
        if params["tunnelId"] in self.shown:
            raise ApiError("ResourceNotFoundException", "No such tunnel")
        return super().describe_tunnel(params)
