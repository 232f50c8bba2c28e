"""Faults of ListTunnels: what it lists, filters and pages.

A catalogue, and long: the name of a module is the beginning of its faults' ids, by which others know them.
"""

from __future__ import annotations

from itertools import count

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import LISTS, PAGINATION
from tunnelspec.faults.params import thing_name, without

_LIST = "listing/ListTunnels"


class _List(Fault, defect_class=PAGINATION): ...


# What a list holds.


class NewestMissing(_List, killer=f"{_LIST}/open", defect_class=LISTS):
    """A list does not hold the newest tunnel."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        newest = self.store.newest_first()[:1]
        return [tunnel for tunnel in super().listed(thing) if tunnel not in newest]


class OpenOnly(_List, killer=f"{_LIST}/closed", defect_class=LISTS):
    """A list holds open tunnels only."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(thing) if tunnel.status == "OPEN"]


class ThingsMissing(_List, killer=f"{_LIST}/open", defect_class=LISTS):
    """A list without a filter holds the tunnels without a thing only."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(thing) if thing is not None or not tunnel.destination]


class TaggedMissing(_List, killer=f"{_LIST}/open", defect_class=LISTS):
    """A list holds no tunnels with tags."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(thing) if not tunnel.tags]


class OldestFirst(_List, killer=f"{_LIST}/newest-first", defect_class=LISTS):
    """A list begins with the oldest tunnel."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing)[::-1]


class DeletedListed(_List, killer=f"{_LIST}/deleted", defect_class=LISTS):
    """A list holds deleted tunnels."""

    def set_up(self) -> None:
        super().set_up()
        self.deleted: list[Tunnel] = []

    def delete(self, tunnel: Tunnel) -> None:
        self.deleted.append(tunnel)
        super().delete(tunnel)

    def listed(self, thing: str | None) -> list[Tunnel]:
        deleted = [tunnel for tunnel in self.deleted if thing in (None, thing_name(tunnel))]
        return sorted([*super().listed(thing), *deleted], key=lambda tunnel: -tunnel.number)


class DeletedListedForThing(DeletedListed, killer=f"{_LIST}/deleted", defect_class=LISTS):
    """A list for a thing holds its deleted tunnels."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing) if thing is not None else self.store.newest_first()


class LastPageMissing(_List, killer=f"{_LIST}/a-dozen"):
    """The last of three or more pages is left out where it is not full."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if "nextToken" in params and "nextToken" in output:
            following = super().list_tunnels({**params, "nextToken": output["nextToken"]})
            if "nextToken" not in following and len(following["tunnelSummaries"]) < len(output["tunnelSummaries"]):
                del output["nextToken"]
        return output


class AlwaysOpen(_List, killer=f"{_LIST}/status", defect_class=LISTS):
    """A list says that every tunnel is OPEN."""

    def summary(self, tunnel: Tunnel) -> Params:
        return {**super().summary(tunnel), "status": "OPEN"}


class DescriptionCut(_List, killer=f"{_LIST}/description", defect_class=LISTS):
    """A list cuts descriptions at ten characters."""

    def summary(self, tunnel: Tunnel) -> Params:
        return {**super().summary(tunnel), "description": (tunnel.description or "")[:10]}


class FilteredAfterPaging(_List, killer=f"{_LIST}/filter-across-pages"):
    """A page is cut off before its tunnels are filtered, and an empty page is the last."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels({name: value for name, value in params.items() if name != "thingName"})
        if thing := params.get("thingName"):
            known = {tunnel.id for tunnel in self.listed(thing)}
            output["tunnelSummaries"] = [row for row in output["tunnelSummaries"] if row["tunnelId"] in known]
            if not output["tunnelSummaries"]:
                output.pop("nextToken", None)
        return output


