"""What is read without the library that decides: wherever a fast path takes a message, the library reads it alike."""

from __future__ import annotations

import copy
import random
import socket
from typing import Any

import pytest

from tunnelspec.checks import schema
from tunnelspec.client import Credentials, Endpoint, Limits, Signer
from tunnelspec.client.deadline import Deadline
from tunnelspec.client.failure import CallFailed, ConnectionEnded
from tunnelspec.client.plain_response import plain_response
from tunnelspec.client.request_bytes import body, head
from tunnelspec.client.response_reader import Received, ResponseReader
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpConnection, HttpRequest, HttpResponse
from tunnelspec.emulator.plain_http import plain_request
from tunnelspec.exchange import RawRequest
from tunnelspec.strategies import http, wire

_KEYS = Credentials("AKIDTUNNELSPECTEST", "secret", "token")
_BYTES = [b"\r", b"\n", b" ", b":", b"\t", b"\x00", b"\xff", b"0", b"1", b"a", b"\r\n", b"Connection: close\r\n"]


def _mutated(data: bytes, count: int) -> list[bytes]:
    """The bytes, and so many variants with one place changed, left out or repeated."""
    chance, variants = random.Random(data), [data]
    for _ in range(count):
        at = chance.randrange(len(data))
        variants.append(data[:at] + chance.choice([*_BYTES, b"", data[at : at + 1] * 2]) + data[at + 1 :])
    return variants


def _requests(contract: Contract) -> list[bytes]:
    signer = Signer(Endpoint("http://localhost", "us-east-1", _KEYS, is_loopback=True, is_aws=False), contract.service)
    raws = [
        *http.written(http.plain(contract)).values(),
        *(case.request for case in wire.cases(contract, "OpenTunnel")),
    ]
    signed = [signer.signed(raw) for raw in raws if isinstance(raw, RawRequest) and len(raw.body) < 9000]
    return [data for one in signed for data in _mutated(head(one, "http://localhost") + body(one), 40)]


class _Socket(socket.socket):
    """Sends what it is given in one piece, and keeps what it gets."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.pieces, self.sent = [data], b""

    def recv(self, size: int, flags: int = 0) -> bytes:
        return self.pieces.pop() if self.pieces else b""

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]
        self.sent += data


class _ByH11(HttpConnection):
    def receive(self) -> bytes:
        return super().receive()


def _served(connection: type[HttpConnection], data: bytes) -> tuple[list[HttpRequest], list[bytes]]:
    requests: list[HttpRequest] = []

    def respond(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse(400, [("Content-Type", "x/y"), ("X-Empty", "")][: 1 + len(data) % 2], b"abc")

    with _Socket(data) as sock:
        connection(sock, respond).serve()
        return requests, [line for line in sock.sent.split(b"\r\n") if not line.startswith(b"Date: ")]


def test_the_emulator_reads_a_request_as_h11_does(contract: Contract) -> None:
    """Bytes of every kind of request, one place of each changed: the same requests and the same bytes in response."""
    plain = 0
    for data in _requests(contract):
        assert _served(HttpConnection, data) == _served(_ByH11, data), data
        plain += plain_request(data, 2**18) is not None
    assert plain > 100


_RESPONSE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId:  a b \r\n"
    b"Date: Fri, 27 Nov 2026 12:00:00 GMT\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX-Empty:\r\nContent-Length: 2\r\n\r\n{}"
)


@pytest.mark.parametrize(
    "data",
    [
        _RESPONSE,
        _RESPONSE.replace(b"400 Bad Request", b"204 No Content"),
        _RESPONSE.replace(b"HTTP/1.1", b"HTTP/1.0"),
        _RESPONSE.replace(b"Set-Cookie: a", b"Transfer-Encoding: chunked"),
        _RESPONSE.replace(b"Set-Cookie: a", b"Content-Length: 2"),
        _RESPONSE.replace(b"Set-Cookie: a", b"Connection: close"),
        _RESPONSE * 2,
    ],
)
def test_the_client_reads_a_response_as_h11_does(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """One place of each response changed: the same response, the same surplus, the same failure."""
    variants = _mutated(data, 400)
    by_both = [_read(variant) for variant in variants]
    plain = sum(plain_response(variant, 2**16) is not None for variant in variants)
    monkeypatch.setattr("tunnelspec.client.response_reader.plain_response", lambda *_: None)
    assert by_both == [_read(variant) for variant in variants]
    assert plain > 100 or data is not _RESPONSE


def _read(data: bytes) -> tuple[Received | str, bytes, bool]:
    pieces = [b"", data]
    reader = ResponseReader(lambda deadline: pieces.pop(), Limits())
    reader.begin("POST")
    try:
        return reader.read(Deadline(5)), reader.surplus(), reader.reusable
    except (CallFailed, ConnectionEnded, IndexError) as problem:
        return repr((type(problem), getattr(problem, "failure", ""), getattr(problem, "problems", ""))), b"", False


_VALUES: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    float("inf"),
    1.7e9,
    "",
    "OPEN",
    "\ud800",
    [],
    {},
    [{}],
    {"a": 1},
]


def test_jsonschema_rs_accepts_no_body_that_jsonschema_rejects(contract: Contract) -> None:
    """Bodies of the emulator with one member replaced or left out."""
    emulator, accepted = Emulator(contract), 0
    opened = emulator.open_tunnel({"tags": [{"key": "a", "value": "b"}], "destinationConfig": {"services": ["SSH"]}})
    bodies = {
        "OpenTunnel": opened,
        "DescribeTunnel": emulator.describe_tunnel({"tunnelId": opened["tunnelId"]}),
        "ListTunnels": emulator.list_tunnels({}),
        "ListTagsForResource": emulator.list_tags_for_resource({"resourceArn": opened["tunnelArn"]}),
    }
    for name, whole in bodies.items():
        for changed in _changed(whole):
            operation = contract.operations[name]
            if schema._accepts(operation)(changed):
                accepted += 1
                assert not list(schema._validator(operation).iter_errors(changed)), (name, changed)
    assert accepted > 50


def _changed(whole: Any) -> list[object]:
    """The value, and each copy in which one value below it is another or missing."""
    found: list[object] = [whole]
    places = list(whole) if isinstance(whole, dict) else range(len(whole)) if isinstance(whole, list) else ()
    for place in places:
        for inner in [*_changed(whole[place])[1:], *_VALUES]:
            copied = copy.copy(whole)
            copied[place] = inner
            found.append(copied)
        copied = copy.copy(whole)
        del copied[place]
        found.append(copied)
    return found
