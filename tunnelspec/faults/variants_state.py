"""Conforming variants of state: what is stored and returned of tunnels, tags and lists."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import UNSPECIFIED, Variant
from tunnelspec.faults.params import without
from tunnelspec.faults.variants_input import quota

# Lists.


class SmallPages(Variant, why="maxResults is a maximum."):
    """Pages hold fewer tunnels than maxResults."""

    def list_tunnels(self, params: Params) -> Params:
        size = max(1, params.get("maxResults", self.page_size) // 2)
        return super().list_tunnels({**params, "maxResults": size})


class EmptyLastPage(Variant, why="Only the absence of a token ends a list."):
    """A list whose end falls on the end of a page has one more, empty page."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if "nextToken" not in output and len(output["tunnelSummaries"]) == params.get("maxResults"):
            last = self.find(output["tunnelSummaries"][-1]["tunnelId"])
            thing = self.read_token(params["nextToken"])[0] if "nextToken" in params else params.get("thingName")
            output["nextToken"] = self.make_token(thing, last.number)
        return output


class NullToken(Variant, why="The model says so.", may_warn=True):
    """The last page has a null page token."""

    def list_tunnels(self, params: Params) -> Params:
        return {"nextToken": None, **super().list_tunnels(params)}


class UnknownTokenIsPageOne(Variant, why=UNSPECIFIED):
    """An unknown page token returns the first page."""

    def list_tunnels(self, params: Params) -> Params:
        try:
            return super().list_tunnels(params)
        except ApiError:
            return super().list_tunnels(without(params, "nextToken"))


class UnknownTokenIsTheEnd(Variant, why=UNSPECIFIED):
    """An unknown page token returns an empty last page."""

    def list_tunnels(self, params: Params) -> Params:
        try:
            return super().list_tunnels(params)
        except ApiError:
            return {"tunnelSummaries": []}


class OthersTunnels(Variant, why="Accounts are shared."):
    """The account has 250 tunnels of others."""

    def set_up(self) -> None:
        super().set_up()
        for _ in range(250):
            self.open_tunnel({"description": "somebody else's"})


class OthersAtWork(Variant, why="Accounts are shared."):
    """Between any two calls others open a tunnel like the last one, tag it, close one and delete another."""

    def set_up(self) -> None:
        super().set_up()
        self._last: Params = {}
        self._theirs: list[Tunnel] = []

    def handle(self, request: HttpRequest) -> HttpResponse:
        with self.lock:
            self._work()
        return super().handle(request)

    def _work(self) -> None:
        # The same tags with other values: the mark of another run.
        tags = [{**tag, "value": tag["value"][::-1]} for tag in self._last.get("tags", ())]
        opened = super().open_tunnel({**self._last, "tags": tags})
        self._theirs.append(self.find(opened["tunnelId"]))
        super().tag_resource({"resourceArn": opened["tunnelArn"], "tags": [{"key": "Site", "value": "theirs"}]})
        if len(self._theirs) > 4:
            self.store.close(self._theirs[-3])
            self.delete(self._theirs.pop(0))

    def open_tunnel(self, params: Params) -> Params:
        self._last = params
        return super().open_tunnel(params)


class TiesInAnyOrder(Variant, why="The order of ties is not specified."):
    """Tunnels of the same second are listed in any order."""

    def timestamp(self, seconds: float) -> Any:
        return int(seconds)

    def make_store(self) -> Store:
        return _UnorderedStore(self.clock, self.region, self.account)


class _UnorderedStore(Store):
    def open(self, lifetime_s: float) -> Tunnel:
        tunnel = super().open(lifetime_s)
        tunnel.number = (int(tunnel.created_at) << 32) + crc32(tunnel.id.encode())
        return tunnel

    def newest_first(self) -> list[Tunnel]:
        return sorted(super().newest_first(), key=lambda tunnel: tunnel.number, reverse=True)


# Tags.


class TagsInAnyOrder(Variant, why=UNSPECIFIED):
    """Tags are returned in reverse order."""

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        return super().tags_of(tunnel)[::-1]


class SystemTags(Variant, why="CloudFormation does."):
    """AWS adds tags of its own to every tunnel."""

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        return [{"key": "aws:cloudformation:stack-name", "value": "fleet"}, *super().tags_of(tunnel)]