class ClosedRowEnds(_List, killer=f"{_LIST}/complete"):
    """A page that ends with a CLOSED tunnel has no page token."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if output["tunnelSummaries"] and output["tunnelSummaries"][-1]["status"] == "CLOSED":
            output.pop("nextToken", None)
        return output


class AmpersandSpelt(_List, killer=f"{_LIST}/description", defect_class=LISTS):
    """A list spells ampersands in descriptions out."""

    def summary(self, tunnel: Tunnel) -> Params:
        summary = super().summary(tunnel)
        return {**summary, "description": tunnel.description.replace("&", "and")} if tunnel.description else summary


class CreatedElsewhen(_List, killer=f"{_LIST}/agrees", defect_class=LISTS):
    """A list has another time of creation than DescribeTunnel."""

    def summary(self, tunnel: Tunnel) -> Params:
        summary = super().summary(tunnel)
        return {**summary, "createdAt": summary["createdAt"] + 60}


class ArnOfAnotherForm(_List, killer=f"{_LIST}/agrees", defect_class=LISTS):
    """A list has an ARN of another form than DescribeTunnel."""

    def summary(self, tunnel: Tunnel) -> Params:
        return {**super().summary(tunnel), "tunnelArn": tunnel.arn.replace(":tunnel/", ":secure-tunnel/")}


# The size of a page.


class SizeIgnored(_List, killer=f"{_LIST}/size"):
    """maxResults is ignored."""

    def list_tunnels(self, params: Params) -> Params:
        return super().list_tunnels(without(params, "maxResults"))


class OneTooMany(_List, killer=f"{_LIST}/size"):
    """A page holds one tunnel more than maxResults."""

    def list_tunnels(self, params: Params) -> Params:
        more = {"maxResults": params["maxResults"] + 1} if "maxResults" in params else {}
        return super().list_tunnels({**params, **more})


class SizeForgotten(_List, killer=f"{_LIST}/size-next"):
    """Pages after the first ignore maxResults."""

    def list_tunnels(self, params: Params) -> Params:
        return super().list_tunnels(without(params, "maxResults") if "nextToken" in params else params)


class LargestEmpty(_List, killer=f"{_LIST}/largest"):
    """A page of the largest maxResults is empty."""

    def list_tunnels(self, params: Params) -> Params:
        largest = self.schemas["ListTunnels"]["properties"]["maxResults"]["maximum"]
        return {"tunnelSummaries": []} if params.get("maxResults") == largest else super().list_tunnels(params)


# The filter.


class FilterIgnored(_List, killer=f"{_LIST}/filter-alone"):
    """thingName is ignored."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(None)


class FilterByPrefix(_List, killer=f"{_LIST}/filter-alone"):
    """A list for a thing holds things whose names begin with its name."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(None) if thing_name(tunnel).startswith(thing or "")]


class FilterByPart(_List, killer=f"{_LIST}/filter-alone"):
    """A list for a thing holds things whose names contain its name."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(None) if (thing or "") in thing_name(tunnel)]


class FilterWhateverCase(_List, killer=f"{_LIST}/filter-case"):
    """A list for a thing ignores case."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [
            tunnel for tunnel in super().listed(None) if thing is None or thing_name(tunnel).lower() == thing.lower()
        ]


class FilterNewestOnly(_List, killer=f"{_LIST}/filter-complete"):
    """A list for a thing holds its newest tunnel only."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing)[: None if thing is None else 1]


class FilterOldestMissing(_List, killer=f"{_LIST}/filter-complete"):
    """A list for a thing leaves its oldest tunnel out."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing)[: None if thing is None else -1]


class FilterOpenOnly(_List, killer=f"{_LIST}/filter-closed"):
    """A list for a thing holds its open tunnels only."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(thing) if thing is None or tunnel.status == "OPEN"]


class FilterUnknownIsAll(_List, killer=f"{_LIST}/filter-nothing"):
    """A list for a thing without tunnels holds all tunnels."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing) or super().listed(None)


class FilterOldestFirst(_List, killer=f"{_LIST}/newest-first-across-pages"):
    """A list for a thing is one page that begins with the oldest tunnel."""

    def list_tunnels(self, params: Params) -> Params:
        if "thingName" not in params or "nextToken" in params:
            return super().list_tunnels(params)
        return {"tunnelSummaries": [self.summary(tunnel) for tunnel in self.listed(params["thingName"])[::-1]]}


class FilterForgotten(_List, killer=f"{_LIST}/filter-across-pages"):
    """Pages after the first are not filtered."""

    def make_token(self, thing: str | None, number: int) -> str:
        return super().make_token(None, number)

    def list_tunnels(self, params: Params) -> Params:
        return super().list_tunnels(without(params, "thingName") if "nextToken" in params else params)


# Page tokens.


class PagesOverlap(_List, killer=f"{_LIST}/disjoint"):
    """A page begins with the last tunnel of the page before."""

    def make_token(self, thing: str | None, number: int) -> str:
        return super().make_token(thing, number + 1)


class PagesSkip(_List, killer=f"{_LIST}/complete"):
    """The first tunnel of each further page is skipped."""

    def make_token(self, thing: str | None, number: int) -> str:
        return super().make_token(thing, number - 1)


class OnesSkip(_List, killer=f"{_LIST}/complete-in-ones"):
    """Pages of one tunnel skip every other one."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if params.get("maxResults") == 1 and "nextToken" in output:
            thing, number = self.read_token(output["nextToken"])
            output["nextToken"] = self.make_token(thing, number - 1)
        return output


