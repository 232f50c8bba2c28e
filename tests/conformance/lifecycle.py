"""A tunnel's life: opened, described as it was opened, closed, deleted."""

from __future__ import annotations

from typing import Any

from tunnelspec.contract.minimal import plain_text
from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario

_DESCRIBED = (rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.BOTH, rules.CONNECTION)


def _echo(client: ScenarioClient, text: str) -> None:
    client.describe(client.open(description=text))


def _whole(client: ScenarioClient, **members: Any) -> str:
    """A tunnel of which everything is said that can be said without naming a thing."""
    minutes = client.number("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes") // 2
    return client.open(
        description="pump 7",
        destinationConfig={"services": ["SSH", "VNC"]},
        timeoutConfig={"maxLifetimeTimeoutMinutes": minutes},
        tags=[{"key": "Site", "value": "Hall 3"}],
        **members,
    )


@scenario("lifecycle/OpenTunnel/a-tunnel-each", rules.NEW)
def a_tunnel_each(client: ScenarioClient) -> None:
    """Each OpenTunnel makes another tunnel, with the same arguments too."""
    client.open(description="pump 7")
    client.open(description="pump 7")


@scenario("lifecycle/OpenTunnel/open", rules.OPEN)
def is_open(client: ScenarioClient) -> None:
    """A tunnel that was just opened is OPEN."""
    client.describe(client.open())


@scenario("lifecycle/DescribeTunnel/identity", rules.SAME)
def identity(client: ScenarioClient) -> None:
    """DescribeTunnel tells the id and the ARN that OpenTunnel told."""
    client.open()
    client.describe(client.open())
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/disconnected", rules.CONNECTION)
def disconnected(client: ScenarioClient) -> None:
    """Both ends of a tunnel that nobody connected to are DISCONNECTED."""
    client.describe(client.open())


@scenario("lifecycle/DescribeTunnel/description-spaces", rules.DESCRIPTION)
def description_spaces(client: ScenarioClient) -> None:
    """Spaces around and inside a description are kept."""
    _echo(client, "  pump   7  ")


@scenario("lifecycle/DescribeTunnel/description-case", rules.DESCRIPTION)
def description_case(client: ScenarioClient) -> None:
    """The case of a description's letters is kept."""
    _echo(client, "Pump SIEBEN, große İ ǅ")


@scenario("lifecycle/DescribeTunnel/description-normalisation", rules.DESCRIPTION)
def description_normalisation(client: ScenarioClient) -> None:
    """A description keeps its code points: composed, decomposed and compatibility forms are not exchanged."""
    _echo(client, "e\u0301 \u00e9 \ufb01 \u212b \u2126 \u00bd")


@scenario("lifecycle/DescribeTunnel/description-markup", rules.DESCRIPTION)
def description_markup(client: ScenarioClient) -> None:
    """Characters that mean something in HTML, JSON, URLs or SQL are kept and not escaped."""
    _echo(client, "<b>&amp; \"quoted\" \\n \\u0041 %41+ 'x'; -- ${y}")


@scenario("lifecycle/DescribeTunnel/description-scripts", rules.DESCRIPTION)
def description_scripts(client: ScenarioClient) -> None:
    """A description in any script comes back as it was, not in another encoding."""
    _echo(client, "Größe, насос, 泵, משאבה, पंप")


@scenario("lifecycle/DescribeTunnel/description-astral", rules.DESCRIPTION)
def description_astral(client: ScenarioClient) -> None:
    """Characters beyond the Basic Multilingual Plane are kept."""
    _echo(client, "\U0001d518 \U00020000 \U0001d11e")


@scenario("lifecycle/DescribeTunnel/description-separators", rules.DESCRIPTION)
def description_separators(client: ScenarioClient) -> None:
    """Line separators, no-break and wide spaces are kept and not made plain spaces."""
    _echo(client, "a\u2028b\u2029c\u00a0d\u3000e")


@scenario("lifecycle/DescribeTunnel/description-length", rules.DESCRIPTION)
def description_length(client: ScenarioClient) -> None:
    """The longest description comes back whole."""
    member = client.session.contract.operations["OpenTunnel"].input.at("description")
    longest = (member.pattern.lengths[1] if member.pattern else None) or 1024
    _echo(client, plain_text(member, longest - 1) + "z")


@scenario("lifecycle/DescribeTunnel/no-description", rules.DESCRIPTION)
def no_description(client: ScenarioClient) -> None:
    """A tunnel without a description is told without one."""
    client.describe(client.open())


@scenario("lifecycle/DescribeTunnel/services", rules.DESTINATION)
def services(client: ScenarioClient) -> None:
    """The services of the destination are those that were given."""
    client.describe(client.open(destinationConfig={"services": ["SSH", "ssh", "a_b:c-1"]}))


@scenario("lifecycle/DescribeTunnel/thing", rules.DESTINATION)
def thing(client: ScenarioClient) -> None:
    """The thing of the destination is the one that was given, in the same letters."""
    client.describe(client.open(destinationConfig={"thingName": client.thing + ":A_b", "services": ["SSH"]}))


@scenario("lifecycle/DescribeTunnel/lifetime", rules.TIMEOUT)
def lifetime(client: ScenarioClient) -> None:
    """The lifetime is the one that was given."""
    client.describe(_whole(client))


@scenario("lifecycle/DescribeTunnel/default-lifetime", rules.DEFAULT)
def default_lifetime(client: ScenarioClient) -> None:
    """A lifetime that was not given is the documented one, if it is told."""
    client.describe(client.open(timeoutConfig={}))


