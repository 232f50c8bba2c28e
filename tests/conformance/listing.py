"""ListTunnels: complete, in order, page by page, and filtered by thing."""

from __future__ import annotations

from tunnelspec.exchange import Live
from tunnelspec.model import Mismatch, rules
from tunnelspec.scenario.client import MAX_PAGES, ScenarioClient
from tunnelspec.scenario.page_tokens import UNISSUED_TOKEN
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import NotApplicable

#: More than one, for a list that joins them.
_TAGS = [{"key": "k", "value": "v"}, {"key": "Site", "value": "Hall 3"}]


def _three(client: ScenarioClient) -> str | None:
    """Three tunnels of a thing that no other tunnel has; three tunnels without a thing where the target requires
    that things exist, and None."""
    thing: str | None = client.thing
    for _ in range(3):
        thing = client.open_for(thing, ["SSH", "VNC"])
        client.sleep(0.002)
    return thing


def _to(client: ScenarioClient, thing: str, **members: object) -> str:
    return client.open(destinationConfig={"thingName": thing, "services": ["SSH"]}, **members)


@scenario("listing/ListTunnels/open", rules.LISTED, rules.DISJOINT)
def holds_open(client: ScenarioClient) -> None:
    """ListTunnels must return OPEN tunnels, each once, whatever they were opened with."""
    _three(client)
    client.open(description="d", tags=_TAGS)
    client.open()
    client.walk()


@scenario("listing/ListTunnels/closed", rules.LISTED_CLOSED)
def holds_closed(client: ScenarioClient) -> None:
    """ListTunnels must return a CLOSED tunnel that was not deleted."""
    client.open()
    client.close_tunnel(client.open(description="pump 7", destinationConfig={"services": ["SSH"]}))
    client.walk()


@scenario("listing/ListTunnels/deleted", rules.DELETED)
def deleted(client: ScenarioClient) -> None:
    """ListTunnels must not return a deleted tunnel, in no list that has shown it."""
    client.open()
    tunnel = client.open_whole()
    thing = client.thing_of(tunnel)
    client.page()
    client.page(thing=thing)
    client.close_tunnel(tunnel, delete=True)
    client.walk(thing=thing)
    client.walk()


@scenario("listing/ListTunnels/newest-first", rules.NEWEST, requirement="ListTunnels must return newer tunnels first.")
@scenario(
    "tokens/ListTunnels/untold",
    checks=("secrets/not-again",),
    requirement="ListTunnels must not return an access token.",
)
def newest_first(client: ScenarioClient) -> None:
    """A list of two tunnels."""
    created = client.describe(client.open()).get("createdAt")
    # Tunnels of one instant may come in any order.
    client.sleep(1.05 if isinstance(created, int) else 0.005)
    client.open()
    client.page()


@scenario("listing/ListTunnels/status", rules.STATUS)
def status(client: ScenarioClient) -> None:
    """ListTunnels must return the current status of each tunnel, in every list that has shown it."""
    tunnel = client.open_whole()
    client.open(description=client.state(tunnel).description)
    thing = client.thing_of(tunnel)
    lists = [(None, None), (thing, 2)]
    for filtered, size in lists:
        client.page(thing=filtered, size=size)
    client.close_tunnel(tunnel)
    for filtered, size in lists:
        client.walk(thing=filtered, size=size)


@scenario("listing/ListTunnels/description", rules.TEXT)
def description(client: ScenarioClient) -> None:
    """A description in a list must be the one of its tunnel, code point for code point."""
    text = '  <b>&amp; "q" \\n %41+; e\u0301 \u00e9 \uff21 泵 \U0001d518  '
    thing = client.open_for(client.thing, description=text)
    client.open_for(thing)
    client.walk(thing=thing)


@scenario("listing/ListTunnels/agrees", rules.AGREES, rules.ORDERED)
def agrees(client: ScenarioClient) -> None:
    """ListTunnels must return the ARN and the creation time that DescribeTunnel returns, and no earlier last update."""
    client.describe(client.open())
    client.sleep(0.02)
    client.open()
    client.rotate("t1", "ALL")
    client.walk()


