"""Requests the deletion of a resource, also of a target that deletes only what was closed before."""

from __future__ import annotations

from collections.abc import Mapping

from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Exchange, Request
from tunnelspec.ownership.identifiers import is_unknown
from tunnelspec.ownership.inventory import Send


def delete(contract: Contract, resource: Resource, identifiers: Mapping[str, str], send: Send) -> Exchange:
    """Request the deletion; where it is rejected, the same with its required members alone, and the deletion again.

    The last response; that it was accepted proves nothing. Raises what `send` raises.
    """
    body = resource.named(resource.delete_body, identifiers)
    required = {name: body[name] for name in contract.operations[resource.delete].input.required if name in body}
    exchange = send(Request(resource.delete, body))
    is_rejected = exchange.usable is not None and exchange.usable.rejected and not is_unknown(exchange, contract)
    if is_rejected and required != body:
        plain = send(Request(resource.delete, required))
        if plain.usable is not None and plain.usable.accepted:
            return send(Request(resource.delete, body))
    return exchange
