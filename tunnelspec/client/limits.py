"""Bounds of one call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds from the start of a call to the last byte read, of which connecting to one address may take
    `connect_s`; bytes of a body once its content coding is undone; bytes of a head, of trailers and of a
    chunk's first line; interim responses (status 1xx).
    """

    call_s: float = 10.0
    connect_s: float = 5.0
    body_bytes: int = 4 * 2**20
    head_bytes: int = 2**18
    interim: int = 16

    @property
    def wire_bytes(self) -> int:
        """Bytes of one response in all: chunks double a body at most where they are of any use."""
        return (self.interim + 1) * self.head_bytes + 2 * self.body_bytes
