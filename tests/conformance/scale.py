"""As much as a client may ask for: long lists, and the longest descriptions in them."""

from __future__ import annotations

from contextlib import suppress

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import NotApplicable, RejectionAllowed

#: More than any short page.
_DOZEN = 12
#: Descriptions that may be taken for something else, and lengths that buffers have.
_WORDS = ("true", "1e3", '{"a": 1}', "12345678901234567890", "=1+1")
_LENGTHS = (255, 256, 512, 1023, 1024)


def _require(client: ScenarioClient, count: int) -> None:
    """Raise NotApplicable where the run may not open so many tunnels."""
    if not client.session.budget.may_create(count):
        raise NotApplicable(f"the run may not open {count} tunnels more")


@scenario("listing/ListTunnels/a-dozen", rules.LISTED, rules.TEXT, rules.DISJOINT, rules.SIZE)
def a_dozen(client: ScenarioClient) -> None:
    """ListTunnels must return a dozen tunnels, each with its whole description, on one page or on several."""
    _require(client, _DOZEN)
    thing: str | None = client.thing
    longest = client.longest("OpenTunnel", "description", "z")
    for text in (*_WORDS, *(longest[-length:] for length in _LENGTHS), longest, longest[1:]):
        thing = client.open_for(thing, description=text)
    client.walk()
    # In full pages, and with a last one that is not.
    for size in (_DOZEN // 4, _DOZEN // 3 + 1, _DOZEN - 1):
        client.walk(thing=thing, size=size)
    with suppress(RejectionAllowed):  # a page token may be bound to the size of its page
        client.page(size=1, after=client.page(size=_DOZEN // 3))


@scenario("listing/ListTunnels/several-pages", rules.LISTED, rules.DISJOINT, rules.SIZE, rules.ENDS, thorough=True)
def several_pages(client: ScenarioClient) -> None:
    """ListTunnels must return more tunnels than the greatest page holds, and more than three of them."""
    size = client.number("ListTunnels", "maxResults")
    _require(client, 3 * size + 1)
    thing: str | None = client.thing
    for number in range(3 * size + 1):
        thing = client.open_for(thing)
        if number in (size, 3 * size):
            client.walk(thing=thing, size=size, most=number + 2)
    client.walk(thing=thing, most=3 * size + 3)
