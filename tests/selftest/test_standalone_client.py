"""The client of reproducing programs writes and signs every request as the run did."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from tunnelspec.client import request_bytes
from tunnelspec.client.endpoint import Credentials, Endpoint
from tunnelspec.client.signing import Signer
from tunnelspec.contract import Contract, load
from tunnelspec.exchange import RawRequest, Signing
from tunnelspec.record import standalone_client
from tunnelspec.record.reproduce_python import differences
from tunnelspec.strategies import http, signatures, wire

_URL = "http://127.0.0.1:4566/base"
_KEYS = Credentials("AKIDOFATEST", "a-secret-of-a-test", "a-token-of-a-test")


class _Recording:
    """Stands in for a connection: keeps what is sent, and responds with an empty object."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def _requests() -> Iterator[RawRequest]:
    contract = load()
    for pair in (*http.after_refusals(contract), *http.followed(contract), *http.pipelined(contract)):
        yield from (pair.first, pair.second)
    yield from http.cases(contract)
    yield http.after_close(contract).first
    yield from signatures.cases(contract)
    requests = (case.request for case in wire.cases(contract, "OpenTunnel"))
    yield from (request for request in requests if isinstance(request, RawRequest))


def _by_the_run(raw: RawRequest, contract: Contract) -> bytes:
    endpoint = Endpoint(_URL, "us-east-1", _KEYS, is_loopback=True, is_aws=False)
    signed = Signer(endpoint, contract.service).signed(raw)
    return request_bytes.head(signed, "http://127.0.0.1:4566") + request_bytes.body(signed)


def _by_the_program(raw: RawRequest, contract: Contract) -> bytes:
    client = standalone_client.Client(_URL, "us-east-1", contract.service.signing_name)
    connection = _Recording()
    client._connect = lambda: connection  # type: ignore[method-assign, assignment, return-value]
    signing = differences(raw.signing, Signing()) if raw.signing else None
    wire_options = differences(raw.wire, type(raw.wire)())
    client.send(raw.method, raw.path, list(raw.headers), raw.body, raw.sign, signing=signing, wire=wire_options)
    return connection.sent


def _comparable(message: bytes) -> tuple[list[bytes], list[bytes], bytes]:
    """The request line and the fields, sorted (the order of what a client adds means nothing), and the body."""
    head, _, body = message.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    kept = [field.partition(b":") for field in fields if not field.startswith(b"User-Agent")]
    return sorted(re.split(rb"[ ?&]", line)), sorted(name.lower() + value for name, _, value in kept), body


@pytest.mark.parametrize("raw", list(_requests()), ids=lambda raw: f"{raw.situation}-{raw.name}")
def test_a_program_sends_what_the_run_sent(
    raw: RawRequest, contract: Contract, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signature included: where two fall into different seconds, the next two are compared."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", _KEYS.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", _KEYS.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", str(_KEYS.token))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    for _ in range(5):
        run, program = _comparable(_by_the_run(raw, contract)), _comparable(_by_the_program(raw, contract))
        if run == program:
            break
    assert run == program
