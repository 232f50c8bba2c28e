"""What a response says of resources: the identifiers of one that was created, and that there is none."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Exchange


def created_identifiers(exchange: Exchange, resource: Resource) -> dict[str, str] | None:
    """The identifiers of what a call created, or None where the response does not name one completely."""
    if exchange.response is None or not exchange.response.accepted:
        return None
    members = exchange.response.readable
    if not isinstance(members, dict):
        return None
    identifiers = {
        name: value for name, member in resource.identifiers.items() if isinstance(value := members.get(member), str)
    }
    return identifiers if len(identifiers) == len(resource.identifiers) else None


def is_unknown(exchange: Exchange, contract: Contract) -> bool:
    """Whether a response says that there is no such resource."""
    response = exchange.usable
    return response is not None and response.named_error in contract.situations["not-found"].codes
