"""A tunnel from OpenTunnel to CloseTunnel: what DescribeTunnel returns of it at each stage."""

from __future__ import annotations

from tunnelspec.exchange import Live
from tunnelspec.model import Mismatch, rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario

_DESCRIBED = (rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.BOTH, rules.CONNECTION)


@scenario("lifecycle/OpenTunnel/a-tunnel-each", rules.NEW)
def a_tunnel_each(client: ScenarioClient) -> None:
    """Each OpenTunnel must create another tunnel, also with the same arguments."""
    client.open_whole()
    client.open_whole()


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
@scenario("tags/OpenTunnel/none", rules.NOTHING_ELSE, requirement="A tunnel opened without tags must have none.")
@scenario(
    "lifecycle/DescribeTunnel/updated-after-created",
    rules.ORDERED,
    requirement="The last update must not precede the creation.",
)
def opened(client: ScenarioClient) -> None:
    """A tunnel right after OpenTunnel."""
    client.describe(client.open())
    for _ in range(2):  # a read must add none
        client.list_tags("t1")


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


@scenario("lifecycle/OpenTunnel/output-members", rules.OPEN, rules.CONNECTION)
def output_members(client: ScenarioClient) -> None:
    """If OpenTunnel ignores members that it does not have, it must ignore those of its output, too."""
    client.describe(client.open(status="CLOSED", sourceConnectionState={"status": "CONNECTED"}))


@scenario("lifecycle/OpenTunnel/null-inner-members", rules.DESTINATION, rules.DEFAULT)
def null_inner_members(client: ScenarioClient) -> None:
    """OpenTunnel must treat a null member of a structure as absent."""
    destination = {"services": ["SSH"], "thingName": None}
    client.describe(client.open(destinationConfig=destination, timeoutConfig={"maxLifetimeTimeoutMinutes": None}))


@scenario("lifecycle/RotateTunnelAccessToken/null-destination", rules.DESTINATION, rules.ACCEPTED)
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
        client.mismatch(Mismatch(rules.ACCEPTED, requirement, client.calls[-1].response.summary))
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/identity", rules.SAME)
def identity(client: ScenarioClient) -> None:
    """DescribeTunnel must return the tunnelId and the ARN that OpenTunnel returned."""
    client.open()
    client.describe(client.open())
    client.describe("t1")


@scenario("lifecycle/DescribeTunnel/lifetime", rules.TIMEOUT, rules.STORED)
def lifetime(client: ScenarioClient) -> None:
    """DescribeTunnel must return the lifetime given to OpenTunnel, whatever else was given."""
    tunnel = client.open_whole()
    client.list_tags(tunnel)
    client.describe(tunnel)


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
    client.describe(client.open(description="pump 7"))
    client.sleep(0.005)
    client.tag("t1", {"Name": "pump 8", "description": "pump 9"})
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
    """CloseTunnel with `delete` true must delete the tunnel immediately, also after tokens and tags have changed."""
    tunnel = client.open_whole()
    client.tag(tunnel, {"Line": "2"})
    client.untag(tunnel, "Site")
    client.call("RotateTunnelAccessToken", {"tunnelId": Live(tunnel, "tunnelId"), "clientMode": "ALL"})
    client.describe(tunnel)
    client.close_tunnel(tunnel, delete=True)
    client.describe(tunnel)


@scenario("lifecycle/CloseTunnel/delete-closed", rules.GONE)
def delete_closed(client: ScenarioClient) -> None:
    """If CloseTunnel with `delete` true succeeds on a CLOSED tunnel, it must delete the tunnel."""
    client.close_tunnel(client.open())
    if client.close_tunnel("t1", delete=True).accepted:
        client.describe("t1")
        client.list_tags("t1")


