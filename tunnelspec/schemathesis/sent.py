"""Reads a request as it went out: the verdict rests on that, not on what Schemathesis meant it to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from tunnelspec.contract import Contract, request_of
from tunnelspec.exchange import RawRequest, Request
from tunnelspec.schemathesis.identifiers import recognised

#: Identifiers of what this run opened: resource, then identifier, then value.
Names = Mapping[str, Mapping[str, str]]


def read_sent(
    contract: Contract,
    operation: str,
    method: str,
    url: str,
    headers: Mapping[str, object],
    body: bytes,
    names: Names,
) -> Request | RawRequest:
    """The request with the situation that the contract sees in it.

    A plain call comes back as a `Request` whose live identifiers are placeholders again, anything else
    as a `RawRequest`.
    """
    situation = _wire_situation(contract, operation, method, url, headers)
    if situation is None:
        try:
            value = json.loads(body.decode("utf-8"))
        except UnicodeDecodeError:
            situation = "invalid-utf8"
        except ValueError:
            situation = "malformed-json" if body else "empty-body"
        except RecursionError:
            situation = "deep-json"
        else:
            if isinstance(value, Mapping):
                meant = recognised(contract.operations[operation].input, value, names)
                return request_of(contract, operation, meant)
            situation = "not-an-object"
    lines = tuple((str(name), _text(value)) for name, value in headers.items())
    return RawRequest(body, operation, lines, situation, method, urlsplit(url).path or "/")


def _wire_situation(
    contract: Contract, operation: str, method: str, url: str, headers: Mapping[str, object]
) -> str | None:
    """What is unusual about the envelope, or None."""
    by_name = {name.lower(): _text(value) for name, value in headers.items()}
    kind = by_name.get("content-type")
    target = by_name.get("x-amz-target")
    if method != "POST":
        return "other-method"
    if urlsplit(url).path not in ("", "/"):
        return "other-path"
    if target != contract.operations[operation].target:
        return "missing-target" if not target else "unknown-operation"
    if not kind:
        return "missing-content-type"
    if kind.split(";")[0].strip().lower() != contract.service.content_type:
        return "other-content-type"
    return None


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
