"""Lists: complete, in order, page by page, and for one thing where that is asked for."""

from __future__ import annotations

from tunnelspec.model import rules
from tunnelspec.scenario.client import UNISSUED_TOKEN, ScenarioClient
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import NotApplicable


def _three(client: ScenarioClient) -> str | None:
    """Three tunnels to one thing, which a list for that thing holds alone in any account.

    Where the target wants things to exist, three tunnels to nothing, and no thing to list them by.
    """
    thing: str | None = client.thing
    for _ in range(3):
        try:
            client.open(**({"destinationConfig": {"thingName": thing, "services": ["SSH"]}} if thing else {}))
        except NotApplicable:
            thing = None
            client.open()
        client.sleep(0.002)
    return thing


def _to(client: ScenarioClient, thing: str, **members: str) -> str:
    return client.open(destinationConfig={"thingName": thing, "services": ["SSH"]}, **members)


@scenario("listing/ListTunnels/open", rules.LISTED)
def holds_open(client: ScenarioClient) -> None:
    """A list holds a tunnel that was just opened."""
    client.open()
    client.open()
    client.walk()


@scenario("listing/ListTunnels/closed", rules.LISTED_CLOSED)
def holds_closed(client: ScenarioClient) -> None:
    """A list holds a tunnel that was closed and not deleted."""
    client.open()
    client.shut(client.open())
    client.walk()


@scenario("listing/ListTunnels/deleted", rules.DELETED)
def deleted(client: ScenarioClient) -> None:
    """A list does not hold a tunnel that was deleted."""
    client.open()
    client.shut(client.open(), delete=True)
    client.walk()


@scenario("listing/ListTunnels/newest-first", rules.NEWEST)
def newest_first(client: ScenarioClient) -> None:
    """The newest tunnel comes first."""
    told = [client.describe(client.open()).get("createdAt")]
    # Tunnels of one instant may come in any order.
    client.sleep(1.05 if isinstance(told[0], int) else 0.005)
    client.open()
    client.page()


@scenario("listing/ListTunnels/newest-first-across-pages", rules.NEWEST)
def newest_first_across_pages(client: ScenarioClient) -> None:
    """The order holds from one page to the next."""
    client.walk(thing=_three(client), size=1)


@scenario("listing/ListTunnels/status", rules.STATUS)
def status(client: ScenarioClient) -> None:
    """A list tells of each tunnel whether it is open or closed now."""
    client.open()
    client.shut(client.open())
    client.walk()


@scenario("listing/ListTunnels/description", rules.TEXT)
def description(client: ScenarioClient) -> None:
    """A list tells each tunnel's description code point for code point."""
    client.open(description="  <b>e\u0301 \u00e9 泵 \U0001d518  ")
    client.open()
    client.walk()


@scenario("listing/ListTunnels/agrees", rules.AGREES)
def agrees(client: ScenarioClient) -> None:
    """A list tells the ARN and the time of creation that DescribeTunnel tells."""
    client.describe(client.open())
    client.walk()


@scenario("listing/ListTunnels/size", rules.SIZE)
def size(client: ScenarioClient) -> None:
    """A page holds no more tunnels than asked for."""
    client.open()
    client.open()
    client.page(size=1)


@scenario("listing/ListTunnels/size-next", rules.SIZE)
def size_of_the_next(client: ScenarioClient) -> None:
    """The pages after the first hold no more tunnels than asked for either."""
    client.walk(thing=_three(client), size=1)


@scenario("listing/ListTunnels/disjoint", rules.DISJOINT)
def disjoint(client: ScenarioClient) -> None:
    """No tunnel is on two pages."""
    client.walk(thing=_three(client), size=2)


@scenario("listing/ListTunnels/complete", rules.LISTED, rules.ENDS)
def complete(client: ScenarioClient) -> None:
    """The pages of a list together hold every tunnel."""
    client.walk(thing=_three(client), size=2)


@scenario("listing/ListTunnels/complete-in-ones", rules.LISTED)
def complete_in_ones(client: ScenarioClient) -> None:
    """The pages hold every tunnel, however small they are."""
    client.walk(thing=_three(client), size=1)


@scenario("listing/ListTunnels/ends", rules.ENDS)
def ends(client: ScenarioClient) -> None:
    """A list comes to its end."""
    client.walk(thing=_three(client), size=1)


@scenario("listing/ListTunnels/largest", rules.LISTED, rules.SIZE)
def largest(client: ScenarioClient) -> None:
    """The largest page that may be asked for is given, or a smaller one."""
    client.open()
    client.walk(size=client.number("ListTunnels", "maxResults"))


@scenario("listing/ListTunnels/filter-alone", rules.FILTER)
def filter_alone(client: ScenarioClient) -> None:
    """A list for a thing holds no tunnels to another, one with a longer or shorter name among them."""
    client.open()
    for thing in (client.thing, client.thing + "x", client.thing[:-1], "x" + client.thing):
        _to(client, thing)
    client.page(thing=client.thing)


@scenario("listing/ListTunnels/filter-case", rules.FILTER)
def filter_case(client: ScenarioClient) -> None:
    """A list for a thing holds no tunnels to one whose name differs in case."""
    _to(client, client.thing)
    _to(client, client.thing.upper())
    client.page(thing=client.thing)


@scenario("listing/ListTunnels/filter-complete", rules.LISTED)
def filter_complete(client: ScenarioClient) -> None:
    """A list for a thing holds every tunnel to it."""
    _to(client, client.thing)
    client.open()
    _to(client, client.thing)
    client.walk(thing=client.thing)


@scenario("listing/ListTunnels/filter-closed", rules.LISTED_CLOSED)
def filter_closed(client: ScenarioClient) -> None:
    """A list for a thing holds the closed tunnels to it too."""
    client.shut(_to(client, client.thing))
    client.walk(thing=client.thing)


@scenario("listing/ListTunnels/filter-across-pages", rules.FILTER)
def filter_across_pages(client: ScenarioClient) -> None:
    """The pages after the first are for the same thing."""
    _to(client, client.thing + "x")
    _to(client, client.thing)
    _to(client, client.thing)
    client.walk(thing=client.thing, size=1)


@scenario("listing/ListTunnels/filter-nothing", rules.FILTER)
def filter_nothing(client: ScenarioClient) -> None:
    """A list for a thing without tunnels is empty."""
    client.open()
    client.walk(thing=client.thing)


@scenario("listing/ListTunnels/foreign-token", rules.UNISSUED)
def foreign_token(client: ScenarioClient) -> None:
    """A page token that no answer gave is refused, and not taken for a first page."""
    client.open()
    client.call("ListTunnels", {"nextToken": UNISSUED_TOKEN})


@scenario("listing/ListTunnels/altered-token")
def altered_token(client: ScenarioClient) -> None:
    """A page token that was altered may be refused, but nothing breaks."""
    client.open()
    client.open()
    client.altered(client.page(size=1))
