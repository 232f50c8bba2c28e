"""Access tokens: fresh, for the right end, and told once."""

from __future__ import annotations

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario


@scenario("tokens/OpenTunnel/non-empty", rules.NON_EMPTY)
def non_empty(client: ScenarioClient) -> None:
    """OpenTunnel returns a token for each end, and neither is empty."""
    client.open()


@scenario("tokens/OpenTunnel/sides-differ", rules.SIDES)
def sides_differ(client: ScenarioClient) -> None:
    """Source and destination get different tokens."""
    client.open()


@scenario("tokens/OpenTunnel/new-each-time", rules.NEW_TOKENS)
def new_each_time(client: ScenarioClient) -> None:
    """Every tunnel has tokens that no other tunnel had."""
    for _ in range(3):
        client.open()


@scenario("tokens/RotateTunnelAccessToken/source-alone", rules.EXACTLY)
def source_alone(client: ScenarioClient) -> None:
    """SOURCE returns a token for the source and none for the destination."""
    client.rotate(client.open(), "SOURCE")


@scenario("tokens/RotateTunnelAccessToken/destination-alone", rules.EXACTLY)
def destination_alone(client: ScenarioClient) -> None:
    """DESTINATION returns a token for the destination and none for the source."""
    client.rotate(client.open(), "DESTINATION")


@scenario("tokens/RotateTunnelAccessToken/all-both", rules.EXACTLY)
def all_both(client: ScenarioClient) -> None:
    """ALL returns a token for each end."""
    client.rotate(client.open(), "ALL")


@scenario("tokens/RotateTunnelAccessToken/source-new", rules.ROTATED)
def source_new(client: ScenarioClient) -> None:
    """The source's token is another one after a rotation."""
    client.rotate(client.open(), "SOURCE")


@scenario("tokens/RotateTunnelAccessToken/destination-new", rules.ROTATED)
def destination_new(client: ScenarioClient) -> None:
    """The destination's token is another one after a rotation."""
    client.rotate(client.open(), "DESTINATION")


@scenario("tokens/RotateTunnelAccessToken/never-again", rules.ROTATED)
def never_again(client: ScenarioClient) -> None:
    """No rotation brings back a token of an earlier one."""
    client.open()
    for _ in range(3):
        client.rotate("t1", "ALL")


@scenario("tokens/RotateTunnelAccessToken/sides-differ", rules.SIDES)
def rotated_sides_differ(client: ScenarioClient) -> None:
    """A rotation gives source and destination different tokens."""
    client.rotate(client.open(), "ALL")


@scenario("tokens/RotateTunnelAccessToken/non-empty", rules.NON_EMPTY)
def rotated_non_empty(client: ScenarioClient) -> None:
    """A rotation returns no empty token."""
    client.rotate(client.open(), "ALL")


@scenario("tokens/RotateTunnelAccessToken/arn", rules.ROTATED_ARN)
def rotated_arn(client: ScenarioClient) -> None:
    """A rotation returns the ARN of the tunnel that was named, not of another."""
    client.open()
    client.open()
    client.rotate("t1", "ALL")


@scenario("tokens/RotateTunnelAccessToken/lifetime", rules.TIMEOUT, rules.DEFAULT, rules.CREATED, rules.OPEN)
def rotated_lifetime(client: ScenarioClient) -> None:
    """A rotation does not make a tunnel live longer, nor is the tunnel a new one."""
    minutes = client.number("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes") // 2
    client.describe(client.open(timeoutConfig={"maxLifetimeTimeoutMinutes": minutes}))
    client.sleep(0.005)
    client.rotate("t1", "ALL")
    client.describe("t1")


@scenario("tokens/RotateTunnelAccessToken/keeps-the-rest", rules.DESCRIPTION, rules.DESTINATION, rules.BOTH)
def rotated_rest(client: ScenarioClient) -> None:
    """A rotation that names no destination changes neither description, destination nor tags."""
    client.open(
        description="pump 7",
        destinationConfig={"services": ["SSH", "VNC"]},
        tags=[{"key": "Site", "value": "Hall 3"}],
    )
    client.rotate("t1", "ALL")
    client.describe("t1")


@scenario("tokens/DescribeTunnel/untold", checks=("secrets/not-again",))
def untold_by_describe(client: ScenarioClient) -> None:
    """DescribeTunnel tells no access token, neither a first one nor a rotated one."""
    client.describe(client.open())
    client.rotate("t1", "ALL")
    client.describe("t1")


@scenario("tokens/ListTunnels/untold", checks=("secrets/not-again",))
def untold_by_list(client: ScenarioClient) -> None:
    """ListTunnels tells no access token."""
    client.open()
    client.page()


@scenario("tokens/ListTagsForResource/untold", checks=("secrets/not-again",))
def untold_by_tags(client: ScenarioClient) -> None:
    """ListTagsForResource tells no access token."""
    client.tags(client.open(tags=[{"key": "Site", "value": "Hall 3"}]))


@scenario("tokens/DescribeTunnel/untold-in-errors", checks=("secrets/not-in-errors",))
def untold_in_errors(client: ScenarioClient) -> None:
    """An error about a tunnel tells no access token of it."""
    client.shut(client.open(), delete=True)
    client.describe("t1")
