"""Access tokens: fresh, for the right end, and told once."""

from __future__ import annotations

from tunnelspec.model import rules

from .directed import directed
from .script import Script


@directed("tokens/OpenTunnel/non-empty", rules.NON_EMPTY)
def non_empty(script: Script) -> None:
    """OpenTunnel returns a token for each end, and neither is empty."""
    script.open()


@directed("tokens/OpenTunnel/sides-differ", rules.SIDES)
def sides_differ(script: Script) -> None:
    """Source and destination get different tokens."""
    script.open()


@directed("tokens/OpenTunnel/new-each-time", rules.NEW_TOKENS)
def new_each_time(script: Script) -> None:
    """Every tunnel has tokens that no other tunnel had."""
    for _ in range(3):
        script.open()


@directed("tokens/RotateTunnelAccessToken/source-alone", rules.EXACTLY)
def source_alone(script: Script) -> None:
    """SOURCE returns a token for the source and none for the destination."""
    script.rotate(script.open(), "SOURCE")


@directed("tokens/RotateTunnelAccessToken/destination-alone", rules.EXACTLY)
def destination_alone(script: Script) -> None:
    """DESTINATION returns a token for the destination and none for the source."""
    script.rotate(script.open(), "DESTINATION")


@directed("tokens/RotateTunnelAccessToken/all-both", rules.EXACTLY)
def all_both(script: Script) -> None:
    """ALL returns a token for each end."""
    script.rotate(script.open(), "ALL")


@directed("tokens/RotateTunnelAccessToken/source-new", rules.ROTATED)
def source_new(script: Script) -> None:
    """The source's token is another one after a rotation."""
    script.rotate(script.open(), "SOURCE")


@directed("tokens/RotateTunnelAccessToken/destination-new", rules.ROTATED)
def destination_new(script: Script) -> None:
    """The destination's token is another one after a rotation."""
    script.rotate(script.open(), "DESTINATION")


@directed("tokens/RotateTunnelAccessToken/never-again", rules.ROTATED)
def never_again(script: Script) -> None:
    """No rotation brings back a token of an earlier one."""
    script.open()
    for _ in range(3):
        script.rotate("t1", "ALL")


@directed("tokens/RotateTunnelAccessToken/sides-differ", rules.SIDES)
def rotated_sides_differ(script: Script) -> None:
    """A rotation gives source and destination different tokens."""
    script.rotate(script.open(), "ALL")


@directed("tokens/RotateTunnelAccessToken/non-empty", rules.NON_EMPTY)
def rotated_non_empty(script: Script) -> None:
    """A rotation returns no empty token."""
    script.rotate(script.open(), "ALL")


@directed("tokens/RotateTunnelAccessToken/arn", rules.ROTATED_ARN)
def rotated_arn(script: Script) -> None:
    """A rotation returns the ARN of the tunnel that was named, not of another."""
    script.open()
    script.open()
    script.rotate("t1", "ALL")


@directed("tokens/RotateTunnelAccessToken/lifetime", rules.TIMEOUT, rules.DEFAULT, rules.CREATED, rules.OPEN)
def rotated_lifetime(script: Script) -> None:
    """A rotation does not make a tunnel live longer, nor is the tunnel a new one."""
    minutes = script.number("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes") // 2
    script.describe(script.open(timeoutConfig={"maxLifetimeTimeoutMinutes": minutes}))
    script.sleep(0.005)
    script.rotate("t1", "ALL")
    script.describe("t1")


@directed("tokens/RotateTunnelAccessToken/keeps-the-rest", rules.DESCRIPTION, rules.DESTINATION, rules.BOTH)
def rotated_rest(script: Script) -> None:
    """A rotation that names no destination changes neither description, destination nor tags."""
    script.open(
        description="pump 7",
        destinationConfig={"services": ["SSH", "VNC"]},
        tags=[{"key": "Site", "value": "Hall 3"}],
    )
    script.rotate("t1", "ALL")
    script.describe("t1")


@directed("tokens/DescribeTunnel/untold", checks=("secrets/not-again",))
def untold_by_describe(script: Script) -> None:
    """DescribeTunnel tells no access token, neither a first one nor a rotated one."""
    script.describe(script.open())
    script.rotate("t1", "ALL")
    script.describe("t1")


@directed("tokens/ListTunnels/untold", checks=("secrets/not-again",))
def untold_by_list(script: Script) -> None:
    """ListTunnels tells no access token."""
    script.open()
    script.page()


@directed("tokens/ListTagsForResource/untold", checks=("secrets/not-again",))
def untold_by_tags(script: Script) -> None:
    """ListTagsForResource tells no access token."""
    script.tags(script.open(tags=[{"key": "Site", "value": "Hall 3"}]))


@directed("tokens/DescribeTunnel/untold-in-errors", checks=("secrets/not-in-errors",))
def untold_in_errors(script: Script) -> None:
    """An error about a tunnel tells no access token of it."""
    script.shut(script.open(), delete=True)
    script.describe("t1")
