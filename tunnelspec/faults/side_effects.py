"""Faults of what a call does to the rest of a tunnel, or of what one member makes of another."""

from __future__ import annotations

import re

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import LISTS, STATE, TAGGING


class DeleteFalseKeepsOpen(Fault, killer="lifecycle/CloseTunnel/delete-false", defect_class=STATE):
    """CloseTunnel with `delete` false does nothing."""

    def close_tunnel(self, params: Params) -> Params:
        return {} if params.get("delete") is False else super().close_tunnel(params)


class TaggingCloses(Fault, killer="tags/DescribeTunnel/agrees", defect_class=STATE):
    """TagResource closes the tunnel."""

    def tag_resource(self, params: Params) -> Params:
        self.find_arn(params["resourceArn"]).status = "CLOSED"
        return super().tag_resource(params)


class RotationRemovesTags(Fault, killer="tokens/RotateTunnelAccessToken/keeps-the-rest", defect_class=STATE):
    """RotateTunnelAccessToken removes the tunnel's tags."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        self.find(params["tunnelId"]).tags.clear()
        return super().rotate_tunnel_access_token(params)


class OpenWithDestination(Fault, killer="listing/ListTunnels/status", defect_class=LISTS):
    """ListTunnels says of every tunnel with a destination that it is OPEN."""

    def summary(self, tunnel: Tunnel) -> Params:
        summary = super().summary(tunnel)
        return {**summary, "status": "OPEN"} if tunnel.destination else summary


class CreatedWhenUpdated(Fault, killer="listing/ListTunnels/agrees", defect_class=LISTS):
    """ListTunnels returns the time of the last update as that of the creation."""

    def summary(self, tunnel: Tunnel) -> Params:
        summary = super().summary(tunnel)
        return {**summary, "createdAt": summary["lastUpdatedAt"]}


class OneValueForAll(Fault, killer="tags/TagResource/no-leak", defect_class=TAGGING):
    """A key has the value that was last given for it on any tunnel."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for other in self.store.newest_first():
            other.tags.update({tag["key"]: tag["value"] for tag in tags if tag["key"] in other.tags})


class RotatedStaysOpen(Fault, killer="lifecycle/CloseTunnel/keeps-the-rest", defect_class=STATE):
    """CloseTunnel does not close a tunnel whose tokens were rotated."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        if tunnel.updated_at > tunnel.created_at and not params.get("delete"):
            return {}
        return super().close_tunnel(params)


class RotatedNotDeleted(Fault, killer="lifecycle/CloseTunnel/delete", defect_class=STATE):
    """CloseTunnel with `delete` true only closes a tunnel whose tokens were rotated."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        is_rotated = tunnel.status == "OPEN" and tunnel.updated_at > tunnel.created_at
        return super().close_tunnel({**params, "delete": False} if is_rotated else params)


class TaggingEndsWithRotation(Fault, killer="tokens/RotateTunnelAccessToken/keeps-the-rest", defect_class=TAGGING):
    """TagResource has no effect on a tunnel whose tokens were rotated."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags if tunnel.updated_at == tunnel.created_at else [])


class RotatedFirst(Fault, killer="listing/ListTunnels/agrees", defect_class=LISTS):
    """A list begins with the tunnels whose tokens were rotated."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return sorted(super().listed(thing), key=lambda tunnel: tunnel.updated_at <= tunnel.created_at)


class NewDestinationAlone(Fault, killer="tokens/RotateTunnelAccessToken/keeps-the-rest", defect_class=STATE):
    """RotateTunnelAccessToken with a destination removes the description."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        if "destinationConfig" in params:
            self.find(params["tunnelId"]).description = None
        return super().rotate_tunnel_access_token(params)


class NameIsDescription(Fault, killer="lifecycle/DescribeTunnel/created-for-good", defect_class=STATE):
    """A tag with the key Name or description is the description as well."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for tag in tags:
            tunnel.description = tag["value"] if tag["key"] in ("Name", "description") else tunnel.description


class RemovedForGood(Fault, killer="tags/UntagResource/removed", defect_class=TAGGING):
    """A key that was removed cannot be given again."""

    def set_up(self) -> None:
        super().set_up()
        self._removed: set[tuple[str, str]] = set()

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, [tag for tag in tags if (tunnel.id, tag["key"]) not in self._removed])

    def untag_resource(self, params: Params) -> Params:
        self._removed.update((self.find_arn(params["resourceArn"]).id, key) for key in params["tagKeys"])
        return super().untag_resource(params)


class RemovedTwiceIsBack(Fault, killer="tags/UntagResource/absent-among-others", defect_class=TAGGING):
    """A key that UntagResource is given twice is there afterwards."""

    def untag_resource(self, params: Params) -> Params:
        known = dict(self.find_arn(params["resourceArn"]).tags)
        output = super().untag_resource(params)
        twice = {key for key in params["tagKeys"] if params["tagKeys"].count(key) > 1}
        self.find_arn(params["resourceArn"]).tags.update({key: known[key] for key in twice if key in known})
        return output


class UntagsByPattern(Fault, killer="tags/UntagResource/others-kept", defect_class=TAGGING):
    """UntagResource takes a key for a regular expression."""

    def untag_resource(self, params: Params) -> Params:
        tags = self.find_arn(params["resourceArn"]).tags
        for key in params["tagKeys"]:
            for name in [name for name in tags if re.fullmatch(key, name)]:
                del tags[name]
        return {}


class UntagsByWildcard(Fault, killer="tags/UntagResource/others-kept", defect_class=TAGGING):
    """UntagResource takes a low line for any character, as SQL does."""

    def untag_resource(self, params: Params) -> Params:
        tags = self.find_arn(params["resourceArn"]).tags
        for key in params["tagKeys"]:
            for name in [name for name in tags if re.fullmatch(re.escape(key).replace("_", "."), name)]:
                del tags[name]
        return {}


class UnchangedRefused(Fault, killer="tags/TagResource/overwritten", defect_class=TAGGING):
    """TagResource fails if no tag changes."""

    def tag_resource(self, params: Params) -> Params:
        before = dict(self.find_arn(params["resourceArn"]).tags)
        output = super().tag_resource(params)
        if self.find_arn(params["resourceArn"]).tags == before:
            raise ApiError("ValidationException")
        return output
