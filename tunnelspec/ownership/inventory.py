"""Reads what a target has: all resources of a kind, one of them, and the run whose tag it carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Discovery, Resource
from tunnelspec.exchange import Exchange, Request
from tunnelspec.ownership.identifiers import is_unknown
from tunnelspec.ownership.run_id import TAG
from tunnelspec.strict_json import Json

#: Sends a request and returns the exchange, however the target responds.
Send: TypeAlias = Callable[[Request], Exchange]
#: A list with more pages than this is taken for endless, and one with so many in a row that show nothing new.
_MOST_PAGES, _MOST_WITHOUT_NEWS = 10_000, 20
#: So many characters of identifiers and page tokens are read of one list.
_LARGEST = 2**26


class Unreadable(Exception):
    """The target does not respond as its API promises; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource in a list, and when the target says that it was created."""

    identifiers: Mapping[str, str]
    created: datetime | None


class Inventory:
    """Reads resources of one kind. Every method raises Unreadable, and what `send` raises."""

    def __init__(self, contract: Contract, resource: Resource, send: Send) -> None:
        self.resource = resource
        self._contract = contract
        self._send = send

    def all(self) -> list[Listed]:
        """Every resource, from all pages. One whose identifiers are not text is left out."""
        find = self._find()
        rows: list[Listed] = []
        body: dict[str, Json] = {}
        tokens: set[int] = set()
        known: set[str] = set()
        without_news = size = 0
        for _ in range(_MOST_PAGES):
            members = _members(self._ask(find.list, body))
            items = members.get(find.items)
            if not isinstance(items, list):
                raise Unreadable(f"{find.list} did not return a list.")
            before = len(known)
            for item in items:
                identifiers = self._identifiers(item)
                if identifiers and isinstance(item, Mapping):
                    known.update(identifiers.values())
                    size += sum(map(len, identifiers.values()))
                    rows.append(Listed(identifiers, _time(item.get(find.created))))
            token = members.get(find.page)
            if not token:
                return rows
            without_news = 0 if len(known) > before else without_news + 1
            if not isinstance(token, str) or hash(token) in tokens or without_news >= _MOST_WITHOUT_NEWS:
                break
            tokens.add(hash(token))
            size += len(token)
            if size > _LARGEST:
                break
            body = {find.page: token}
        raise Unreadable(f"{find.list} has no last page.")

    def one(self, identifiers: Mapping[str, str]) -> Mapping[str, Json] | None:
        """A resource as it is described; None if the target says that there is no such resource."""
        find = self._find()
        exchange = self._ask(find.describe, self.resource.named(find.describe_body, identifiers))
        if is_unknown(exchange, self._contract):
            return None
        item = _members(exchange).get(find.item)
        if not isinstance(item, Mapping):
            raise Unreadable(f"{find.describe} did not return a description.")
        return item

    def run_of(self, identifiers: Mapping[str, str]) -> str:
        """The id of the run whose tag a resource carries; empty if it carries none."""
        find = self._find()
        tags = _members(self._ask(find.tags, self.resource.named(find.tags_body, identifiers))).get(find.tag_items)
        for tag in tags if isinstance(tags, list) else ():
            value = tag.get("value") if isinstance(tag, Mapping) and tag.get("key") == self.resource.tag else None
            if isinstance(value, str) and TAG.fullmatch(value):
                return value
        return ""

    def created(self, described: Mapping[str, Json]) -> datetime | None:
        """When a described resource was created, where it says so."""
        return _time(described.get(self._find().created))

    def names(self, described: Mapping[str, Json], identifiers: Mapping[str, str]) -> bool:
        """Whether a description is of the resource with exactly these identifiers."""
        return self._identifiers(dict(described)) == dict(identifiers)

    def _find(self) -> Discovery:
        if self.resource.find is None:
            raise Unreadable(f"The document does not say how a {self.resource.name} is found.")
        return self.resource.find

    def _identifiers(self, item: Json) -> dict[str, str] | None:
        if not isinstance(item, Mapping):
            return None
        values = {name: item.get(name) for name in self.resource.identifiers}
        texts = {name: value for name, value in values.items() if isinstance(value, str)}
        return texts if len(texts) == len(values) else None

    def _ask(self, operation: str, body: Mapping[str, Json]) -> Exchange:
        exchange = self._send(Request(operation, body))
        if exchange.usable is None:
            raise Unreadable(f"{operation} was not answered ({exchange.failure}).")
        return exchange


def _members(exchange: Exchange) -> Mapping[str, Json]:
    response = exchange.response
    value = response.readable if response is not None and response.accepted else None
    return value if isinstance(value, dict) else {}


def _time(value: Json) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
