"""RotateTunnelAccessToken replaces the access tokens of one end or of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.access_tokens import ENDS, check_new, issued
from tunnelspec.model.members import Members, shown
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, State, Tunnel


class RotateTunnelAccessToken(TunnelOperation):
    """The tunnel itself stays as it is."""

    def check_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, Any], output: Members, now: float
    ) -> Iterator[Mismatch]:
        """New tokens for the ends of the client mode, and the tunnel's ARN."""
        mode, tokens = body["clientMode"], issued(output)
        ends = ENDS.get(mode)
        if ends is not None and set(tokens) != set(ends):
            requirement = f"{mode} must return {_tokens(ends)}"
            yield Mismatch(rules.EXACTLY, requirement, f"the response has {_tokens(tokens)}")
        arn = output.get("tunnelArn")
        if arn not in (None, tunnel.arn):
            yield Mismatch(rules.ROTATED_ARN, f"tunnelArn must be {tunnel.arn}", f"tunnelArn is {shown(arn)}")
        yield from check_new(output, state, rules.ROTATED)

    def update_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> None:
        """AWS's sources do not say whether a new destination shows in DescribeTunnel."""
        state.tokens.update(issued(output).values())
        if body.get("destinationConfig"):
            tunnel.destination = UNKNOWN


def _tokens(ends: tuple[str, ...] | dict[str, str]) -> str:
    return " and ".join(f"{end}AccessToken" for end in ends) or "no access token"
