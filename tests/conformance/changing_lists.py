"""Lists that change while they are read: tunnels that are there all the time must come exactly once. Whether a list
holds a tunnel that is opened, closed or deleted meanwhile is unspecified.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.concurrent import run_together
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import NotApplicable, RejectionAllowed

#: How long a client waits for the other's call, in seconds.
_PAUSE_S = 0.004
#: More pages than a list of these tunnels has.
_MOST_PAGES = 12
_STEADY = (rules.LISTED, rules.DISJOINT, rules.ENDS, rules.ISSUED)


def _read_while(client: ScenarioClient, change: Callable[[list[str]], object]) -> None:
    """Read a list of four tunnels in pages of two. `change` is called after the first page, with the names of the
    tunnels on it."""
    thing: str | None = client.thing
    for _ in range(4):
        thing = client.open_for(thing)
        client.sleep(0.002)
    if client.session.context.consistency_timeout_s:
        client.walk(thing=thing)
    page = client.page(thing=thing, size=2)
    names = client.listed()
    if not client.names[page].get("nextToken") or not names:
        raise NotApplicable("the first page holds every tunnel, or none of them")
    change(names)
    client.follow(page, thing=thing, size=2, most=_MOST_PAGES if thing else 0)


@scenario("listing/ListTunnels/opened-meanwhile", *_STEADY)
def opened_meanwhile(client: ScenarioClient) -> None:
    """Tunnels that are opened between two pages must not change which others a list holds."""

    def change(names: list[str]) -> None:
        destination = client.state(names[0]).destination
        client.open(**({"destinationConfig": destination} if destination else {}))

    _read_while(client, change)


@scenario("listing/ListTunnels/last-deleted-meanwhile", *_STEADY)
def last_deleted_meanwhile(client: ScenarioClient) -> None:
    """A list must go on where the tunnel that a page ended with is deleted."""
    _read_while(client, lambda names: client.close_tunnel(names[-1], delete=True))


@scenario("listing/ListTunnels/next-deleted-meanwhile", *_STEADY)
def next_deleted_meanwhile(client: ScenarioClient) -> None:
    """A list must go on where the tunnel that the next page begins with is deleted."""

    def change(names: list[str]) -> None:
        later = [name for name in client.opened() if name not in names]
        client.close_tunnel(later[-1], delete=True)

    _read_while(client, change)


@scenario("listing/ListTunnels/closed-meanwhile", *_STEADY)
def closed_meanwhile(client: ScenarioClient) -> None:
    """Tunnels that are read or changed between two pages must not change which others a list holds."""

    def change(names: list[str]) -> None:
        client.close_tunnel(names[-1])
        tunnel = client.opened()[0]
        client.tag(tunnel, {"Site": "Hall 3"})
        client.untag(tunnel, "Site")
        with suppress(RejectionAllowed):
            client.rotate(tunnel, "ALL")
        client.describe(tunnel)

    _read_while(client, change)


@scenario("isolation/ListTunnels/read-while-opening", rules.LISTED, rules.DISJOINT, rules.ISSUED)
def read_while_opening(client: ScenarioClient) -> None:
    """A list that one client reads while another opens and deletes tunnels must hold all others exactly once."""
    destination = {"thingName": client.thing, "services": ["SSH"]}
    for _ in range(3):
        client.open(destinationConfig=destination)

    def reading(own: ScenarioClient) -> None:
        for _ in range(2):
            page = own.page(thing=client.thing, size=1)
            for _ in range(_MOST_PAGES):
                if not own.names.get(page, {}).get("nextToken"):
                    break
                own.sleep(_PAUSE_S)
                page = own.page(thing=client.thing, size=1, after=page)

    def changing(own: ScenarioClient) -> None:
        for _ in range(3):
            own.sleep(_PAUSE_S)
            own.close_tunnel(own.open(destinationConfig=destination), delete=True)

    run_together(client, [reading, changing])
