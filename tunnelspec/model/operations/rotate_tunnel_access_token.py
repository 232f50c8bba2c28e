"""RotateTunnelAccessToken replaces the access tokens of one end or of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.access_tokens import check_new, issued
from tunnelspec.model.members import Members, shown
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, State, Tunnel


class RotateTunnelAccessToken(TunnelOperation):
    """The tunnel itself stays as it is."""

    def check_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, Any], output: Members, now: float
    ) -> Iterator[Mismatch]:
        """New tokens as the client mode has them, and the tunnel's ARN."""
        mode, tokens = body["clientMode"], issued(state, self.name, output)
        due = state.contract.operations[self.name].input.at("clientMode").returns.get(mode)
        if due is not None and set(tokens) != set(due):
            yield Mismatch(rules.EXACTLY, f"{mode} must return {_listed(due)}", f"the response has {_listed(tokens)}")
        arn = output.get("tunnelArn")
        if arn is None:
            yield Mismatch(rules.ROTATED_WITH_ARN, f"tunnelArn should be {tunnel.arn}", "there is no tunnelArn")
        elif arn != tunnel.arn:
            yield Mismatch(rules.ROTATED_ARN, f"tunnelArn must be {tunnel.arn}", f"tunnelArn is {shown(arn)}")
        yield from check_new(tokens, state, rules.ROTATED)

    def update_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> None:
        """AWS's sources do not say whether a new destination shows in DescribeTunnel."""
        state.tokens.update(issued(state, self.name, output).values())
        if body.get("destinationConfig"):
            tunnel.destination = UNKNOWN


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names) or "no access token"