class NoToken(_List, killer=f"{_LIST}/complete"):
    """A list is cut after its first page."""

    def list_tunnels(self, params: Params) -> Params:
        return without(super().list_tunnels(params), "nextToken")


class Endless(_List, killer=f"{_LIST}/ends"):
    """The last page has a page token that leads to itself."""

    def list_tunnels(self, params: Params) -> Params:
        token = {"nextToken": params["nextToken"]} if "nextToken" in params else {}
        return {**token, **super().list_tunnels(params)}


class EndlessByNewTokens(_List, killer=f"{_LIST}/ends"):
    """Every page has a new page token; those after the last page lead to empty pages."""

    def set_up(self) -> None:
        super().set_up()
        self.numbers = count()

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        thing = self.read_token(params["nextToken"])[0] if "nextToken" in params else params.get("thingName")
        output.setdefault("nextToken", self.make_token(thing, -next(self.numbers)))
        return output


class OneTokenForAll(_List, killer=f"{_LIST}/ends"):
    """Every page token is the word string."""

    last = ""

    def make_token(self, thing: str | None, number: int) -> str:
        self.last = super().make_token(thing, number)
        return "string"

    def read_token(self, token: str) -> tuple[str | None, int]:
        return super().read_token(self.last if token == "string" else token)


class IssuedTokenRejected(_List, killer=f"{_LIST}/unfiltered"):
    """A page token that the target issued is rejected."""

    def read_token(self, token: str) -> tuple[str | None, int]:
        raise ApiError("ValidationException", "Invalid nextToken")


class UnfilteredPagesSkip(_List, killer=f"{_LIST}/unfiltered"):
    """Without a filter, each page after the first leaves out a tunnel."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if "nextToken" in params and self.read_token(params["nextToken"])[0] is None:
            output["tunnelSummaries"] = output["tunnelSummaries"][1:]
        return output


class CrashOnAlteredToken(_List, killer=f"{_LIST}/altered-token"):
    """A page token that decodes to no page causes status 500."""

    def read_token(self, token: str) -> tuple[str | None, int]:
        try:
            return super().read_token(token)
        except ApiError as error:
            raise ApiError("InternalFailure", status=500) if token[:1] in "WI=" else error from None


class CrashOnForeignToken(_List, killer=f"{_LIST}/foreign-token"):
    """A page token that was not issued causes status 500."""

    def read_token(self, token: str) -> tuple[str | None, int]:
        try:
            return super().read_token(token)
        except ApiError:
            raise ApiError("InternalFailure", status=500) from None


class SizeOfToken(_List, killer=f"{_LIST}/a-dozen"):
    """Every page is as large as the first, whatever its request says."""

    def set_up(self) -> None:
        super().set_up()
        self.sizes: dict[str, object] = {}

    def list_tunnels(self, params: Params) -> Params:
        size = self.sizes.get(params.get("nextToken", ""), params.get("maxResults"))
        output = super().list_tunnels(
            {**without(params, "maxResults"), **({} if size is None else {"maxResults": size})}
        )
        self.sizes[output.get("nextToken", "")] = size
        return output


class ClosedForAWhile(_List, killer=f"{_LIST}/*closed*", defect_class=LISTS):
    """A list does not hold what was closed a dozen calls before."""

    def set_up(self) -> None:
        super().set_up()
        self.calls = count()
        self.closed: dict[str, int] = {}

    def perform(self, operation: str, params: Params) -> Params:
        number = next(self.calls)
        if operation == "CloseTunnel":
            self.closed[params["tunnelId"]] = number
        self.now = number
        return super().perform(operation, params)

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [one for one in super().listed(thing) if self.now - self.closed.get(one.id, self.now) < 12]
