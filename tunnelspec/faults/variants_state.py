"""Conforming variants of state: what is stored and returned of tunnels and tags, and who else works in the account."""

from __future__ import annotations

from zlib import crc32

from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import UNSPECIFIED, Variant, remembered
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import variant
from tunnelspec.faults.variants_input import quota

# Lists.


variant("null-token", "The model says so.", "The last page has a null page token.", may_warn=True).output(
    "ListTunnels", lambda page: {"nextToken": None, **page}
)
variant("unknown-token-is-page-one", UNSPECIFIED, "An unknown page token returns the first page.").rescuing(
    Emulator.list_tunnels, lambda error, self, params: self.list_tunnels(without(params, "nextToken"))
)
variant("unknown-token-is-the-end", UNSPECIFIED, "An unknown page token returns an empty last page.").rescuing(
    Emulator.list_tunnels, lambda error, self, params: {"tunnelSummaries": []}
)
variant("small-pages", "maxResults is a maximum.", "Pages hold fewer tunnels than maxResults.").around(
    Emulator.list_tunnels,
    lambda call, self, params: call({**params, "maxResults": max(1, params.get("maxResults", self.page_size) // 2)}),
)
variant(
    "bare-summaries", "The members of TunnelSummary are optional.", "ListTunnels returns ids, ARNs and statuses."
).summary(lambda row, tunnel: {name: row[name] for name in ("tunnelId", "tunnelArn", "status")})
variant(
    "tenths-in-lists", "The precision of a time is not specified.", "ListTunnels cuts times to tenths of a second."
).summary(lambda row, tunnel: {**row, **{name: int(row[name] * 10) / 10 for name in ("createdAt", "lastUpdatedAt")}})


class EmptyLastPage(Variant, why="Only the absence of a token ends a list."):
    """A list whose end falls on the end of a page has one more, empty page."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if "nextToken" not in output and len(output["tunnelSummaries"]) == params.get("maxResults"):
            last = self.find(output["tunnelSummaries"][-1]["tunnelId"])
            thing = self.read_token(params["nextToken"])[0] if "nextToken" in params else params.get("thingName")
            output["nextToken"] = self.make_token(thing, last.number)
        return output


class TiesInAnyOrder(Variant, why="The order of ties is not specified."):
    """Tunnels of the same second are listed in any order."""

    def timestamp(self, seconds: float) -> object:
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

variant("tags-in-any-order", UNSPECIFIED, "Tags are returned in reverse order.").after(
    Emulator.tags_of, lambda tags, self, tunnel: tags[::-1]
)
variant("system-tags", "CloudFormation does.", "AWS adds tags of its own to every tunnel.").after(
    Emulator.tags_of, lambda tags, self, tunnel: [{"key": "aws:cloudformation:stack-name", "value": "fleet"}, *tags]
)
variant("tags-not-described", "ListTagsForResource returns them.", "DescribeTunnel returns no tags.").description(
    lambda described, tunnel: without(described, "tags")
)


class OldestTagsDropped(Variant, why=UNSPECIFIED):
    """Beyond 50 tags the oldest are dropped."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        for key in list(tunnel.tags)[: -quota(self, "tags")]:
            del tunnel.tags[key]


class NoTagsLeftOut(Variant, why="{} says the same."):
    """A tunnel without tags has no member tags."""

    def list_tags_for_resource(self, params: Params) -> Params:
        output = super().list_tags_for_resource(params)
        return output if output["tags"] else {}

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        return description if description["tags"] else without(description, "tags")


# Tunnels.

variant(
    "rotation-stays", UNSPECIFIED, "A rotation with a destination does not change what DescribeTunnel returns."
).given("RotateTunnelAccessToken", lambda params: without(params, "destinationConfig"))
variant("services-in-any-order", UNSPECIFIED, "Services are returned in another order.", may_warn=True).services(
    lambda names: sorted(names, reverse=True)
)
variant(
    "null-members-returned", "Smithy says SHOULD NOT.", "A member without a value is null.", may_warn=True
).description(lambda described, tunnel: {"description": None, "destinationConfig": None, **described})
variant("empty-texts", "Output is not constrained.", "A missing description is returned as an empty one.").after(
    Emulator.shared_members, lambda members, self, tunnel: {"description": "", **members}
)
variant(
    "never-updated",
    "What updates it is not specified.",
    "The time of a tunnel's last update is that of its creation.",
    may_warn=True,
).after(Emulator.shared_members, lambda members, self, tunnel: {**members, "lastUpdatedAt": members["createdAt"]})


class DefaultNotReturned(Variant, why=UNSPECIFIED):
    """A lifetime that the request left out is not returned."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        if "maxLifetimeTimeoutMinutes" not in params.get("timeoutConfig", {}):
            self.find(output["tunnelId"]).timeout = {}
        return output


class DeletedClosedAgain(Variant, why=UNSPECIFIED):
    """CloseTunnel succeeds on any tunnel that was deleted."""

    deleted = remembered(set[str])

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


# Accounts.


class OthersTunnels(Variant, why="Accounts are shared."):
    """The account has 250 tunnels of others."""

    def set_up(self) -> None:
        super().set_up()
        for _ in range(250):
            self.open_tunnel({"description": "somebody else's"})


class OthersAtWork(Variant, why="Accounts are shared."):
    """Between any two calls others open a tunnel like the last one, tag it, close one and delete another."""

    _last = remembered(Params)
    _theirs = remembered(list[Tunnel])

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
