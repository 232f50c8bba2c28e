"""What a run needs of a journal: creations and deletions are written down before they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from tunnelspec.ownership.settlement import Log


class Ledger(Log, Protocol):
    """Where creations and deletions are written down before they are sent."""

    def existing(self, identifiers: Iterable[Mapping[str, str]]) -> None:
        """Called with what exists before the run creates anything."""

    def creating(self, resource: str, body: bytes) -> int:
        """Called before a request that could create a resource; the number that stands for it."""

    def created(self, number: int, identifiers: Mapping[str, str]) -> bool:
        """Called with what it created; whether these identifiers may be used."""

    def not_created(self, number: int, proof: str) -> None:
        """Called when it is proved to have created nothing."""

    def unknown(self, number: int, why: str, status: int = 0) -> None:
        """Called when it may have created something; `status` is 0 without a response."""

    def doubted(self, identifiers: Mapping[str, str], why: str) -> None:
        """Called when what names one of these is not provably the run's any more."""

    def closing(self, identifiers: Mapping[str, str]) -> None:
        """Called before a resource is deleted."""

    def closed(self, identifiers: Mapping[str, str], proof: str) -> None:
        """Called when a resource is proved to be gone."""
