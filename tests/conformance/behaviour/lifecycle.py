"""A tunnel's life: opened, described as it was opened, closed, deleted."""

from __future__ import annotations

from typing import Any

from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.smallest import plain_text
from tunnelspec.model import rules

from .directed import directed
from .script import Script

_DESCRIBED = (rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.BOTH, rules.CONNECTION)


def _echo(script: Script, text: str) -> None:
    script.describe(script.open(description=text))


def _whole(script: Script, **members: Any) -> str:
    """A tunnel of which everything is said that can be said without naming a thing."""
    minutes = script.number("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes") // 2
    return script.open(
        description="pump 7",
        destinationConfig={"services": ["SSH", "VNC"]},
        timeoutConfig={"maxLifetimeTimeoutMinutes": minutes},
        tags=[{"key": "Site", "value": "Hall 3"}],
        **members,
    )


@directed("lifecycle/OpenTunnel/a-tunnel-each", rules.NEW)
def a_tunnel_each(script: Script) -> None:
    """Each OpenTunnel makes another tunnel, with the same arguments too."""
    script.open(description="pump 7")
    script.open(description="pump 7")


@directed("lifecycle/OpenTunnel/open", rules.OPEN)
def is_open(script: Script) -> None:
    """A tunnel that was just opened is OPEN."""
    script.describe(script.open())


@directed("lifecycle/DescribeTunnel/identity", rules.SAME)
def identity(script: Script) -> None:
    """DescribeTunnel tells the id and the ARN that OpenTunnel told."""
    script.open()
    script.describe(script.open())
    script.describe("t1")


@directed("lifecycle/DescribeTunnel/disconnected", rules.CONNECTION)
def disconnected(script: Script) -> None:
    """Both ends of a tunnel that nobody connected to are DISCONNECTED."""
    script.describe(script.open())


@directed("lifecycle/DescribeTunnel/description-spaces", rules.DESCRIPTION)
def description_spaces(script: Script) -> None:
    """Spaces around and inside a description are kept."""
    _echo(script, "  pump   7  ")


@directed("lifecycle/DescribeTunnel/description-case", rules.DESCRIPTION)
def description_case(script: Script) -> None:
    """The case of a description's letters is kept."""
    _echo(script, "Pump SIEBEN, große İ ǅ")


@directed("lifecycle/DescribeTunnel/description-normalisation", rules.DESCRIPTION)
def description_normalisation(script: Script) -> None:
    """A description keeps its code points: composed, decomposed and compatibility forms are not exchanged."""
    _echo(script, "e\u0301 \u00e9 \ufb01 \u212b \u2126 \u00bd")


@directed("lifecycle/DescribeTunnel/description-markup", rules.DESCRIPTION)
def description_markup(script: Script) -> None:
    """Characters that mean something in HTML, JSON, URLs or SQL are kept and not escaped."""
    _echo(script, "<b>&amp; \"quoted\" \\n \\u0041 %41+ 'x'; -- ${y}")


@directed("lifecycle/DescribeTunnel/description-scripts", rules.DESCRIPTION)
def description_scripts(script: Script) -> None:
    """A description in any script comes back as it was, not in another encoding."""
    _echo(script, "Größe, насос, 泵, משאבה, पंप")


@directed("lifecycle/DescribeTunnel/description-astral", rules.DESCRIPTION)
def description_astral(script: Script) -> None:
    """Characters beyond the Basic Multilingual Plane are kept."""
    _echo(script, "\U0001d518 \U00020000 \U0001d11e")


@directed("lifecycle/DescribeTunnel/description-separators", rules.DESCRIPTION)
def description_separators(script: Script) -> None:
    """Line separators, no-break and wide spaces are kept and not made plain spaces."""
    _echo(script, "a\u2028b\u2029c\u00a0d\u3000e")


@directed("lifecycle/DescribeTunnel/description-length", rules.DESCRIPTION)
def description_length(script: Script) -> None:
    """The longest description comes back whole."""
    schema = script.session.contract.operations["OpenTunnel"].input["properties"]["description"]
    longest = Pattern(schema["pattern"]).lengths[1] or 1024
    _echo(script, plain_text(schema, longest - 1) + "z")


@directed("lifecycle/DescribeTunnel/no-description", rules.DESCRIPTION)
def no_description(script: Script) -> None:
    """A tunnel without a description is told without one."""
    script.describe(script.open())


@directed("lifecycle/DescribeTunnel/services", rules.DESTINATION)
def services(script: Script) -> None:
    """The services of the destination are those that were given."""
    script.describe(script.open(destinationConfig={"services": ["SSH", "ssh", "a_b:c-1"]}))


@directed("lifecycle/DescribeTunnel/thing", rules.DESTINATION)
def thing(script: Script) -> None:
    """The thing of the destination is the one that was given, in the same letters."""
    script.describe(script.open(destinationConfig={"thingName": script.thing + ":A_b", "services": ["SSH"]}))


@directed("lifecycle/DescribeTunnel/lifetime", rules.TIMEOUT)
def lifetime(script: Script) -> None:
    """The lifetime is the one that was given."""
    script.describe(_whole(script))


@directed("lifecycle/DescribeTunnel/default-lifetime", rules.DEFAULT)
def default_lifetime(script: Script) -> None:
    """A lifetime that was not given is the documented one, if it is told."""
    script.describe(script.open(timeoutConfig={}))


@directed("lifecycle/DescribeTunnel/seconds", rules.SECONDS)
def seconds(script: Script) -> None:
    """Times are in seconds since 1970, of an open tunnel and of a closed one."""
    script.describe(script.open())
    script.shut("t1")
    script.describe("t1")


