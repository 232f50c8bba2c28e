"""From a request as it is meant to the bytes that go on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import minimal
from tunnelspec.edits import EDITS
from tunnelspec.exchange import Live, RawRequest, Request
from tunnelspec.plain_data import mapped, unresolved

_AS_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ESCAPED = json.JSONEncoder(separators=(",", ":"))


class Unresolved(Exception):
    """A body names a live resource that is not there; the argument is the resource's name."""


def encode(request: Request, contract: Contract, live: Mapping[str, Mapping[str, str]]) -> RawRequest:
    """The request on the wire, with live identifiers put in.

    Text goes out as UTF-8, as most SDKs send it; lone surrogates, which UTF-8 cannot carry, go out
    as JSON escapes. Raises Unresolved for a resource that `live` lacks.
    """
    body = resolve(request.body, live)
    try:
        data = _AS_TEXT.encode(body).encode("utf-8")
    except UnicodeEncodeError:
        data = _ESCAPED.encode(body).encode("ascii")
    return RawRequest(data, request.operation, contract.headers(request.operation), request.situation)


def resolve(value: Any, live: Mapping[str, Mapping[str, str]]) -> Any:
    """The value with every `Live` placeholder replaced. Raises Unresolved."""

    def identifier(leaf: object) -> object:
        if not isinstance(leaf, Live):
            return leaf
        try:
            issued = live[leaf.resource][leaf.member]
        except KeyError as problem:
            raise Unresolved(leaf.resource) from problem
        return EDITS[leaf.edit].apply(issued) if leaf.edit else issued

    return mapped(value, identifier)


def lives(value: object) -> frozenset[str]:
    """The resources, or the names of earlier calls' responses, that a body refers to."""
    return frozenset(leaf.resource for leaf in unresolved(value) if isinstance(leaf, Live))


def smallest(contract: Contract, operation: str, *, live: bool = True) -> Request:
    """The smallest valid request of an operation: its required members.

    Identifiers are unresolved for live resources, or, with `live=False`, the document's examples,
    which name nothing that exists. Other members take their example or the least of their type.
    """
    described = contract.operations[operation]
    return Request(operation, minimal(described.input, live=live), described.situation)
