"""Faults that show only where there is much: long lists, many tags, long descriptions."""

from __future__ import annotations

from tunnelspec.emulator import Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import SCALE


class _Scale(Fault, defect_class=SCALE): ...


class TenAtMost(_Scale, killer="listing/ListTunnels/a-dozen"):
    """A list holds ten tunnels at most, and has no page token."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing)[:10]


class ThreePagesAtMost(_Scale, killer="listing/ListTunnels/a-dozen"):
    """The third page of a list is its last."""

    def list_tunnels(self, params: Params) -> Params:
        thing, before = self.read_token(params["nextToken"]) if "nextToken" in params else (params.get("thingName"), 0)
        shown = sum(tunnel.number >= before for tunnel in self.listed(thing)) if before else 0
        output = super().list_tunnels(params)
        if shown >= 2 * params.get("maxResults", self.page_size):
            output.pop("nextToken", None)
        return output


class PagesOf16Kibibytes(_Scale, killer="listing/ListTunnels/a-dozen"):
    """A list ends once its descriptions have 16 KiB."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        tunnels, size = super().listed(thing), 0
        for index, tunnel in enumerate(tunnels):
            size += len(tunnel.description or "")
            if size > 16 * 1024:
                return tunnels[:index]
        return tunnels


class DescriptionsCutInLists(_Scale, killer="listing/ListTunnels/a-dozen"):
    """A list of more than eight tunnels cuts descriptions after 1,024 characters."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if len(output["tunnelSummaries"]) > 8:
            for summary in output["tunnelSummaries"]:
                summary.update({"description": text[:1024]} if (text := summary.get("description")) else {})
        return output


class TenTagsAtMost(_Scale, killer="tags/TagResource/most"):
    """A tunnel keeps ten tags."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        tunnel.tags = dict(list(tunnel.tags.items())[:10])


class TagsOfOnePage(_Scale, killer="tags/TagResource/most"):
    """ListTagsForResource returns 25 tags at most."""

    def list_tags_for_resource(self, params: Params) -> Params:
        return {"tags": super().list_tags_for_resource(params)["tags"][:25]}


class OneTagTooFew(_Scale, killer="tags/TagResource/most"):
    """A tunnel keeps 49 tags, the newest."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        tunnel.tags = dict(list(tunnel.tags.items())[-49:])