@scenario(
    "listing/ListTunnels/size-next",
    rules.SIZE,
    requirement="The pages after the first must hold at most maxResults tunnels.",
)
@scenario(
    "listing/ListTunnels/newest-first-across-pages",
    rules.NEWEST,
    requirement="Newer tunnels must come first across pages.",
)
@scenario(
    "listing/ListTunnels/complete-in-ones",
    rules.LISTED,
    requirement="Pages of one tunnel must together hold every tunnel.",
)
@scenario("listing/ListTunnels/ends", rules.ENDS, requirement="A list must end.")
@scenario(
    "lifecycle/OpenTunnel/others-stay-open",
    rules.STATUS,
    requirement="OpenTunnel must not close other tunnels, also not those of the same thing.",
)
def in_ones(client: ScenarioClient) -> None:
    """A list in pages of one tunnel."""
    client.walk(thing=_three(client), size=1)


@scenario("listing/ListTunnels/disjoint", rules.DISJOINT, requirement="No tunnel must be on two pages of a list.")
@scenario(
    "listing/ListTunnels/complete",
    rules.LISTED,
    rules.ENDS,
    requirement="The pages of a list must together hold every tunnel.",
)
def in_twos(client: ScenarioClient) -> None:
    """A list in pages of two tunnels, of which the first ends with a CLOSED one."""
    thing = _three(client)
    client.close_tunnel(client.opened()[1])
    client.walk(thing=thing, size=2)


@scenario("listing/ListTunnels/largest", rules.LISTED, rules.SIZE)
def largest(client: ScenarioClient) -> None:
    """ListTunnels must accept the greatest maxResults."""
    client.open()
    client.walk(size=client.number("ListTunnels", "maxResults"))


@scenario("listing/ListTunnels/filter-alone", rules.FILTER, rules.LISTED)
def filter_alone(client: ScenarioClient) -> None:
    """A list for a thing must not hold tunnels of things with a similar name, nor tunnels that name it elsewhere."""
    stem = client.thing.ljust(client.number("ListTunnels", "thingName", keyword="maxLength") - len("x:_a"), "0")
    thing = stem + "_a"
    for other in (thing, thing + "x", thing[:-1], "x" + thing, "x:" + thing, stem + "-a", stem + ":a"):
        _to(client, other)
    client.open(description=thing, destinationConfig={"thingName": client.thing, "services": [thing]})
    for name in (thing, "x:" + thing):
        client.page(thing=name)


@scenario("listing/ListTunnels/filter-case", rules.FILTER)
def filter_case(client: ScenarioClient) -> None:
    """A list for a thing must not hold tunnels of a thing whose name differs in letter case, or as a number is written,
    also if the thing's name could be taken for false.
    """
    for thing in (client.thing, client.thing.upper(), "1e1"):
        _to(client, thing)
    for thing in (client.thing, "10", "0"):
        client.page(thing=thing)


@scenario("listing/ListTunnels/filter-complete", rules.LISTED, rules.DISJOINT)
def filter_complete(client: ScenarioClient) -> None:
    """A list for a thing must hold every tunnel of that thing, also where it was empty before."""
    client.page(thing=client.thing)
    _to(client, client.thing, tags=_TAGS)
    client.open()
    _to(client, client.thing)
    client.walk(thing=client.thing)


@scenario("listing/ListTunnels/filter-closed", rules.LISTED_CLOSED)
def filter_closed(client: ScenarioClient) -> None:
    """A list for a thing must hold its CLOSED tunnels, also if it has a newer one, or its name is a number."""
    thing = str(int(client.thing[-8:], 16))
    client.close_tunnel(_to(client, thing))
    _to(client, thing)
    client.walk(thing=thing)


