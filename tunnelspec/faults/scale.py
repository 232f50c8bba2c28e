"""Faults that show only where there is much: long lists, many tags, long descriptions."""

from __future__ import annotations

from itertools import accumulate

from tunnelspec.emulator import Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import SCALE
from tunnelspec.faults.rows import Faults

listing = Faults("scale", SCALE, "listing/ListTunnels/")
tagging = Faults("scale", SCALE, "tags/TagResource/")


class _Scale(Fault, defect_class=SCALE): ...


listing("ten-at-most", "a-dozen", "A list holds ten tunnels at most, and has no page token.").listed(
    lambda tunnels, thing: tunnels[:10]
)
tagging("tags-of-one-page", "most", "ListTagsForResource returns 25 tags at most.").output(
    "ListTagsForResource", lambda output: {"tags": output["tags"][:25]}
)


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
    """A list ends once its descriptions have 16 KiB in UTF-8."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        tunnels = super().listed(thing)
        sizes = accumulate(len((tunnel.description or "").encode()) for tunnel in tunnels)
        return [tunnel for tunnel, size in zip(tunnels, sizes, strict=True) if size <= 16 * 1024]


class DescriptionsCutInLists(_Scale, killer="listing/ListTunnels/a-dozen"):
    """A list of more than eight tunnels cuts descriptions after 1,024 characters."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if len(output["tunnelSummaries"]) > 8:
            for row in output["tunnelSummaries"]:
                row.update({"description": text[:1024]} if (text := row.get("description")) else {})
        return output


class TenTagsAtMost(_Scale, killer="tags/TagResource/most"):
    """A tunnel keeps ten tags."""

    kept = slice(10)

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        tunnel.tags = dict(list(tunnel.tags.items())[self.kept])


class OneTagTooFew(TenTagsAtMost, killer="tags/TagResource/most"):
    """A tunnel keeps 49 tags, the newest."""

    kept = slice(-49, None)