@scenario("lifecycle/DescribeTunnel/seconds", rules.SECONDS)
def seconds(client: ScenarioClient) -> None:
    """Times are in seconds since 1970, of an open tunnel and of a closed one."""
    client.describe(client.open())
    client.shut("t1")
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/created-once", rules.CREATED)
def created_once(client: ScenarioClient) -> None:
    """The time of creation is the same whenever it is asked for."""
    told = client.describe(client.open())
    # A time in whole seconds changes once a second.
    whole = isinstance(told.get("createdAt"), int)
    client.sleep(1.05 if whole else 0.01)
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/created-for-good", rules.CREATED)
def created_for_good(client: ScenarioClient) -> None:
    """No change to a tunnel changes the time of its creation."""
    client.describe(client.open())
    client.sleep(0.005)
    client.tag("t1", {"Site": "Hall 3"})
    client.shut("t1")
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/updated-after-created", rules.ORDERED)
def updated_after_created(client: ScenarioClient) -> None:
    """A tunnel was not updated before it was created."""
    client.describe(client.open())


@scenario("lifecycle/DescribeTunnel/updated-forward", rules.UPDATED)
def updated_forward(client: ScenarioClient) -> None:
    """The time of the last update does not go back."""
    client.describe(client.open())
    client.sleep(0.005)
    client.shut("t1")
    client.describe("t1")
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/closed", rules.CLOSED)
def closed(client: ScenarioClient) -> None:
    """A tunnel that was closed is CLOSED."""
    client.shut(client.open())
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/describable", rules.KEPT)
def describable(client: ScenarioClient) -> None:
    """A closed tunnel can still be described."""
    client.shut(client.open())
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete-false", rules.KEPT)
def delete_false(client: ScenarioClient) -> None:
    """A tunnel that was closed with delete false can still be described."""
    client.shut(client.open(), delete=False)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete", rules.GONE)
def delete(client: ScenarioClient) -> None:
    """A tunnel that was closed with delete true is gone at once."""
    client.shut(client.open(), delete=True)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete-closed", rules.GONE)
def delete_closed(client: ScenarioClient) -> None:
    """Where a closed tunnel may be deleted, it is gone then."""
    client.shut(client.open())
    if client.shut("t1", delete=True).accepted:
        client.describe("t1")


@scenario("lifecycle/CloseTunnel/keeps-the-rest", *_DESCRIBED)
def keeps_the_rest(client: ScenarioClient) -> None:
    """Closing changes nothing of what was said of a tunnel."""
    client.shut(_whole(client))
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/others-stay-open", rules.OPEN)
def others_stay_open(client: ScenarioClient) -> None:
    """Closing a tunnel leaves the others open."""
    client.open()
    client.open()
    client.shut(client.open())
    client.describe("t1")
    client.describe("t2")


@scenario("lifecycle/CloseTunnel/others-stay", rules.KEPT)
def others_stay(client: ScenarioClient) -> None:
    """Deleting a tunnel leaves the others."""
    client.open()
    client.open()
    client.shut("t1")
    client.shut("t2", delete=True)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/stays-closed", rules.CLOSED)
def stays_closed(client: ScenarioClient) -> None:
    """A closed tunnel stays closed, whatever is done to it, and whether that is refused or not."""
    client.shut(client.open())
    client.tag("t1", {"Site": "Hall 3"})
    client.untag("t1", "Site")
    client.call("RotateTunnelAccessToken", {"tunnelId": client.named("t1", "tunnelId"), "clientMode": "ALL"})
    client.describe("t1")
    client.shut("t1")
    client.describe("t1")


@scenario("lifecycle/RotateTunnelAccessToken/others-as-they-were", *_DESCRIBED, rules.OPEN)
def rotation_leaves_others(client: ScenarioClient) -> None:
    """Rotating the tokens of a tunnel changes nothing of another."""
    _whole(client)
    client.rotate(client.open(), "DESTINATION", destinationConfig={"services": ["RDP"]})
    client.describe("t1")


def _deleted(client: ScenarioClient) -> str:
    client.shut(client.open(), delete=True)
    return "t1"


@scenario("lifecycle/CloseTunnel/deleted-unknown", rules.GONE)
def close_deleted(client: ScenarioClient) -> None:
    """Closing a deleted tunnel finds no such tunnel."""
    client.shut(_deleted(client))


@scenario("lifecycle/RotateTunnelAccessToken/deleted-unknown", rules.GONE)
def rotate_deleted(client: ScenarioClient) -> None:
    """Rotating the tokens of a deleted tunnel finds no such tunnel."""
    client.rotate(_deleted(client), "ALL")


@scenario("lifecycle/ListTagsForResource/deleted-unknown", rules.GONE)
def list_tags_of_deleted(client: ScenarioClient) -> None:
    """Listing the tags of a deleted tunnel finds no such tunnel."""
    client.tags(_deleted(client))


@scenario("lifecycle/TagResource/deleted-unknown", rules.GONE)
def tag_deleted(client: ScenarioClient) -> None:
    """Tagging a deleted tunnel finds no such tunnel."""
    client.tag(_deleted(client), {"Site": "Hall 3"})


@scenario("lifecycle/UntagResource/deleted-unknown", rules.GONE)
def untag_deleted(client: ScenarioClient) -> None:
    """Untagging a deleted tunnel finds no such tunnel."""
    client.untag(_deleted(client), "Site")
