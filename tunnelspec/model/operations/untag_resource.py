"""UntagResource removes tags from a tunnel by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.members import Members
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.state import State, Tunnel


class UntagResource(TunnelOperation):
    """That a key which is not there is ignored is only inferred from AWS's sources, hence a SHOULD."""

    def acceptance(self, state: State, body: Mapping[str, Any]) -> rules.Rule:
        """A weaker rule where a key is not there."""
        tunnel = state.find(body)
        absent = tunnel is None or not set(body["tagKeys"]) <= tunnel.tags.keys()
        return rules.ABSENT_KEY if absent else rules.ACCEPTED

    def update_tunnel(self, state: State, tunnel: Tunnel, body: Mapping[str, Any], output: Members, now: float) -> None:
        """Remove the keys."""
        for key in body["tagKeys"]:
            if tunnel.tags.pop(key, None) is not None:
                tunnel.untagged.add(key)