@directed("lifecycle/DescribeTunnel/created-once", rules.CREATED)
def created_once(script: Script) -> None:
    """The time of creation is the same whenever it is asked for."""
    told = script.describe(script.open())
    # A time in whole seconds changes once a second.
    whole = isinstance(told.get("createdAt"), int)
    script.sleep(1.05 if whole else 0.01)
    script.describe("t1")


@directed("lifecycle/DescribeTunnel/created-for-good", rules.CREATED)
def created_for_good(script: Script) -> None:
    """No change to a tunnel changes the time of its creation."""
    script.describe(script.open())
    script.sleep(0.005)
    script.tag("t1", {"Site": "Hall 3"})
    script.shut("t1")
    script.describe("t1")


@directed("lifecycle/DescribeTunnel/updated-after-created", rules.ORDERED)
def updated_after_created(script: Script) -> None:
    """A tunnel was not updated before it was created."""
    script.describe(script.open())


@directed("lifecycle/DescribeTunnel/updated-forward", rules.UPDATED)
def updated_forward(script: Script) -> None:
    """The time of the last update does not go back."""
    script.describe(script.open())
    script.sleep(0.005)
    script.shut("t1")
    script.describe("t1")
    script.describe("t1")


@directed("lifecycle/CloseTunnel/closed", rules.CLOSED)
def closed(script: Script) -> None:
    """A tunnel that was closed is CLOSED."""
    script.shut(script.open())
    script.describe("t1")


@directed("lifecycle/CloseTunnel/describable", rules.KEPT)
def describable(script: Script) -> None:
    """A closed tunnel can still be described."""
    script.shut(script.open())
    script.describe("t1")


@directed("lifecycle/CloseTunnel/delete-false", rules.KEPT)
def delete_false(script: Script) -> None:
    """A tunnel that was closed with delete false can still be described."""
    script.shut(script.open(), delete=False)
    script.describe("t1")


@directed("lifecycle/CloseTunnel/delete", rules.GONE)
def delete(script: Script) -> None:
    """A tunnel that was closed with delete true is gone at once."""
    script.shut(script.open(), delete=True)
    script.describe("t1")


@directed("lifecycle/CloseTunnel/delete-closed", rules.GONE)
def delete_closed(script: Script) -> None:
    """Where a closed tunnel may be deleted, it is gone then."""
    script.shut(script.open())
    if script.shut("t1", delete=True).accepted:
        script.describe("t1")


@directed("lifecycle/CloseTunnel/keeps-the-rest", *_DESCRIBED)
def keeps_the_rest(script: Script) -> None:
    """Closing changes nothing of what was said of a tunnel."""
    script.shut(_whole(script))
    script.describe("t1")


@directed("lifecycle/CloseTunnel/others-stay-open", rules.OPEN)
def others_stay_open(script: Script) -> None:
    """Closing a tunnel leaves the others open."""
    script.open()
    script.open()
    script.shut(script.open())
    script.describe("t1")
    script.describe("t2")


@directed("lifecycle/CloseTunnel/others-stay", rules.KEPT)
def others_stay(script: Script) -> None:
    """Deleting a tunnel leaves the others."""
    script.open()
    script.open()
    script.shut("t1")
    script.shut("t2", delete=True)
    script.describe("t1")


@directed("lifecycle/CloseTunnel/stays-closed", rules.CLOSED)
def stays_closed(script: Script) -> None:
    """A closed tunnel stays closed, whatever is done to it, and whether that is refused or not."""
    script.shut(script.open())
    script.tag("t1", {"Site": "Hall 3"})
    script.untag("t1", "Site")
    script.call("RotateTunnelAccessToken", {"tunnelId": script.named("t1", "tunnelId"), "clientMode": "ALL"})
    script.describe("t1")
    script.shut("t1")
    script.describe("t1")


@directed("lifecycle/RotateTunnelAccessToken/others-as-they-were", *_DESCRIBED, rules.OPEN)
def rotation_leaves_others(script: Script) -> None:
    """Rotating the tokens of a tunnel changes nothing of another."""
    _whole(script)
    script.rotate(script.open(), "DESTINATION", destinationConfig={"services": ["RDP"]})
    script.describe("t1")


def _deleted(script: Script) -> str:
    script.shut(script.open(), delete=True)
    return "t1"


@directed("lifecycle/CloseTunnel/deleted-unknown", rules.GONE)
def close_deleted(script: Script) -> None:
    """Closing a deleted tunnel finds no such tunnel."""
    script.shut(_deleted(script))


@directed("lifecycle/RotateTunnelAccessToken/deleted-unknown", rules.GONE)
def rotate_deleted(script: Script) -> None:
    """Rotating the tokens of a deleted tunnel finds no such tunnel."""
    script.rotate(_deleted(script), "ALL")


@directed("lifecycle/ListTagsForResource/deleted-unknown", rules.GONE)
def list_tags_of_deleted(script: Script) -> None:
    """Listing the tags of a deleted tunnel finds no such tunnel."""
    script.tags(_deleted(script))


@directed("lifecycle/TagResource/deleted-unknown", rules.GONE)
def tag_deleted(script: Script) -> None:
    """Tagging a deleted tunnel finds no such tunnel."""
    script.tag(_deleted(script), {"Site": "Hall 3"})


@directed("lifecycle/UntagResource/deleted-unknown", rules.GONE)
def untag_deleted(script: Script) -> None:
    """Untagging a deleted tunnel finds no such tunnel."""
    script.untag(_deleted(script), "Site")
