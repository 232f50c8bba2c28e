"""TagResource adds tags to a tunnel; a key that is there takes the new value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.model.lifecycle import Expectation
from tunnelspec.model.members import Members
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.state import State, Tunnel


class TagResource(TunnelOperation):
    """A target may reject tags beyond the quota, or keep some of them."""

    def expected(self, state: State, body: Mapping[str, Any]) -> Expectation:
        """By the status of the tunnel and the quota."""
        expectation, tunnel = super().expected(state, body), state.find(body)
        if expectation is Expectation.ACCEPT and tunnel is not None:
            return Expectation.EITHER if len({*tunnel.tags, *_keys(body)}) > state.max_tags else expectation
        return expectation

    def update_tunnel(self, state: State, tunnel: Tunnel, body: Mapping[str, Any], output: Members, now: float) -> None:
        """Add the tags."""
        tunnel.tags.update((tag["key"], tag["value"]) for tag in body["tags"])
        tunnel.untagged -= _keys(body)
        tunnel.tags_known = tunnel.tags_known and len(tunnel.tags) <= state.max_tags


def _keys(body: Mapping[str, Any]) -> set[str]:
    return {tag["key"] for tag in body["tags"]}
