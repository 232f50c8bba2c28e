"""Faults of ListTunnels: the size of a page, and the page token."""

from __future__ import annotations

from itertools import count

from tunnelspec.emulator import ApiError, Emulator, Params
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import PAGINATION
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import Faults

_LIST = "listing/ListTunnels/"
fault = Faults("listing", PAGINATION, _LIST)


class _Page(Fault, prefix="listing", defect_class=PAGINATION): ...


# The size of a page.

fault("size-ignored", "size", "maxResults is ignored.").given(
    "ListTunnels", lambda params: without(params, "maxResults")
)
fault("one-too-many", "size", "A page holds one tunnel more than maxResults.").given(
    "ListTunnels",
    lambda params: {**params, "maxResults": params["maxResults"] + 1} if "maxResults" in params else params,
)
fault("size-forgotten", "size-next", "Pages after the first ignore maxResults.").given(
    "ListTunnels", lambda params: without(params, "maxResults") if "nextToken" in params else params
)


class LargestEmpty(_Page, killer=f"{_LIST}largest"):
    """A page of the largest maxResults is empty."""

    def list_tunnels(self, params: Params) -> Params:
        largest = self.schemas["ListTunnels"]["properties"]["maxResults"]["maximum"]
        return {"tunnelSummaries": []} if params.get("maxResults") == largest else super().list_tunnels(params)


class SizeOfToken(_Page, killer=f"{_LIST}a-dozen"):
    """Every page is as large as the first, whatever its request says."""

    sizes = remembered(dict[str, object])

    def list_tunnels(self, params: Params) -> Params:
        size = self.sizes.get(params.get("nextToken", ""), params.get("maxResults"))
        sized = {} if size is None else {"maxResults": size}
        output = super().list_tunnels({**without(params, "maxResults"), **sized})
        self.sizes[output.get("nextToken", "")] = size
        return output


class LastPageMissing(_Page, killer=f"{_LIST}a-dozen"):
    """The last of three or more pages is left out where it is not full."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if "nextToken" in params and "nextToken" in output:
            following = super().list_tunnels({**params, "nextToken": output["nextToken"]})
            if "nextToken" not in following and len(following["tunnelSummaries"]) < len(output["tunnelSummaries"]):
                del output["nextToken"]
        return output


# Page tokens.

fault("closed-row-ends", "complete", "A page that ends with a CLOSED tunnel has no page token.").output(
    "ListTunnels",
    lambda page: (
        without(page, "nextToken") if [row["status"] for row in page["tunnelSummaries"][-1:]] == ["CLOSED"] else page
    ),
)
fault("pages-overlap", "disjoint", "A page begins with the last tunnel of the page before.").around(
    Emulator.make_token, lambda call, self, thing, number: call(thing, number + 1)
)
fault("pages-skip", "complete", "The first tunnel of each further page is skipped.").around(
    Emulator.make_token, lambda call, self, thing, number: call(thing, number - 1)
)
fault("no-token", "complete", "A list is cut after its first page.").output(
    "ListTunnels", lambda page: without(page, "nextToken")
)
fault("endless", "ends", "The last page has a page token that leads to itself.").after(
    Emulator.list_tunnels,
    lambda page, self, params: {**({"nextToken": params["nextToken"]} if "nextToken" in params else {}), **page},
)
fault("issued-token-rejected", "unfiltered", "A page token that the target issued is rejected.").refusing(
    Emulator.read_token, lambda self, token: True
)


class OnesSkip(_Page, killer=f"{_LIST}complete-in-ones"):
    """Pages of one tunnel skip every other one."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if params.get("maxResults") == 1 and "nextToken" in output:
            thing, number = self.read_token(output["nextToken"])
            output["nextToken"] = self.make_token(thing, number - 1)
        return output


class EndlessByNewTokens(_Page, killer=f"{_LIST}ends"):
    """Every page has a new page token; those after the last page lead to empty pages."""

    numbers = remembered(count)

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        thing = self.read_token(params["nextToken"])[0] if "nextToken" in params else params.get("thingName")
        output.setdefault("nextToken", self.make_token(thing, -next(self.numbers)))
        return output


class OneTokenForAll(_Page, killer=f"{_LIST}ends"):
    """Every page token is the word string."""

    last = ""

    def make_token(self, thing: str | None, number: int) -> str:
        self.last = super().make_token(thing, number)
        return "string"

    def read_token(self, token: str) -> tuple[str | None, int]:
        return super().read_token(self.last if token == "string" else token)


class UnfilteredPagesSkip(_Page, killer=f"{_LIST}unfiltered"):
    """Without a filter, each page after the first leaves out a tunnel."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        if "nextToken" in params and self.read_token(params["nextToken"])[0] is None:
            output["tunnelSummaries"] = output["tunnelSummaries"][1:]
        return output


class CrashOnForeignToken(_Page, killer=f"{_LIST}foreign-token"):
    """A page token that was not issued causes status 500."""

    def read_token(self, token: str) -> tuple[str | None, int]:
        try:
            return super().read_token(token)
        except ApiError as error:
            raise (ApiError(CRASHED, status=500) if self.is_fatal(token) else error) from None

    def is_fatal(self, token: str) -> bool:
        """Whether a token that cannot be read causes it."""
        return True


class CrashOnAlteredToken(CrashOnForeignToken, killer=f"{_LIST}altered-token"):
    """A page token that decodes to no page causes status 500."""

    def is_fatal(self, token: str) -> bool:
        return token[:1] in "WI="