@scenario("listing/ListTunnels/filter-across-pages", rules.FILTER, rules.LISTED)
def filter_across_pages(client: ScenarioClient) -> None:
    """The filter must apply to the pages after the first, and before a page is cut off."""
    thing = client.thing + ":A_b"
    for name in (thing + "x", thing, thing, thing + "x"):
        _to(client, name)
    client.walk(thing=thing, size=1)


@scenario("listing/ListTunnels/filter-nothing", rules.FILTER)
def filter_nothing(client: ScenarioClient) -> None:
    """A list for a thing without tunnels must be empty."""
    client.open()
    # A map that is an object of JavaScript has it.
    client.walk(thing="constructor")


@scenario("listing/ListTunnels/foreign-token", rules.ENDS)
def foreign_token(client: ScenarioClient) -> None:
    """ListTunnels must accept or reject an unknown page token; a list that begins with one must end."""
    client.open()
    client.call("ListTunnels", {"nextToken": UNISSUED_TOKEN}, returns="page")
    client.follow(client.last("page"))


@scenario("listing/ListTunnels/size", rules.SIZE, requirement="A page must hold at most maxResults tunnels.")
@scenario(
    "listing/ListTunnels/unfiltered",
    *(rules.ISSUED, rules.LISTED, rules.DISJOINT, rules.SIZE),
    requirement="The pages of a list without a filter must together hold every tunnel once.",
)
def unfiltered(client: ScenarioClient) -> None:
    """A list without a filter in pages of two tunnels."""
    for _ in range(3):
        client.open()
        client.sleep(0.002)
    client.walk(size=2)


@scenario("listing/ListTunnels/null-members", rules.LISTED)
def null_members(client: ScenarioClient) -> None:
    """ListTunnels must treat a null filter, page size or page token as absent."""
    client.open()
    client.open()
    client.page()
    without = client.listed()
    client.call("ListTunnels", {"thingName": None, "maxResults": None, "nextToken": None}, returns="page")
    missing = [tunnel for tunnel in without if tunnel not in client.listed()]
    if missing:
        requirement = "a first page must hold the tunnels that it holds without the null members"
        client.mismatch(Mismatch(rules.LISTED, requirement, f"it lacks {len(missing)} of {len(without)}"))
    client.follow(client.last("page"), most=0)


@scenario("listing/ListTunnels/altered-token")
def altered_token(client: ScenarioClient) -> None:
    """ListTunnels must accept or reject a page token that is altered or another list's, without a 5xx status."""
    client.open()
    client.open()
    page = client.page(size=1)
    client.altered(page)
    if client.names[page].get("nextToken"):
        for other in ({"thingName": client.thing}, {"maxResults": 2}, {}):
            client.call("ListTunnels", {"nextToken": Live(page, "nextToken"), **other})


@scenario(
    "listing/ListTunnels/token-pattern",
    rules.REJECTED,
    checks=("validation/decision",),
    requirement="ListTunnels must reject a page token of its own beside what is outside its pattern or another bound.",
)
@scenario(
    "listing/ListTunnels/token-kept",
    rules.ISSUED,
    rules.LISTED,
    requirement="A page token must stay valid when calls are rejected and other lists read, and on other connections.",
)
def token_kept(client: ScenarioClient) -> None:
    """A page token, of which malformed forms are rejected before it is used."""
    thing = _three(client)
    members = {"maxResults": 1} if thing is None else {"maxResults": 1, "thingName": thing}
    page = client.page(thing=thing, size=1)
    if not client.names[page].get("nextToken"):
        raise NotApplicable("the target returns all tunnels on one page")
    for edit in ("leading-mark", "trailing-mark", "trailing-newline"):
        client.attempt("ListTunnels", {**members, "nextToken": Live(page, "nextToken", edit)})
    too_many = client.number("ListTunnels", "maxResults") + 1
    client.forbidden("ListTunnels", {**members, "maxResults": too_many, "nextToken": Live(page, "nextToken")})
    client.page(size=2)  # whose token is another, also where it says no more than where the list stands
    client.page(thing=thing, size=1, after=page)
    client.reconnect()
    client.follow(page, thing=thing, size=1, most=MAX_PAGES if thing else 0)
