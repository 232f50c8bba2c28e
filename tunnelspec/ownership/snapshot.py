"""Caches what a target has: each list, tag and description is read once, however many decisions need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.ownership.inventory import Inventory, Listed, Send, Unreadable
from tunnelspec.strict_json import Json

#: The identifiers of a resource, sorted.
Key: TypeAlias = "tuple[tuple[str, str], ...]"


class Snapshot:
    """Lists, tags and descriptions, kept. `notes` are sentences about what cannot be read."""

    def __init__(self, contract: Contract, send: Send, notes: list[str]) -> None:
        self._contract = contract
        self._send = send
        self._notes = notes
        self._rows: dict[str, list[Listed] | None] = {}
        self._runs: dict[Key, str] = {}
        self._descriptions: dict[Key, Mapping[str, Json] | None] = {}

    def inventory(self, resource: Resource) -> Inventory:
        """Reads a kind of resource as it is now."""
        return Inventory(self._contract, resource, self._send)

    def listed(self, resource: Resource) -> list[Listed] | None:
        """Every resource of a kind; None where it cannot be listed."""
        if resource.name not in self._rows:
            try:
                self._rows[resource.name] = self.inventory(resource).all()
            except Unreadable as problem:
                self._rows[resource.name] = None
                if str(problem) not in self._notes:
                    self._notes.append(str(problem))
        return self._rows[resource.name]

    def list_again(self) -> None:
        """Forget the lists, so that they are read again."""
        self._rows.clear()

    def shows(self, resource: Resource, identifiers: Mapping[str, str]) -> bool:
        """Whether a list shows what is described as gone; one that was read before it went is read again."""
        if not self._lists(resource, identifiers):
            return False
        self._rows.pop(resource.name)
        return self._lists(resource, identifiers)

    def run_of(self, resource: Resource, row: Listed) -> str:
        """The id of the run whose tag a resource carries; empty if it carries none, or that cannot be read."""
        identifiers = key(row.identifiers)
        if identifiers not in self._runs:
            try:
                self._runs[identifiers] = self.inventory(resource).run_of(row.identifiers)
            except Unreadable:
                self._runs[identifiers] = ""
        return self._runs[identifiers]

    def described(self, resource: Resource, row: Listed) -> Mapping[str, Json] | None:
        """How a resource is described; None where it is not."""
        identifiers = key(row.identifiers)
        if identifiers not in self._descriptions:
            try:
                self._descriptions[identifiers] = self.inventory(resource).one(row.identifiers)
            except Unreadable:
                self._descriptions[identifiers] = None
        return self._descriptions[identifiers]

    def _lists(self, resource: Resource, identifiers: Mapping[str, str]) -> bool:
        values = set(identifiers.values())
        return any(not values.isdisjoint(row.identifiers.values()) for row in self.listed(resource) or ())


def key(identifiers: Mapping[str, str]) -> Key:
    """What names a resource, whatever the order of its identifiers."""
    return tuple(sorted(identifiers.items()))
