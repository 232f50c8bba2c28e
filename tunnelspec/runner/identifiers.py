"""What an answer tells of resources: how one is identified, that it is gone, and the secrets it came with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.contract import Contract, Member
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Exchange


def identifiers_in(exchange: Exchange, resource: Resource) -> dict[str, str] | None:
    """The identifiers of what a call created, or None where it tells of nothing whole."""
    if exchange.response is None or exchange.response.status != 200:
        return None
    body = exchange.response.json
    if not isinstance(body, Mapping):
        return None
    found = {name: value for name, member in resource.identifiers.items() if isinstance(value := body.get(member), str)}
    return found if len(found) == len(resource.identifiers) else None


def gone(exchange: Exchange, contract: Contract) -> bool:
    """Whether an answer to a deletion says that the thing is deleted, or that there is no such thing."""
    if exchange.response is None or exchange.failure is not None:
        return False
    return 200 <= exchange.response.status < 300 or unknown(exchange, contract)


def unknown(exchange: Exchange, contract: Contract) -> bool:
    """Whether an answer says that there is no such thing."""
    if exchange.response is None or exchange.failure is not None:
        return False
    return exchange.response.named_error in contract.situations["not-found"].codes


def secrets_in(exchange: Exchange, contract: Contract) -> Iterator[tuple[str, str]]:
    """The sensitive values in an answer, each with the name of its member."""
    operation = contract.operations.get(exchange.operation or "")
    if exchange.response is not None and operation is not None and operation.output is not None:
        yield from _sensitive(operation.output, exchange.response.json)


def _sensitive(body: Member, value: Any) -> Iterator[tuple[str, str]]:
    for name, inner in body.properties.items():
        found = value.get(name) if isinstance(value, Mapping) else None
        if inner.sensitive and isinstance(found, str) and found:
            yield name, found
        elif isinstance(found, Mapping):
            yield from _sensitive(inner, found)
