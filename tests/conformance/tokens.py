"""Access tokens: new, for the right end, and returned once."""

from __future__ import annotations

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario


@scenario(
    "tokens/OpenTunnel/non-empty",
    rules.NON_EMPTY,
    requirement="OpenTunnel must return an access token for each end, and neither must be empty.",
)
@scenario(
    "tokens/OpenTunnel/sides-differ",
    rules.SIDES,
    requirement="OpenTunnel must return different access tokens for source and destination.",
)
@scenario(
    "tokens/OpenTunnel/new-each-time",
    rules.NEW_TOKENS,
    requirement="OpenTunnel must return access tokens that no other tunnel had.",
)
def opened(client: ScenarioClient) -> None:
    """The tokens of several tunnels."""
    for _ in range(3):
        client.open()


@scenario(
    "tokens/RotateTunnelAccessToken/source-alone",
    rules.EXACTLY,
    requirement="Rotation with SOURCE must return a source token and no destination token.",
)
@scenario(
    "tokens/RotateTunnelAccessToken/source-new",
    rules.ROTATED,
    requirement="Rotation must return a new source token.",
)
def rotated_source(client: ScenarioClient) -> None:
    """The token of the source alone."""
    client.rotate(client.open(), "SOURCE")


@scenario(
    "tokens/RotateTunnelAccessToken/destination-alone",
    rules.EXACTLY,
    requirement="Rotation with DESTINATION must return a destination token and no source token.",
)
@scenario(
    "tokens/RotateTunnelAccessToken/destination-new",
    rules.ROTATED,
    requirement="Rotation must return a new destination token.",
)
def rotated_destination(client: ScenarioClient) -> None:
    """The token of the destination alone."""
    client.rotate(client.open(), "DESTINATION")


@scenario(
    "tokens/RotateTunnelAccessToken/all-both",
    rules.EXACTLY,
    requirement="Rotation with ALL must return a token for each end.",
)
@scenario(
    "tokens/RotateTunnelAccessToken/sides-differ",
    rules.SIDES,
    requirement="Rotation must return different tokens for source and destination.",
)
@scenario(
    "tokens/RotateTunnelAccessToken/non-empty",
    rules.NON_EMPTY,
    requirement="Rotation must not return an empty token.",
)
@scenario(
    "tokens/RotateTunnelAccessToken/never-again",
    rules.ROTATED,
    requirement="Rotation must not return a token of an earlier rotation.",
)
def rotated_both(client: ScenarioClient) -> None:
    """Both tokens, several times."""
    client.open()
    for _ in range(3):
        client.rotate("t1", "ALL")


@scenario("tokens/RotateTunnelAccessToken/arn", rules.ROTATED_ARN, rules.ROTATED_WITH_ARN)
def rotated_arn(client: ScenarioClient) -> None:
    """Rotation must return the ARN of the tunnel that is named."""
    client.open()
    client.open()
    client.rotate("t1", "ALL")


@scenario(
    "tokens/RotateTunnelAccessToken/lifetime",
    *(rules.TIMEOUT, rules.DEFAULT, rules.CREATED, rules.OPEN),
    requirement="Rotation must not extend the lifetime of a tunnel.",
)
@scenario(
    "tokens/DescribeTunnel/untold",
    checks=("secrets/not-again",),
    requirement="DescribeTunnel must not return an access token, also not a rotated one.",
)
def described_and_rotated(client: ScenarioClient) -> None:
    """A tunnel before and after a rotation."""
    client.describe(client.open(timeoutConfig={"maxLifetimeTimeoutMinutes": client.lifetime}))
    client.sleep(0.005)
    client.rotate("t1", "ALL")
    client.describe("t1")


@scenario(
    "tokens/RotateTunnelAccessToken/keeps-the-rest",
    *(rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.STORED, rules.BOTH),
)
def rotated_rest(client: ScenarioClient) -> None:
    """Rotation must not change description, tags and a destination that it does not name; it must not end tagging."""
    tunnel = client.open_whole()
    for mode in ("SOURCE", "DESTINATION"):
        client.rotate(tunnel, mode)
    client.tag(tunnel, {"Line": "2"})
    client.describe(tunnel)
    client.rotate(tunnel, "ALL", destinationConfig={"services": ["VNC"]})
    client.rotate(tunnel, "DESTINATION", destinationConfig={"services": ["RDP"]})
    client.describe(tunnel)
    client.list_tags(tunnel)


@scenario("tokens/DescribeTunnel/untold-in-errors", checks=("secrets/not-in-errors",))
def not_returned_in_errors(client: ScenarioClient) -> None:
    """An error about a tunnel must not contain its access token."""
    client.close_tunnel(client.open(), delete=True)
    client.describe("t1")
