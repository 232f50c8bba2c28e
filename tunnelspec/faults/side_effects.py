"""Faults of what a call does to the rest of a tunnel, or of what one member makes of another."""

from __future__ import annotations

import re
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import LISTS, STATE, TAGGING
from tunnelspec.faults.rows import Faults

state = Faults("side_effects", STATE)
listing = Faults("side_effects", LISTS, "listing/ListTunnels/")
tagging = Faults("side_effects", TAGGING, "tags/")
_KEPT = "tokens/RotateTunnelAccessToken/keeps-the-rest"


def _is_rotated(tunnel: Tunnel) -> bool:
    return tunnel.status == "OPEN" and tunnel.updated_at > tunnel.created_at


# Closing and rotating.

state(
    "delete-false-keeps-open", "lifecycle/CloseTunnel/delete-false", "CloseTunnel with `delete` false does nothing."
).around(Emulator.close_tunnel, lambda call, self, params: {} if params.get("delete") is False else call(params))
state("tagging-closes", "tags/TagResource/keeps-the-rest", "TagResource closes the tunnel.").sets(
    "TagResource", status="CLOSED"
)
state("rotation-removes-tags", _KEPT, "RotateTunnelAccessToken removes the tunnel's tags.").sets(
    "RotateTunnelAccessToken", tags={}
)
state(
    "rotated-not-deleted", "lifecycle/CloseTunnel/delete", "A tunnel whose tokens were rotated is not deleted."
).close(lambda params, tunnel: {**params, "delete": False} if _is_rotated(tunnel) else params)


class RotatedStaysOpen(Fault, killer="lifecycle/CloseTunnel/keeps-the-rest", defect_class=STATE):
    """CloseTunnel does not close a tunnel whose tokens were rotated."""

    def close_tunnel(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        is_kept = tunnel.updated_at > tunnel.created_at and not params.get("delete")
        return {} if is_kept else super().close_tunnel(params)


class NewDestinationAlone(Fault, killer=_KEPT, defect_class=STATE):
    """RotateTunnelAccessToken with a destination removes the description."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        if "destinationConfig" in params:
            self.find(params["tunnelId"]).description = None
        return super().rotate_tunnel_access_token(params)


# Lists.

listing("open-with-destination", "status", "ListTunnels says of a tunnel with a destination that it is OPEN.").summary(
    lambda row, tunnel: {**row, "status": "OPEN"} if tunnel.destination else row
)
listing(
    "created-when-updated", "agrees", "ListTunnels returns the time of the last update as that of the creation."
).summary(lambda row, tunnel: {**row, "createdAt": row["lastUpdatedAt"]})
listing("rotated-first", "agrees", "A list begins with the tunnels whose tokens were rotated.").listed(
    lambda tunnels, thing: sorted(tunnels, key=lambda tunnel: tunnel.updated_at <= tunnel.created_at)
)

# Tags.

Faults("side_effects", TAGGING)(
    "tagging-ends-with-rotation", _KEPT, "TagResource has no effect on a tunnel whose tokens were rotated."
).put_tags(lambda tags, tunnel: tags if tunnel.updated_at == tunnel.created_at else [])


def _untagged(name: str, sentence: str, pattern: Callable[[str], str]) -> None:
    """Seed a fault: UntagResource takes a key for a pattern, written in another language than regular expressions."""
    tagging(name, "UntagResource/others-kept", sentence).untag(
        lambda keys, tags: [name for name in tags if any(re.fullmatch(pattern(key), name) for key in keys)]
    )


_untagged("untags-by-pattern", "UntagResource takes a key for a regular expression.", str)
_untagged(
    "untags-by-wildcard",
    "UntagResource takes a low line for any character, as SQL does.",
    lambda key: re.escape(key).replace("_", "."),
)


class OneValueForAll(Fault, killer="tags/TagResource/no-leak", defect_class=TAGGING):
    """A key has the value that was last given for it on any tunnel."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for other in self.store.newest_first():
            other.tags.update({tag["key"]: tag["value"] for tag in tags if tag["key"] in other.tags})


class NameIsDescription(Fault, killer="lifecycle/DescribeTunnel/created-for-good", defect_class=STATE):
    """A tag with the key Name or description is the description as well."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for tag in tags:
            tunnel.description = tag["value"] if tag["key"] in ("Name", "description") else tunnel.description


class RemovedForGood(Fault, killer="tags/UntagResource/removed", defect_class=TAGGING):
    """A key that was removed cannot be given again."""

    _removed = remembered(set[tuple[str, str]])

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


class UnchangedRefused(Fault, killer="tags/TagResource/overwritten", defect_class=TAGGING):
    """TagResource fails if no tag changes."""

    def tag_resource(self, params: Params) -> Params:
        before = dict(self.find_arn(params["resourceArn"]).tags)
        output = super().tag_resource(params)
        if self.find_arn(params["resourceArn"]).tags == before:
            raise ApiError("ValidationException")
        return output


# What a change of tags, or of one end's token, does to the rest.

_REST = "TagResource/keeps-the-rest"
tagging("untagging-removes-description", _REST, "UntagResource removes the description.").sets(
    "UntagResource", description=None
)
tagging("untagging-removes-destination", _REST, "UntagResource removes the destination.").sets(
    "UntagResource", destination=None
)
tagging("tagging-resets-lifetime", _REST, "TagResource removes the lifetime.").sets("TagResource", timeout={})


def _source_clears_tags(call: Callable[[Params], Params], self: Emulator, params: Params) -> Params:
    if params["clientMode"] == "SOURCE":
        self.find(params["tunnelId"]).tags.clear()
    return call(params)


def _destination_loses_thing(call: Callable[[Params], Params], self: Emulator, params: Params) -> Params:
    destination = self.find(params["tunnelId"]).destination
    if params["clientMode"] == "DESTINATION" and destination is not None:
        destination.pop("thingName", None)
    return call(params)


state("source-removes-tags", _KEPT, "Rotation of the source's token removes the tags.").around(
    Emulator.rotate_tunnel_access_token, _source_clears_tags
)
state("destination-removes-thing", _KEPT, "Rotation of the destination's token removes the thing.").around(
    Emulator.rotate_tunnel_access_token, _destination_loses_thing
)


class UntaggedNotDeleted(Fault, killer="lifecycle/CloseTunnel/delete", defect_class=STATE):
    """A tunnel from which a tag was removed is closed, and not deleted."""

    _untagged = remembered(set[str])

    def untag_resource(self, params: Params) -> Params:
        self._untagged.add(params["resourceArn"])
        return super().untag_resource(params)

    def delete(self, tunnel: Tunnel) -> None:
        if tunnel.arn not in self._untagged:
            super().delete(tunnel)
