"""Lists: complete, in order, page by page, and for one thing where that is asked for."""

from __future__ import annotations

from tunnelspec.engine.play import NotApplicable
from tunnelspec.model import rules

from .directed import directed
from .script import FOREIGN_TOKEN, Script


def _three(script: Script) -> str | None:
    """Three tunnels to one thing, which a list for that thing holds alone in any account.

    Where the target wants things to exist, three tunnels to nothing, and no thing to list them by.
    """
    thing: str | None = script.thing
    for _ in range(3):
        try:
            script.open(**({"destinationConfig": {"thingName": thing, "services": ["SSH"]}} if thing else {}))
        except NotApplicable:
            thing = None
            script.open()
        script.sleep(0.002)
    return thing


def _to(script: Script, thing: str, **members: str) -> str:
    return script.open(destinationConfig={"thingName": thing, "services": ["SSH"]}, **members)


@directed("listing/ListTunnels/open", rules.LISTED)
def holds_open(script: Script) -> None:
    """A list holds a tunnel that was just opened."""
    script.open()
    script.open()
    script.walk()


@directed("listing/ListTunnels/closed", rules.LISTED_CLOSED)
def holds_closed(script: Script) -> None:
    """A list holds a tunnel that was closed and not deleted."""
    script.open()
    script.shut(script.open())
    script.walk()


@directed("listing/ListTunnels/deleted", rules.DELETED)
def deleted(script: Script) -> None:
    """A list does not hold a tunnel that was deleted."""
    script.open()
    script.shut(script.open(), delete=True)
    script.walk()


@directed("listing/ListTunnels/newest-first", rules.NEWEST)
def newest_first(script: Script) -> None:
    """The newest tunnel comes first."""
    told = [script.describe(script.open()).get("createdAt")]
    # Tunnels of one instant may come in any order.
    script.sleep(1.05 if isinstance(told[0], int) else 0.005)
    script.open()
    script.page()


@directed("listing/ListTunnels/newest-first-across-pages", rules.NEWEST)
def newest_first_across_pages(script: Script) -> None:
    """The order holds from one page to the next."""
    script.walk(thing=_three(script), size=1)


@directed("listing/ListTunnels/status", rules.STATUS)
def status(script: Script) -> None:
    """A list tells of each tunnel whether it is open or closed now."""
    script.open()
    script.shut(script.open())
    script.walk()


@directed("listing/ListTunnels/description", rules.TEXT)
def description(script: Script) -> None:
    """A list tells each tunnel's description code point for code point."""
    script.open(description="  <b>e\u0301 \u00e9 泵 \U0001d518  ")
    script.open()
    script.walk()


@directed("listing/ListTunnels/agrees", rules.AGREES)
def agrees(script: Script) -> None:
    """A list tells the ARN and the time of creation that DescribeTunnel tells."""
    script.describe(script.open())
    script.walk()


@directed("listing/ListTunnels/size", rules.SIZE)
def size(script: Script) -> None:
    """A page holds no more tunnels than asked for."""
    script.open()
    script.open()
    script.page(size=1)


@directed("listing/ListTunnels/size-next", rules.SIZE)
def size_of_the_next(script: Script) -> None:
    """The pages after the first hold no more tunnels than asked for either."""
    script.walk(thing=_three(script), size=1)


@directed("listing/ListTunnels/disjoint", rules.DISJOINT)
def disjoint(script: Script) -> None:
    """No tunnel is on two pages."""
    script.walk(thing=_three(script), size=2)


@directed("listing/ListTunnels/complete", rules.LISTED, rules.ENDS)
def complete(script: Script) -> None:
    """The pages of a list together hold every tunnel."""
    script.walk(thing=_three(script), size=2)


@directed("listing/ListTunnels/complete-in-ones", rules.LISTED)
def complete_in_ones(script: Script) -> None:
    """The pages hold every tunnel, however small they are."""
    script.walk(thing=_three(script), size=1)


@directed("listing/ListTunnels/ends", rules.ENDS)
def ends(script: Script) -> None:
    """A list comes to its end."""
    script.walk(thing=_three(script), size=1)


@directed("listing/ListTunnels/largest", rules.LISTED, rules.SIZE)
def largest(script: Script) -> None:
    """The largest page that may be asked for is given, or a smaller one."""
    script.open()
    script.walk(size=script.number("ListTunnels", "maxResults"))


@directed("listing/ListTunnels/filter-alone", rules.FILTER)
def filter_alone(script: Script) -> None:
    """A list for a thing holds no tunnels to another, one with a longer or shorter name among them."""
    script.open()
    for thing in (script.thing, script.thing + "x", script.thing[:-1], "x" + script.thing):
        _to(script, thing)
    script.page(thing=script.thing)


@directed("listing/ListTunnels/filter-case", rules.FILTER)
def filter_case(script: Script) -> None:
    """A list for a thing holds no tunnels to one whose name differs in case."""
    _to(script, script.thing)
    _to(script, script.thing.upper())
    script.page(thing=script.thing)


@directed("listing/ListTunnels/filter-complete", rules.LISTED)
def filter_complete(script: Script) -> None:
    """A list for a thing holds every tunnel to it."""
    _to(script, script.thing)
    script.open()
    _to(script, script.thing)
    script.walk(thing=script.thing)


@directed("listing/ListTunnels/filter-closed", rules.LISTED_CLOSED)
def filter_closed(script: Script) -> None:
    """A list for a thing holds the closed tunnels to it too."""
    script.shut(_to(script, script.thing))
    script.walk(thing=script.thing)


@directed("listing/ListTunnels/filter-across-pages", rules.FILTER)
def filter_across_pages(script: Script) -> None:
    """The pages after the first are for the same thing."""
    _to(script, script.thing + "x")
    _to(script, script.thing)
    _to(script, script.thing)
    script.walk(thing=script.thing, size=1)


@directed("listing/ListTunnels/filter-nothing", rules.FILTER)
def filter_nothing(script: Script) -> None:
    """A list for a thing without tunnels is empty."""
    script.open()
    script.walk(thing=script.thing)


@directed("listing/ListTunnels/foreign-token", rules.FOREIGN)
def foreign_token(script: Script) -> None:
    """A page token that no answer gave is refused, and not taken for a first page."""
    script.open()
    script.call("ListTunnels", {"nextToken": FOREIGN_TOKEN})


@directed("listing/ListTunnels/altered-token")
def altered_token(script: Script) -> None:
    """A page token that was altered may be refused, but nothing breaks."""
    script.open()
    script.open()
    script.altered(script.page(size=1))
