"""The emulator's state: tunnels, their tags and tokens, and the end of their lifetimes."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Tunnel:
    """One tunnel. Times are epoch seconds; `closes_at` is when its lifetime ends."""

    id: str
    arn: str
    created_at: float
    updated_at: float
    closes_at: float
    number: int
    status: str = "OPEN"
    description: str | None = None
    destination: dict[str, object] | None = None
    timeout: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


class Store:
    """All tunnels of one account in one region. Not thread-safe: the emulator holds its lock."""

    def __init__(self, clock: Callable[[], float], region: str, account: str) -> None:
        self.clock = clock
        self._arn = f"arn:aws:iot:{region}:{account}:tunnel/"
        self._by_id: dict[str, Tunnel] = {}
        self._number = 0

    def open(self, lifetime_s: float) -> Tunnel:
        """A new open tunnel that closes by itself after its lifetime."""
        now = self.clock()
        self._number += 1
        name = self.new_id()
        tunnel = Tunnel(name, self._arn + name, now, now, now + lifetime_s, self._number)
        self.put(tunnel)
        return tunnel

    def new_id(self) -> str:
        """The id of a new tunnel."""
        return str(uuid.uuid4())

    def put(self, tunnel: Tunnel) -> None:
        """Store a tunnel by its id."""
        self._by_id[tunnel.id] = tunnel

    def get(self, tunnel_id: str) -> Tunnel | None:
        """The tunnel with this id, closed if its lifetime is over."""
        tunnel = self._by_id.get(tunnel_id)
        if tunnel is not None:
            self._expire(tunnel)
        return tunnel

    def by_arn(self, arn: str) -> Tunnel | None:
        """The tunnel with this ARN."""
        if not arn.startswith(self._arn):
            return None
        return self.get(arn.removeprefix(self._arn))

    def close(self, tunnel: Tunnel) -> None:
        """Close a tunnel; a closed one stays as it is."""
        if tunnel.status == "OPEN":
            tunnel.status = "CLOSED"
            tunnel.updated_at = self.clock()

    def delete(self, tunnel: Tunnel) -> None:
        """Delete a tunnel."""
        self._by_id.pop(tunnel.id, None)

    def newest_first(self) -> list[Tunnel]:
        """Every tunnel, the last opened first."""
        tunnels = list(self._by_id.values())
        for tunnel in tunnels:
            self._expire(tunnel)
        return tunnels[::-1]

    def _expire(self, tunnel: Tunnel) -> None:
        if tunnel.status == "OPEN" and self.clock() >= tunnel.closes_at:
            tunnel.status = "CLOSED"
            tunnel.updated_at = tunnel.closes_at


def new_token() -> str:
    """A new access token, in the form that AWS's have: base64url with padding."""
    return base64.urlsafe_b64encode(b"\x01\x01\x86\x00" + secrets.token_bytes(118)).decode()
