"""Faults of deleted tunnels: they are not gone for every operation."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import CODE, MISSED, TRANSITION


class _Deleted(Fault, prefix="lifecycle"):
    """Remembers the deleted tunnels by id and by ARN."""

    deleted = remembered(dict[str, Tunnel])

    def delete(self, tunnel: Tunnel) -> None:
        self.deleted[tunnel.id] = self.deleted[tunnel.arn] = tunnel
        super().delete(tunnel)


def _deleted_accepted(operation: str) -> None:
    class Accepted(
        _Deleted,
        name=f"lifecycle/deleted-known-to-{operation}",
        killer=f"lifecycle/{operation}/deleted-unknown",
        sentence=f"{operation} succeeds on a deleted tunnel.",
        defect_class=MISSED,
    ):
        def perform(self, performed: str, params: Params) -> Params:
            tunnel = self.deleted.get(str(params.get("tunnelId") or params.get("resourceArn")))
            if performed != operation or tunnel is None:
                return super().perform(performed, params)
            return {"tunnelArn": tunnel.arn, "sourceAccessToken": "x", "destinationAccessToken": "y"}


for _operation in ("RotateTunnelAccessToken", "ListTagsForResource", "TagResource", "UntagResource"):
    _deleted_accepted(_operation)


class DeletedHasAState(_Deleted, killer="lifecycle/*/deleted-unknown", defect_class=CODE):
    """An operation on a deleted tunnel is rejected with InvalidStateException."""

    def find(self, tunnel_id: str) -> Tunnel:
        if tunnel_id in self.deleted:
            raise ApiError("InvalidStateException", "The tunnel is deleted")
        return super().find(tunnel_id)


class CloseBringsBack(_Deleted, killer="lifecycle/CloseTunnel/deleted-unknown", defect_class=TRANSITION):
    """CloseTunnel on a deleted tunnel brings it back."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.deleted.get(params["tunnelId"])
        if tunnel is None:
            return super().close_tunnel(params)
        self.store.put(tunnel)
        return {}
