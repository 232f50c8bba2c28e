"""OpenTunnel creates a tunnel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.access_tokens import check_new, issued
from tunnelspec.model.members import Members, shown, text
from tunnelspec.model.operation import OperationModel
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import State, Tunnel

#: A tunnel this near to the end of its lifetime, in seconds, may be OPEN or CLOSED.
_SLACK_S = 5.0


class OpenTunnel(OperationModel):
    """Each call creates another tunnel and issues its two access tokens."""

    def check_output(self, state: State, body: Mapping[str, Any], output: Members, now: float) -> Iterator[Mismatch]:
        """Identifiers and access tokens are new."""
        arns = {tunnel.arn for tunnel in state.tunnels.values()}
        if text(output, "tunnelId") in state.tunnels or text(output, "tunnelArn") in arns:
            requirement = "tunnelId and tunnelArn must name a new tunnel"
            yield Mismatch(rules.NEW, requirement, "they name a tunnel that was opened before")
        yield from check_new(issued(state, self.name, output), state, rules.NEW_TOKENS)
        name, arn = text(output, "tunnelId"), text(output, "tunnelArn")
        if name and arn and not _is_arn(arn, state.region, name):
            form = f"arn:<partition>:iot:{state.region or '<region>'}:<account>:tunnel/<tunnelId>"
            yield Mismatch(rules.ARN_FORM, f"tunnelArn should be {form}", f"tunnelArn is {shown(arn)}")

    def update(self, state: State, body: Mapping[str, Any], output: Members, now: float) -> None:
        """Add the tunnel. Null members count as absent."""
        state.tokens.update(issued(state, self.name, output).values())
        name, arn = text(output, "tunnelId"), text(output, "tunnelArn")
        if name is None or arn is None or name in state.tunnels:
            return
        minutes = (body.get("timeoutConfig") or {}).get("maxLifetimeTimeoutMinutes")
        tags = body.get("tags") or []
        values = {tag["key"]: tag["value"] for tag in tags}
        tunnel = state.tunnels[name] = Tunnel(
            len(state.tunnels),
            name,
            arn,
            now + (minutes or state.default_minutes) * 60 - _SLACK_S,
            description=body.get("description"),
            destination=body.get("destinationConfig"),
            timeout_minutes=minutes,
            tags=values,
            tags_known=len(tags) == len(values) <= state.max_tags,
        )
        state.change(tunnel)


def _is_arn(arn: str, region: str, name: str) -> bool:
    """Whether an ARN names this tunnel, in this region if it is known."""
    parts = arn.split(":", 5)
    return (
        len(parts) == 6
        and all(parts[1:5])
        and (parts[0], parts[2], parts[5]) == ("arn", "iot", f"tunnel/{name}")
        and region in ("", parts[3])
    )
