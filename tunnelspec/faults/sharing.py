"""Faults of tunnels that have something in common: what is done to one of them is done to others."""

from __future__ import annotations

from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import ECHO, STATE, TAGGING
from tunnelspec.faults.params import thing_name


def _of_thing(self: Emulator, tunnel: Tunnel) -> list[Tunnel]:
    """The other tunnels of the same thing."""
    known = self.store.newest_first()
    return [other for other in known if other is not tunnel and thing_name(other) == thing_name(tunnel) != ""]


class TagsOfThing(Fault, killer="tags/TagResource/no-leak", defect_class=TAGGING):
    """TagResource tags all tunnels of a thing."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        for each in (tunnel, *_of_thing(self, tunnel)):
            super().put_tags(each, tags)


class UntaggedWithThing(Fault, killer="tags/UntagResource/no-leak", defect_class=TAGGING):
    """UntagResource removes keys from all tunnels of a thing."""

    def untag_resource(self, params: Params) -> Params:
        for other in _of_thing(self, self.find_arn(params["resourceArn"])):
            other.tags = {key: value for key, value in other.tags.items() if key not in params["tagKeys"]}
        return super().untag_resource(params)


class UntaggedAsOpened(Fault, killer="tags/UntagResource/no-leak", defect_class=TAGGING):
    """UntagResource removes keys from all tunnels that were opened with the same tags."""

    opened = remembered(dict[int, str])

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        self.opened[self.store.newest_first()[0].number] = repr(params.get("tags"))
        return output

    def untag_resource(self, params: Params) -> Params:
        tags = self.opened.get(self.find_arn(params["resourceArn"]).number)
        for other in self.store.newest_first():
            if self.opened.get(other.number) == tags:
                other.tags = {key: value for key, value in other.tags.items() if key not in params["tagKeys"]}
        return super().untag_resource(params)


class ClosedWithThing(Fault, killer="lifecycle/CloseTunnel/others-stay-open", defect_class=STATE):
    """CloseTunnel closes all tunnels of a thing."""

    def close_tunnel(self, params: Params) -> Params:
        for other in _of_thing(self, self.find(params["tunnelId"])):
            self.store.close(other)
        return super().close_tunnel(params)


class DeletedByDescription(Fault, killer="lifecycle/CloseTunnel/others-stay", defect_class=STATE):
    """CloseTunnel with `delete` true deletes all tunnels with the same description."""

    def delete(self, tunnel: Tunnel) -> None:
        super().delete(tunnel)
        for other in self.store.newest_first():
            if tunnel.description is not None and other.description == tunnel.description:
                super().delete(other)


class DestinationOfThing(Fault, killer="lifecycle/DescribeTunnel/thing", defect_class=ECHO):
    """All tunnels of a thing have the services of the last one."""

    def description(self, tunnel: Tunnel) -> Params:
        newest = max([tunnel, *_of_thing(self, tunnel)], key=lambda one: one.number)
        description = super().description(tunnel)
        return {**description, "destinationConfig": newest.destination} if tunnel.destination else description
