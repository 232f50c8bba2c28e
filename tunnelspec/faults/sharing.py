"""Faults of tunnels that have something in common: what is done to one of them is done to others."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.emulator import Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ECHO, STATE, TAGGING
from tunnelspec.faults.params import thing_name


class _Sharing(Fault, defect_class=STATE):
    def of_thing(self, tunnel: Tunnel) -> Iterator[Tunnel]:
        """The other tunnels of the same thing."""
        known = self.store.newest_first()
        return (other for other in known if other is not tunnel and thing_name(other) == thing_name(tunnel) != "")


class TagsOfThing(_Sharing, killer="tags/TagResource/no-leak", defect_class=TAGGING):
    """TagResource tags all tunnels of a thing."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for other in self.of_thing(tunnel):
            super().put_tags(other, tags)


class UntaggedWithThing(_Sharing, killer="tags/UntagResource/no-leak", defect_class=TAGGING):
    """UntagResource removes keys from all tunnels of a thing."""

    def untag_resource(self, params: Params) -> Params:
        for other in self.of_thing(self.find_arn(params["resourceArn"])):
            other.tags = {key: value for key, value in other.tags.items() if key not in params["tagKeys"]}
        return super().untag_resource(params)


class ClosedWithThing(_Sharing, killer="lifecycle/CloseTunnel/others-stay-open"):
    """CloseTunnel closes all tunnels of a thing."""

    def close_tunnel(self, params: Params) -> Params:
        for other in self.of_thing(self.find(params["tunnelId"])):
            self.store.close(other)
        return super().close_tunnel(params)


class DeletedByDescription(_Sharing, killer="lifecycle/CloseTunnel/others-stay"):
    """CloseTunnel with `delete` true deletes all tunnels with the same description."""

    def delete(self, tunnel: Tunnel) -> None:
        super().delete(tunnel)
        for other in self.store.newest_first():
            if tunnel.description is not None and other.description == tunnel.description:
                super().delete(other)


class DestinationOfThing(_Sharing, killer="lifecycle/DescribeTunnel/thing", defect_class=ECHO):
    """All tunnels of a thing have the services of the last one."""

    def description(self, tunnel: Tunnel) -> Params:
        newest = next(
            iter([other for other in self.store.newest_first() if thing_name(other) == thing_name(tunnel)]), tunnel
        )
        description = super().description(tunnel)
        return {**description, "destinationConfig": newest.destination} if tunnel.destination else description
