"""The client against servers that misbehave, and against secrets that must not get out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tunnelspec.client import Endpoint, EndpointError, Limits, Redactor, Transport, resolve
from tunnelspec.client.endpoint import DUMMY
from tunnelspec.contract import Contract
from tunnelspec.exchange import RawRequest, Request
from tunnelspec.runner.encode import encode

#: A call may take as long as on a machine that is busy with something else, in seconds.
_PATIENT_S = 60.0
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"


@contextmanager
def misbehaving(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads one request on each connection and then misbehaves."""
    listener = socket.create_server(("127.0.0.1", 0))

    def loop() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                serve(connection)
            except OSError:
                pass

    threading.Thread(target=loop, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _drip(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(piece)
            time.sleep(0.1)

    return serve


def _endless(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return serve


def _says(response: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(response)


def _bomb() -> bytes:
    import gzip

    packed = gzip.compress(bytes(50_000_000))
    return _HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed


@pytest.mark.parametrize(
    ("serve", "failures"),
    [
        pytest.param(lambda c: time.sleep(5), {"timeout"}, id="never-answers"),
        pytest.param(_drip(_HEAD + b"Content-Length: 100\r\n\r\n", b"x"), {"timeout"}, id="drips-body"),
        pytest.param(lambda c: None, {"reset"}, id="closes-at-once"),
        pytest.param(_says(b"HTTP/1.1 "), {"reset", "garbage"}, id="closes-in-status-line"),
        pytest.param(_says(_HEAD + b"Content-Length: 100\r\n\r\n{}"), {"reset"}, id="body-too-short"),
        pytest.param(_says(b"\x00\xff nonsense\r\n\r\n"), {"garbage"}, id="no-http"),
        pytest.param(_says(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"), {"garbage", "reset"}, id="bad-chunk"),
        pytest.param(_endless(_HEAD, b"X-A: b\r\n" * 100), {"garbage"}, id="endless-headers"),
        pytest.param(_endless(_HEAD + b"\r\n", b"x" * 65536), {"too-large"}, id="endless-body"),
        pytest.param(lambda c: c.sendall(_bomb()), {"too-large"}, id="gzip-bomb"),
    ],
)
def test_misbehaviour_is_a_value(
    serve: Callable[[socket.socket], None], failures: set[str], contract: Contract
) -> None:
    """Nothing hangs, nothing raises, and nothing is taken for a response."""
    with misbehaving(serve) as url:
        transport = _transport(url, contract, call_s=1 if "timeout" in failures else _PATIENT_S)
        exchange = transport.send(_plain(contract))
        transport.close()
    assert exchange.response is None
    assert exchange.failure in failures


def test_a_refused_connection_is_a_value(contract: Contract) -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    exchange = _transport(f"http://127.0.0.1:{port}", contract).send(_plain(contract))
    assert exchange.failure == "refused"


def test_redirects_are_not_followed(contract: Contract) -> None:
    """A redirect is a response like any other."""
    response = b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with misbehaving(_says(response)) as url:
        exchange = _transport(url, contract).send(_plain(contract))
    assert exchange.response is not None
    assert exchange.response.status == 307


@pytest.mark.parametrize(
    ("code", "failure"),
    [("", "throttled"), ("Other", "throttled"), ("ThrottlingException", "throttled"), ("LimitExceededException", None)],
)
def test_throttling_is_a_failure_of_its_own_kind(code: str, failure: str | None, contract: Contract) -> None:
    """The response stays on the exchange: it says what is wrong. An error of the call is none, whatever its status."""
    body = b'{"__type":"%b"}' % code.encode()
    with misbehaving(_says(b"HTTP/1.1 429 X\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))) as url:
        exchange = _transport(url, contract).send(_plain(contract))
    assert exchange.failure == failure
    assert exchange.response is not None


def test_exact_bytes_are_sent(contract: Contract) -> None:
    """Neither body nor target nor path is touched on the way."""
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        connection.sendall(_HEAD + b"Content-Length: 2\r\n\r\n{}")

    listener = socket.create_server(("127.0.0.1", 0))

    def one() -> None:
        connection, _ = listener.accept()
        with connection:
            data = b""
            while b"\xff}" not in data:
                data += connection.recv(65536)
            got.append(data)
            serve(connection)

    thread = threading.Thread(target=one)
    thread.start()
    raw = RawRequest(b'{"a":\xff}', None, (("X-Amz-Target", " odd"), ("Content-Type", "a/b; c=d")))
    _transport(f"http://127.0.0.1:{listener.getsockname()[1]}", contract).send(raw)
    thread.join()
    listener.close()
    assert got[0].endswith(b'\r\n\r\n{"a":\xff}')
    assert b"Content-Type: a/b; c=d\r\n" in got[0]
    assert b"Authorization: AWS4-HMAC-SHA256 Credential=" in got[0]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:8080", "must begin with http"),
        ("ftp://localhost", "must begin with http"),
        ("http://", "names no host"),
        ("http://user:pw@localhost", "must not contain a user name"),
        ("http://localhost:99999", "no valid host and port"),
        ("http://localhost?x=1", "must not have a query"),
    ],
)
def test_wrong_urls_get_a_sentence(url: str, words: str, contract: Contract) -> None:
    """And the sentence never repeats a password."""
    with pytest.raises(EndpointError, match=words) as caught:
        resolve(url, None, None, contract.service)
    assert "pw@" not in str(caught.value)


def test_real_credentials_stay_with_aws_and_loopback(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other hosts, and plain HTTP, get dummy ones, unless the host was named."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")

    def used(url: str, send_credentials_to: str | None = None) -> str:
        target = resolve(url, "us-east-1", None, contract.service, send_credentials_to=send_credentials_to)
        return target.credentials.access_key

    assert used("http://127.0.0.1:1") == "AKIDREAL"
    assert used("https://api.tunneling.iot.us-east-1.amazonaws.com") == "AKIDREAL"
    assert used("https://emulator.example") == DUMMY.access_key
    assert used("https://emulator.example", send_credentials_to="emulator.example") == "AKIDREAL"
    assert used("https://amazonaws.com.evil.example") == DUMMY.access_key


def test_redaction_is_by_value() -> None:
    """A secret goes in every form; a tag's key stays."""
    redactor = Redactor()
    redactor.learn('se"cret/value+1', "token")
    text = redactor.text('{"key": "Site", "t": "se\\"cret/value+1", "u": "se%22cret%2Fvalue%2B1"}')
    assert text == '{"key": "Site", "t": "<redacted:token>", "u": "<redacted:token>"}'
    assert "abc" not in redactor.text("Signature=" + "abc1" * 16)


def _transport(url: str, contract: Contract, call_s: float = _PATIENT_S) -> Transport:
    target = Endpoint(url, "us-east-1", DUMMY, is_loopback=True, is_aws=False)
    codes = frozenset({"LimitExceededException"})
    return Transport(target, contract.service, limits=Limits(call_s=call_s), other_codes=codes)


def _plain(contract: Contract) -> RawRequest:
    return encode(Request("ListTunnels", {}), contract, {})