class OldestTagsDropped(Variant, why=UNSPECIFIED):
    """Beyond 50 tags the oldest are dropped."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for key in list(tunnel.tags)[: -quota(self, "tags")]:
            del tunnel.tags[key]


class TagsNotDescribed(Variant, why="ListTagsForResource returns them."):
    """DescribeTunnel returns no tags."""

    def description(self, tunnel: Tunnel) -> Params:
        return without(super().description(tunnel), "tags")


class NoTagsLeftOut(Variant, why="{} says the same."):
    """A tunnel without tags has no member tags."""

    def list_tags_for_resource(self, params: Params) -> Params:
        output = super().list_tags_for_resource(params)
        return output if output["tags"] else {}

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        if not description["tags"]:
            del description["tags"]
        return description


# Tunnels.


class DefaultNotReturned(Variant, why=UNSPECIFIED):
    """A lifetime that the request left out is not returned."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        if "maxLifetimeTimeoutMinutes" not in params.get("timeoutConfig", {}):
            self.find(output["tunnelId"]).timeout = {}
        return output


class DeletedClosedAgain(Variant, why=UNSPECIFIED):
    """CloseTunnel succeeds on any tunnel that was deleted."""

    def set_up(self) -> None:
        super().set_up()
        self.deleted: set[str] = set()

    def delete(self, tunnel: Tunnel) -> None:
        self.deleted.add(tunnel.id)
        super().delete(tunnel)

    def close_tunnel(self, params: Params) -> Params:
        return {} if params["tunnelId"] in self.deleted else super().close_tunnel(params)


class ClosedUntouchable(Variant, why=UNSPECIFIED):
    """Closed tunnels cannot be closed, tagged or rotated."""

    def perform(self, operation: str, params: Params) -> Params:
        if operation in ("CloseTunnel", "TagResource", "UntagResource", "RotateTunnelAccessToken"):
            by_arn = "resourceArn" in params
            tunnel = self.find_arn(params["resourceArn"]) if by_arn else self.find(params["tunnelId"])
            if tunnel.status == "CLOSED" and not params.get("delete"):
                raise ApiError("InvalidStateException", "closed")
        return super().perform(operation, params)


class RotationStays(Variant, why=UNSPECIFIED):
    """A rotation with a destination does not change what DescribeTunnel returns."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        return super().rotate_tunnel_access_token(without(params, "destinationConfig"))


class ServicesInAnyOrder(Variant, why=UNSPECIFIED, may_warn=True):
    """Services are returned in another order."""

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        if "destinationConfig" in description:
            destination = description["destinationConfig"]
            services = sorted(destination["services"], reverse=True)
            description["destinationConfig"] = {**destination, "services": services}
        return description


class NullMembersReturned(Variant, why="Smithy says SHOULD NOT.", may_warn=True):
    """A member without a value is null."""

    def description(self, tunnel: Tunnel) -> Params:
        return {"description": None, "destinationConfig": None, **super().description(tunnel)}


class EmptyTexts(Variant, why="Output is not constrained."):
    """A missing description is returned as an empty one."""

    def shared_members(self, tunnel: Tunnel) -> Params:
        return {"description": "", **super().shared_members(tunnel)}


class BareSummaries(Variant, why="The members of TunnelSummary are optional."):
    """ListTunnels returns ids, ARNs and statuses."""

    def summary(self, tunnel: Tunnel) -> Params:
        summary = super().summary(tunnel)
        return {name: summary[name] for name in ("tunnelId", "tunnelArn", "status")}


class TenthsInLists(Variant, why="The precision of a time is not specified."):
    """ListTunnels cuts times to tenths of a second."""

    def summary(self, tunnel: Tunnel) -> Params:
        summary = super().summary(tunnel)
        return {**summary, **{name: int(summary[name] * 10) / 10 for name in ("createdAt", "lastUpdatedAt")}}


class NeverUpdated(Variant, why="What updates it is not specified.", may_warn=True):
    """The time of a tunnel's last update is that of its creation."""

    def shared_members(self, tunnel: Tunnel) -> Params:
        members = super().shared_members(tunnel)
        return {**members, "lastUpdatedAt": members["createdAt"]}
