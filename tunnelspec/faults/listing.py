"""Faults of ListTunnels: what it lists, filters and pages."""

from __future__ import annotations

from itertools import count

from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import LISTS, PAGINATION
from tunnelspec.faults.params import services, thing_name, without
from tunnelspec.faults.rows import Faults

_LIST = "listing/ListTunnels/"
listing = Faults("listing", LISTS, _LIST)
paging = Faults("listing", PAGINATION, _LIST)

# What a list holds.

listing("newest-missing", "open", "A list does not hold the newest tunnel.").after(
    Emulator.listed, lambda tunnels, self, thing: [one for one in tunnels if one not in self.store.newest_first()[:1]]
)
listing("open-only", "closed", "A list holds open tunnels only.").lists_only(
    lambda tunnel, thing: tunnel.status == "OPEN"
)
listing("things-missing", "open", "A list without a filter holds the tunnels without a thing only.").lists_only(
    lambda tunnel, thing: thing is not None or not tunnel.destination
)
listing("one-of-each-description", "status", "A list holds one tunnel of each description.").listed(
    lambda tunnels, thing: list({one.description or one.id: one for one in tunnels}.values())
)
listing("joined-with-tags", "open", "A list without a filter holds a tunnel once for each of its tags.").listed(
    lambda tunnels, thing: tunnels if thing else [one for one in tunnels for _ in one.tags or {"": ""}]
)
listing("joined-with-services", "open", "A list holds a tunnel once for each of its services.").listed(
    lambda tunnels, thing: [one for one in tunnels for _ in services(one) or [""]]
)
listing("thing-joined-with-tags", "filter-complete", "A list for a thing holds a tunnel once for each tag.").listed(
    lambda tunnels, thing: [one for one in tunnels for _ in one.tags or {"": ""}] if thing else tunnels
)
listing("tagged-missing", "open", "A list holds no tunnels with tags.").lists_only(
    lambda tunnel, thing: not tunnel.tags
)
listing("oldest-first", "newest-first", "A list begins with the oldest tunnel.").listed(
    lambda tunnels, thing: tunnels[::-1]
)


class DeletedListed(Fault, killer=f"{_LIST}deleted", defect_class=LISTS):
    """A list holds deleted tunnels."""

    deleted = remembered(list[Tunnel])

    def delete(self, tunnel: Tunnel) -> None:
        self.deleted.append(tunnel)
        super().delete(tunnel)

    def listed(self, thing: str | None) -> list[Tunnel]:
        deleted = [tunnel for tunnel in self.deleted if thing in (None, thing_name(tunnel))]
        return sorted([*super().listed(thing), *deleted], key=lambda tunnel: -tunnel.number)


class DeletedListedForThing(DeletedListed, killer=f"{_LIST}deleted"):
    """A list for a thing holds its deleted tunnels."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing) if thing is not None else self.store.newest_first()


class ClosedForAWhile(Fault, killer=f"{_LIST}*closed*", defect_class=LISTS):
    """A list does not hold what was closed a dozen calls before."""

    calls = remembered(count)
    closed = remembered(dict[str, int])

    def perform(self, operation: str, params: Params) -> Params:
        self.now = next(self.calls)
        if operation == "CloseTunnel":
            self.closed[params["tunnelId"]] = self.now
        return super().perform(operation, params)

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [one for one in super().listed(thing) if self.now - self.closed.get(one.id, self.now) < 12]


listing("always-open", "status", "A list says that every tunnel is OPEN.").summary(
    lambda row, tunnel: {**row, "status": "OPEN"}
)
listing("description-cut", "description", "A list cuts descriptions at ten characters.").summary(
    lambda row, tunnel: {**row, "description": (tunnel.description or "")[:10]}
)
listing("ampersand-spelt", "description", "A list spells ampersands in descriptions out.").summary(
    lambda row, tunnel: {**row, "description": row["description"].replace("&", "and")} if tunnel.description else row
)
listing("created-elsewhen", "agrees", "A list has another time of creation than DescribeTunnel.").summary(
    lambda row, tunnel: {**row, "createdAt": row["createdAt"] + 60}
)
listing("arn-of-another-form", "agrees", "A list has an ARN of another form than DescribeTunnel.").summary(
    lambda row, tunnel: {**row, "tunnelArn": tunnel.arn.replace(":tunnel/", ":secure-tunnel/")}
)

# The filter.

paging("filter-ignored", "filter-alone", "thingName is ignored.").around(
    Emulator.listed, lambda call, self, thing: call(None)
)
paging("filter-by-prefix", "filter-alone", "A list for a thing holds things whose names begin with its name.").around(
    Emulator.listed, lambda call, self, thing: [one for one in call(None) if thing_name(one).startswith(thing or "")]
)
paging("filter-by-part", "filter-alone", "A list for a thing holds things whose names contain its name.").around(
    Emulator.listed, lambda call, self, thing: [one for one in call(None) if (thing or "") in thing_name(one)]
)
paging("filter-whatever-case", "filter-case", "A list for a thing ignores case.").around(
    Emulator.listed,
    lambda call, self, thing: [one for one in call(None) if thing is None or thing_name(one).lower() == thing.lower()],
)
paging("filter-newest-only", "filter-complete", "A list for a thing holds its newest tunnel only.").listed(
    lambda tunnels, thing: tunnels[: None if thing is None else 1]
)
paging("filter-oldest-missing", "filter-complete", "A list for a thing leaves its oldest tunnel out.").listed(
    lambda tunnels, thing: tunnels[: None if thing is None else -1]
)
paging("filter-open-only", "filter-closed", "A list for a thing holds its open tunnels only.").lists_only(
    lambda tunnel, thing: thing is None or tunnel.status == "OPEN"
)
paging("filter-unknown-is-all", "filter-nothing", "A list for a thing without tunnels holds all tunnels.").around(
    Emulator.listed, lambda call, self, thing: call(thing) or call(None)
)


class FilterOldestFirst(Fault, killer=f"{_LIST}newest-first-across-pages", defect_class=PAGINATION):
    """A list for a thing is one page that begins with the oldest tunnel."""

    def list_tunnels(self, params: Params) -> Params:
        if "thingName" not in params or "nextToken" in params:
            return super().list_tunnels(params)
        return {"tunnelSummaries": [self.summary(tunnel) for tunnel in self.listed(params["thingName"])[::-1]]}


class FilteredAfterPaging(Fault, killer=f"{_LIST}filter-across-pages", defect_class=PAGINATION):
    """A page is cut off before its tunnels are filtered, and an empty page is the last."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(without(params, "thingName"))
        if thing := params.get("thingName"):
            known = {tunnel.id for tunnel in self.listed(thing)}
            output["tunnelSummaries"] = [row for row in output["tunnelSummaries"] if row["tunnelId"] in known]
        return output if output["tunnelSummaries"] else without(output, "nextToken")


class FilterForgotten(Fault, killer=f"{_LIST}filter-across-pages", defect_class=PAGINATION):
    """Pages after the first are not filtered."""

    def make_token(self, thing: str | None, number: int) -> str:
        return super().make_token(None, number)

    def list_tunnels(self, params: Params) -> Params:
        return super().list_tunnels(without(params, "thingName") if "nextToken" in params else params)