@scenario("lifecycle/CloseTunnel/keeps-the-rest", *_DESCRIBED)
def keeps_the_rest(client: ScenarioClient) -> None:
    """CloseTunnel must not change what OpenTunnel was given."""
    tunnel = client.open_whole()
    client.call("RotateTunnelAccessToken", {"tunnelId": Live(tunnel, "tunnelId"), "clientMode": "ALL"})
    client.close_tunnel(tunnel)
    client.describe(tunnel)


@scenario("lifecycle/CloseTunnel/others-stay-open", rules.OPEN)
def others_stay_open(client: ScenarioClient) -> None:
    """CloseTunnel must not close other tunnels, also not those of the same thing."""
    *others, last = client.open_alike(3)
    client.close_tunnel(last)
    for other in others:
        client.describe(other)


@scenario("lifecycle/CloseTunnel/others-stay", rules.KEPT)
def others_stay(client: ScenarioClient) -> None:
    """CloseTunnel with `delete` true must not delete other tunnels."""
    closed, deleted = client.open_alike(2)
    client.close_tunnel(closed)
    client.close_tunnel(deleted, delete=True)
    client.describe(closed)


@scenario("lifecycle/CloseTunnel/stays-closed", rules.CLOSED)
def stays_closed(client: ScenarioClient) -> None:
    """A CLOSED tunnel must stay CLOSED, whatever is called on it."""
    client.close_tunnel(client.open())
    client.tag("t1", {"Site": "Hall 3"})
    client.untag("t1", "Site")
    # More than once: a call that is rejected must not keep what it took.
    rotations: tuple[dict[str, object], ...] = (
        {"clientMode": "ALL"},
        {"clientMode": "SOURCE"},
        {"clientMode": "DESTINATION", "destinationConfig": {"services": ["VNC"]}},
    )
    for members in rotations:
        client.call("RotateTunnelAccessToken", {"tunnelId": Live("t1", "tunnelId"), **members})
    client.describe("t1")
    client.close_tunnel("t1")
    client.describe("t1")


@scenario("lifecycle/RotateTunnelAccessToken/others-as-they-were", *_DESCRIBED, rules.OPEN)
def rotation_leaves_others(client: ScenarioClient) -> None:
    """RotateTunnelAccessToken must not change other tunnels."""
    tunnel = client.open_whole()
    client.rotate(client.open(), "DESTINATION", destinationConfig={"services": ["RDP"]})
    client.describe(tunnel)


def _deleted(client: ScenarioClient) -> str:
    client.close_tunnel(client.open(), delete=True)
    return "t1"


@scenario("lifecycle/CloseTunnel/deleted-unknown", rules.GONE)
def close_deleted(client: ScenarioClient) -> None:
    """CloseTunnel on a deleted tunnel must not bring it back, with `delete` or without."""
    client.close_tunnel(_deleted(client))
    client.close_tunnel("t1", delete=True)
    client.describe("t1")


@scenario("lifecycle/RotateTunnelAccessToken/deleted-unknown", rules.GONE)
def rotate_deleted(client: ScenarioClient) -> None:
    """RotateTunnelAccessToken must fail with ResourceNotFoundException for a deleted tunnel."""
    client.rotate(_deleted(client), "ALL")


@scenario("lifecycle/ListTagsForResource/deleted-unknown", rules.GONE)
def list_tags_of_deleted(client: ScenarioClient) -> None:
    """ListTagsForResource must fail with ResourceNotFoundException for a deleted tunnel that it knew."""
    client.list_tags(client.open())
    client.close_tunnel("t1", delete=True)
    client.list_tags("t1")


@scenario("lifecycle/TagResource/deleted-unknown", rules.GONE)
def tag_deleted(client: ScenarioClient) -> None:
    """TagResource must fail with ResourceNotFoundException for a deleted tunnel."""
    client.tag(_deleted(client), {"Site": "Hall 3"})


@scenario("lifecycle/UntagResource/deleted-unknown", rules.GONE)
def untag_deleted(client: ScenarioClient) -> None:
    """UntagResource must fail with ResourceNotFoundException for a deleted tunnel."""
    client.untag(_deleted(client), "Site")
