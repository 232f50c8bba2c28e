"""A tunnel from OpenTunnel to CloseTunnel: what DescribeTunnel returns of it at each stage."""

from __future__ import annotations

from tunnelspec.contract.minimal import plain_text
from tunnelspec.exchange import Live
from tunnelspec.model import Mismatch, rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario

_DESCRIBED = (rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.BOTH, rules.CONNECTION)


def _echo(client: ScenarioClient, text: str) -> None:
    client.describe(client.open(description=text))


def _whole(client: ScenarioClient, **members: object) -> str:
    """A tunnel with every member of OpenTunnel but a thing."""
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
    """Each OpenTunnel must create another tunnel, also with the same arguments."""
    client.open(description="pump 7")
    client.open(description="pump 7")


@scenario("lifecycle/OpenTunnel/open", rules.OPEN, requirement="A tunnel must be OPEN right after OpenTunnel.")
@scenario(
    "lifecycle/DescribeTunnel/disconnected",
    rules.CONNECTION,
    requirement="Both connection states must be DISCONNECTED until a client connects.",
)
@scenario(
    "lifecycle/DescribeTunnel/no-description",
    rules.DESCRIPTION,
    requirement="A tunnel opened without a description must have none.",
)
@scenario(
    "lifecycle/DescribeTunnel/updated-after-created",
    rules.ORDERED,
    requirement="The last update must not precede the creation.",
)
def opened(client: ScenarioClient) -> None:
    """A tunnel right after OpenTunnel."""
    client.describe(client.open())


@scenario(
    "lifecycle/DescribeTunnel/connection-status",
    rules.DOCUMENTED,
    requirement="DescribeTunnel should return a status of both connections, before and after CloseTunnel.",
)
@scenario(
    "lifecycle/DescribeTunnel/seconds",
    rules.SECONDS,
    requirement="Timestamps must be seconds since 1970-01-01T00:00Z, for an OPEN and for a CLOSED tunnel.",
)
@scenario("lifecycle/CloseTunnel/closed", rules.CLOSED, requirement="A tunnel must be CLOSED after CloseTunnel.")
@scenario(
    "lifecycle/CloseTunnel/describable",
    rules.KEPT,
    requirement="DescribeTunnel must return a tunnel after CloseTunnel.",
)
def opened_and_closed(client: ScenarioClient) -> None:
    """A tunnel before and after CloseTunnel."""
    client.describe(client.open())
    client.close_tunnel("t1")
    client.describe("t1")


@scenario("lifecycle/OpenTunnel/null-members", rules.DESCRIPTION, rules.DESTINATION, rules.DEFAULT, rules.NOTHING_ELSE)
def null_members(client: ScenarioClient) -> None:
    """OpenTunnel must treat a null member as absent."""
    client.describe(client.open(description=None, tags=None, destinationConfig=None, timeoutConfig=None))
    client.list_tags("t1")


@scenario("lifecycle/OpenTunnel/null-inner-members", rules.DESTINATION, rules.DEFAULT)
def null_inner_members(client: ScenarioClient) -> None:
    """OpenTunnel must treat a null member of a structure as absent."""
    destination = {"services": ["SSH"], "thingName": None}
    client.describe(client.open(destinationConfig=destination, timeoutConfig={"maxLifetimeTimeoutMinutes": None}))


