"""CloseTunnel closes a tunnel, and deletes it where `delete` is true."""

from __future__ import annotations

from collections.abc import Mapping

from tunnelspec.model.operation import TunnelOperation


class CloseTunnel(TunnelOperation):
    """Two calls in the table of the lifecycle."""

    def event(self, body: Mapping[str, object]) -> str:
        """With or without `delete`."""
        return "CloseTunnel, delete" if body.get("delete") else "CloseTunnel"
