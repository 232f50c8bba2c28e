"""One call, written in the ways that RFC 9110 and 9112 allow, and requests after which a connection must still work."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import minimal
from tunnelspec.exchange import PLAIN, Headers, RawRequest, Wire

from .signatures import operation as harmless

#: White space in the bodies, so that they do not fit into a chunk or piece.
_PADDING = " " * 64
#: Every server reads so many fields, and a field of so many characters; Apache's bounds are the lowest.
_FIELDS, _FIELD_LENGTH = 50, 4000
_LARGE = 2**20
#: A protocol that no server can switch to.
_PROTOCOL = "tunnelspec/1"
#: What is sent through the operation that creates something, too; each such call costs two.
_CREATING = frozenset(
    [
        "names-upper-case",
        "chunked",
        "chunked-extension",
        "pieces",
        "expect-continue",
        "connection-close",
        "absolute-target",
    ]
)


@dataclass(frozen=True, slots=True)
class HttpCase:
    """A named request. With `follow_up`, that is sent next on the same connection; `pipelined`: in one segment."""

    name: str
    request: RawRequest
    follow_up: RawRequest | None = None
    pipelined: bool = False


def cases(contract: Contract) -> list[HttpCase]:
    """Every case, of one harmless operation and of the first that creates something."""
    reading = plain(contract, harmless(contract))
    follow_up = replace(reading, situation="http-next")
    found = [
        HttpCase(name, request, follow_up if _is_body_framed(request.wire) else None)
        for name, request in _variations(reading)
    ]
    found += [HttpCase(name, request, follow_up) for name, request in _rejected(contract, reading)]
    second = _with_target(reading, contract.service.target_prefix)
    found.append(HttpCase("pipelined", replace(reading, situation="http-pipelined"), second, pipelined=True))
    creating = next((name for name in contract.operations if contract.created_by(name) is not None), None)
    if creating is not None:
        found += [
            HttpCase(name, request) for name, request in _variations(plain(contract, creating)) if name in _CREATING
        ]
    return found


def plain(contract: Contract, operation: str) -> RawRequest:
    """An ordinary call with the smallest valid body, with white space in it."""
    called = contract.operations[operation]
    text = json.dumps(minimal(called.input, live=False))
    headers: Headers = (("Content-Type", contract.service.content_type), ("X-Amz-Target", called.target))
    return RawRequest(f"{text[:-1]}{_PADDING}}}".encode(), operation, headers)


def _variations(usual: RawRequest) -> list[tuple[str, RawRequest]]:
    length = ("Content-Length", str(len(usual.body)))
    everything: Headers = (*usual.headers, length, ("Accept-Encoding", "identity"))
    padded = tuple((name, f"{value} \t") for name, value in usual.headers)
    many = tuple((f"X-Tunnelspec-{number}", "harmless") for number in range(_FIELDS))
    long = ("X-Tunnelspec-Long", "x" * _FIELD_LENGTH)
    offer = (("Connection", "Upgrade"), ("Upgrade", _PROTOCOL))

    def headers(situation: str, *changed: tuple[str, str], wire: Wire = PLAIN) -> RawRequest:
        return replace(usual, headers=changed, situation=situation, wire=wire)

    def wire(situation: str, wire: Wire) -> RawRequest:
        return replace(usual, situation=situation, wire=wire)

    return [
        ("names-upper-case", headers("http-names", *((name.upper(), value) for name, value in everything))),
        ("names-lower-case", headers("http-names", *((name.lower(), value) for name, value in everything))),
        ("order-reversed", headers("http-order", *reversed(everything))),
        ("white-space-none", wire("http-white-space", Wire(separator=":"))),
        ("white-space-more", headers("http-white-space", *padded, wire=Wire(separator=":\t  "))),
        ("chunked", wire("http-chunked", Wire(chunk_sizes=(1, 20)))),
        ("chunked-extension", wire("http-chunked", Wire(chunk_sizes=(20,), chunk_extension="part=1"))),
        ("chunked-trailer", wire("http-chunked", Wire(chunk_sizes=(20,), trailers=(("X-Checked", "yes"),)))),
        ("pieces", wire("http-pieces", Wire(piece_bytes=len(usual.body) * 4 // 5, pause_s=0.02))),
        ("expect-continue", wire("http-expect", Wire(expect_continue=True))),
        ("connection-close", wire("http-close", Wire(close=True))),
        ("absolute-target", wire("http-absolute", Wire(absolute_target=True))),
        ("upgrade-offer", headers("http-upgrade", *usual.headers, *offer)),
        ("many-fields", headers("http-fields", *usual.headers, *many)),
        ("long-field", headers("http-fields", *usual.headers, long)),
    ]


def _rejected(contract: Contract, usual: RawRequest) -> list[tuple[str, RawRequest]]:
    """Requests that a server may refuse before it has read the body."""
    text = tuple((name, "text/plain" if name == "Content-Type" else value) for name, value in usual.headers)
    large = usual.body[:-1] + b" " * _LARGE + b"}"
    return [
        ("after-malformed", replace(usual, body=usual.body[:-1], situation="malformed-json")),
        ("after-unknown-target", _with_target(usual, contract.service.target_prefix)),
        ("after-content-type", replace(usual, headers=text, situation="other-content-type")),
        ("after-large-body", replace(usual, body=large, situation="large-body")),
    ]


def _with_target(usual: RawRequest, prefix: str) -> RawRequest:
    """The call with a target that no service has."""
    target = f"{prefix}.NoSuchOperation"
    headers = tuple((name, target if name == "X-Amz-Target" else value) for name, value in usual.headers)
    return replace(usual, headers=headers, situation="unknown-operation")


def _is_body_framed(wire: Wire) -> bool:
    return wire.chunk_sizes is not None or wire.piece_bytes is not None or wire.expect_continue