@scenario("lifecycle/RotateTunnelAccessToken/null-destination", rules.DESTINATION)
def null_destination(client: ScenarioClient) -> None:
    """RotateTunnelAccessToken must treat a null destination as absent."""
    client.rotate(client.open(destinationConfig={"services": ["SSH"]}), "ALL", destinationConfig=None)
    client.rotate("t1", "SOURCE")
    # A destination may be rejected beside the source alone; a null one is none.
    client.call(
        "RotateTunnelAccessToken",
        {"tunnelId": Live("t1", "tunnelId"), "clientMode": "SOURCE", "destinationConfig": None},
    )
    if not client.calls[-1].response.accepted:
        requirement = "a rotation must succeed with a null destination where it succeeds without one"
        client.mismatch(Mismatch(rules.DESTINATION, requirement, client.calls[-1].response.summary))
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/identity", rules.SAME)
def identity(client: ScenarioClient) -> None:
    """DescribeTunnel must return the tunnelId and the ARN that OpenTunnel returned."""
    client.open()
    client.describe(client.open())
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/description-spaces", rules.DESCRIPTION)
def description_spaces(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description with its leading, trailing and repeated spaces."""
    _echo(client, "  pump   7  ")


@scenario("lifecycle/DescribeTunnel/description-case", rules.DESCRIPTION)
def description_case(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description in its letter case."""
    _echo(client, "Pump SIEBEN, große İ ǅ")


@scenario("lifecycle/DescribeTunnel/description-normalisation", rules.DESCRIPTION)
def description_normalisation(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description code point for code point, without Unicode normalization."""
    _echo(client, "e\u0301 \u00e9 \ufb01 \u212b \u2126 \u00bd")


@scenario("lifecycle/DescribeTunnel/description-markup", rules.DESCRIPTION)
def description_markup(client: ScenarioClient) -> None:
    """DescribeTunnel must return characters that are special in HTML, JSON, URLs or SQL unescaped."""
    _echo(client, "<b>&amp; \"quoted\" \\n \\u0041 %41+ 'x'; -- ${y}")


@scenario("lifecycle/DescribeTunnel/description-scripts", rules.DESCRIPTION)
def description_scripts(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description in any script."""
    _echo(client, "Größe, насос, 泵, משאבה, पंप")


@scenario("lifecycle/DescribeTunnel/description-astral", rules.DESCRIPTION)
def description_astral(client: ScenarioClient) -> None:
    """DescribeTunnel must return characters beyond the Basic Multilingual Plane."""
    _echo(client, "\U0001d518 \U00020000 \U0001d11e")


@scenario("lifecycle/DescribeTunnel/description-separators", rules.DESCRIPTION)
def description_separators(client: ScenarioClient) -> None:
    """DescribeTunnel must return line separators, no-break spaces and wide spaces as they were given."""
    _echo(client, "a\u2028b\u2029c\u00a0d\u3000e")


@scenario("lifecycle/DescribeTunnel/description-length", rules.DESCRIPTION)
def description_length(client: ScenarioClient) -> None:
    """DescribeTunnel must return the longest description in full."""
    member = client.session.contract.operations["OpenTunnel"].input.at("description")
    longest = (member.pattern.lengths[1] if member.pattern else None) or 1024
    _echo(client, plain_text(member, longest - 1) + "z")


@scenario("lifecycle/DescribeTunnel/description-words", rules.DESCRIPTION)
def description_words(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description that a language or a database takes for false, absent or a number."""
    for word in ("007", "false", "null", "[1]"):
        _echo(client, word)


@scenario("lifecycle/DescribeTunnel/services", rules.DESTINATION)
def services(client: ScenarioClient) -> None:
    """DescribeTunnel must return the services of the destination."""
    client.describe(client.open(destinationConfig={"services": ["SSH", "ssh", "a_b:c-1"]}))


@scenario("lifecycle/DescribeTunnel/services-order", rules.ORDER)
def services_order(client: ScenarioClient) -> None:
    """DescribeTunnel should return services in the order in which they were given."""
    client.describe(client.open(destinationConfig={"services": ["VNC", "RDP", "SSH"]}))


@scenario("lifecycle/DescribeTunnel/services-repeated", rules.ORDER)
def services_repeated(client: ScenarioClient) -> None:
    """DescribeTunnel should return a service as often as it was given."""
    client.describe(client.open(destinationConfig={"services": ["SSH", "SSH", "VNC"]}))


@scenario("lifecycle/DescribeTunnel/thing", rules.DESTINATION)
def thing(client: ScenarioClient) -> None:
    """DescribeTunnel must return the thing name of the destination in its letter case."""
    client.describe(client.open(destinationConfig={"thingName": client.thing + ":A_b", "services": ["SSH"]}))


@scenario("lifecycle/DescribeTunnel/destination-length", rules.DESTINATION)
def destination_length(client: ScenarioClient) -> None:
    """DescribeTunnel must return the longest service and the longest thing name in full."""
    service, thing = (
        client.number("OpenTunnel", "destinationConfig", *path, keyword="maxLength")
        for path in (("services", "[]"), ("thingName",))
    )
    client.describe(
        client.open(
            destinationConfig={"services": ["s" * (service - 1) + "z"], "thingName": client.thing.ljust(thing, "z")}
        )
    )


@scenario("lifecycle/DescribeTunnel/lifetime", rules.TIMEOUT)
def lifetime(client: ScenarioClient) -> None:
    """DescribeTunnel must return the lifetime given to OpenTunnel."""
    client.describe(_whole(client))


@scenario("lifecycle/DescribeTunnel/default-lifetime", rules.DEFAULT)
def default_lifetime(client: ScenarioClient) -> None:
    """A lifetime that was not given must be the documented default, if it is returned."""
    client.describe(client.open(timeoutConfig={}))


@scenario("lifecycle/DescribeTunnel/created-once", rules.CREATED)
def created_once(client: ScenarioClient) -> None:
    """The creation time must be the same in every response."""
    described = client.describe(client.open())
    # A time in whole seconds changes once a second.
    in_seconds = isinstance(described.get("createdAt"), int)
    client.sleep(1.05 if in_seconds else 0.01)
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/created-for-good", rules.CREATED)
def created_for_good(client: ScenarioClient) -> None:
    """No call must change the creation time of a tunnel."""
    client.describe(client.open())
    client.sleep(0.005)
    client.tag("t1", {"Site": "Hall 3"})
    client.close_tunnel("t1")
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/updated-forward", rules.UPDATED)
def updated_forward(client: ScenarioClient) -> None:
    """The time of the last update must not go back."""
    client.describe(client.open())
    client.sleep(0.005)
    client.close_tunnel("t1")
    client.describe("t1")
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete-false", rules.KEPT)
def delete_false(client: ScenarioClient) -> None:
    """DescribeTunnel must return a tunnel after CloseTunnel with `delete` false."""
    client.close_tunnel(client.open(), delete=False)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete-null", rules.KEPT)
def delete_null(client: ScenarioClient) -> None:
    """CloseTunnel must treat a null `delete` as absent."""
    client.close_tunnel(client.open(), delete=None)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete", rules.GONE)
def delete(client: ScenarioClient) -> None:
    """CloseTunnel with `delete` true must delete the tunnel immediately."""
    client.close_tunnel(_whole(client), delete=True)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/delete-closed", rules.GONE)
def delete_closed(client: ScenarioClient) -> None:
    """If CloseTunnel with `delete` true succeeds on a CLOSED tunnel, it must delete the tunnel."""
    client.close_tunnel(client.open())
    if client.close_tunnel("t1", delete=True).accepted:
        client.describe("t1")


@scenario("lifecycle/CloseTunnel/keeps-the-rest", *_DESCRIBED)
def keeps_the_rest(client: ScenarioClient) -> None:
    """CloseTunnel must not change what OpenTunnel was given."""
    client.close_tunnel(_whole(client))
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/others-stay-open", rules.OPEN)
def others_stay_open(client: ScenarioClient) -> None:
    """CloseTunnel must not close other tunnels."""
    client.open()
    client.open()
    client.close_tunnel(client.open())
    client.describe("t1")
    client.describe("t2")


@scenario("lifecycle/CloseTunnel/others-stay", rules.KEPT)
def others_stay(client: ScenarioClient) -> None:
    """CloseTunnel with `delete` true must not delete other tunnels."""
    client.open()
    client.open()
    client.close_tunnel("t1")
    client.close_tunnel("t2", delete=True)
    client.describe("t1")


@scenario("lifecycle/CloseTunnel/stays-closed", rules.CLOSED)
def stays_closed(client: ScenarioClient) -> None:
    """A CLOSED tunnel must stay CLOSED, whatever is called on it."""
    client.close_tunnel(client.open())
    client.tag("t1", {"Site": "Hall 3"})
    client.untag("t1", "Site")
    client.call("RotateTunnelAccessToken", {"tunnelId": Live("t1", "tunnelId"), "clientMode": "ALL"})
    client.describe("t1")
    client.close_tunnel("t1")
    client.describe("t1")


@scenario("lifecycle/RotateTunnelAccessToken/others-as-they-were", *_DESCRIBED, rules.OPEN)
def rotation_leaves_others(client: ScenarioClient) -> None:
    """RotateTunnelAccessToken must not change other tunnels."""
    _whole(client)
    client.rotate(client.open(), "DESTINATION", destinationConfig={"services": ["RDP"]})
    client.describe("t1")


def _deleted(client: ScenarioClient) -> str:
    client.close_tunnel(client.open(), delete=True)
    return "t1"


@scenario("lifecycle/CloseTunnel/deleted-unknown", rules.GONE)
def close_deleted(client: ScenarioClient) -> None:
    """CloseTunnel on a deleted tunnel must not bring it back."""
    client.close_tunnel(_deleted(client))
    client.describe("t1")


@scenario("lifecycle/RotateTunnelAccessToken/deleted-unknown", rules.GONE)
def rotate_deleted(client: ScenarioClient) -> None:
    """RotateTunnelAccessToken must fail with ResourceNotFoundException for a deleted tunnel."""
    client.rotate(_deleted(client), "ALL")


@scenario("lifecycle/ListTagsForResource/deleted-unknown", rules.GONE)
def list_tags_of_deleted(client: ScenarioClient) -> None:
    """ListTagsForResource must fail with ResourceNotFoundException for a deleted tunnel."""
    client.list_tags(_deleted(client))


@scenario("lifecycle/TagResource/deleted-unknown", rules.GONE)
def tag_deleted(client: ScenarioClient) -> None:
    """TagResource must fail with ResourceNotFoundException for a deleted tunnel."""
    client.tag(_deleted(client), {"Site": "Hall 3"})


@scenario("lifecycle/UntagResource/deleted-unknown", rules.GONE)
def untag_deleted(client: ScenarioClient) -> None:
    """UntagResource must fail with ResourceNotFoundException for a deleted tunnel."""
    client.untag(_deleted(client), "Site")
