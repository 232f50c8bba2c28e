"""UntagResource removes tags from a tunnel by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.members import Members
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.state import State, Tunnel


class UntagResource(TunnelOperation):
    """That a key which is not there is ignored is only inferred from AWS's sources, hence a SHOULD.

    A target that has ignored one beside a key that is there has no reason to refuse others.
    """

    def acceptance(self, state: State, body: Mapping[str, Any]) -> rules.Rule:
        """A weaker rule where a key is not there."""
        tunnel = state.find(body)
        present, absent = _parted(tunnel, body)
        return rules.ABSENT_KEY if absent and not (present and state.ignores_absent_keys) else rules.ACCEPTED

    def update_tunnel(self, state: State, tunnel: Tunnel, body: Mapping[str, Any], output: Members, now: float) -> None:
        """Remove the keys."""
        state.ignores_absent_keys |= all(_parted(tunnel, body))
        for key in body["tagKeys"]:
            if tunnel.tags.pop(key, None) is not None:
                tunnel.untagged.add(key)


def _parted(tunnel: Tunnel | None, body: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The keys of a request that a tunnel has, and those that it does not have."""
    keys, known = set(body["tagKeys"]), tunnel.tags.keys() if tunnel is not None else set[str]()
    return keys & known, keys - known
