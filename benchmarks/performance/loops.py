"""Three loops that send the same bytes as the suite to a server that always sends the same response."""

from __future__ import annotations

import http.client
import multiprocessing
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from urllib.parse import urlsplit

import requests
from requests_aws4auth import AWS4Auth

from tunnelspec.client import Credentials, Endpoint, Limits, Signer, Transport
from tunnelspec.client.connection import Connection
from tunnelspec.client.deadline import Deadline
from tunnelspec.client.stream import Connector
from tunnelspec.contract import Contract
from tunnelspec.exchange import RawRequest

_CREDENTIALS = Credentials("AKIDTUNNELSPECBENCH", "a-secret-key", "a-session-token-of-some-length")
_REGION = "us-east-1"
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\n"
    b'Content-Length: 23\r\n\r\n{"tunnelSummaries": []}'
)


@contextmanager
def fixed_server() -> Iterator[Endpoint]:
    """A server in a process of its own, which reads Content-Length of each request and nothing else."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    yield Endpoint(f"http://127.0.0.1:{ours.recv()}", _REGION, _CREDENTIALS, is_loopback=True, is_aws=False)
    server.terminate()
    server.join()


def _serve(pipe: Pipe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock:
                data = b""
                while received := sock.recv(1 << 18):
                    data += received
                    head, end, body = data.partition(b"\r\n\r\n")
                    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                    if end and len(body) >= int(length):
                        sock.sendall(_RESPONSE)
                        data = b""


def http_client(endpoint: Endpoint, contract: Contract, raws: Sequence[RawRequest]) -> int:
    """http.client, which sends what was signed beforehand."""
    signer = Signer(endpoint, contract.service)
    signed = [signer.signed(raw) for raw in raws]
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc)
    for one in signed:
        connection.request(one.method, one.target, one.body, dict(one.headers))
        assert connection.getresponse().read()
    connection.close()
    return len(raws)


def h11_alone(endpoint: Endpoint, contract: Contract, raws: Sequence[RawRequest]) -> int:
    """The suite's connection, which reads by h11, without signing and without a look at the response."""
    limits, signer = Limits(), Signer(endpoint, contract.service)
    signed = [signer.signed(raw) for raw in raws]
    connection = Connection(Connector(endpoint, limits).open(Deadline(60)), endpoint.url, limits)
    for one in signed:
        connection.write(one, Deadline(60))
        assert connection.read(Deadline(60)).body
    connection.close()
    return len(raws)


def transport(endpoint: Endpoint, contract: Contract, raws: Sequence[RawRequest]) -> int:
    """The suite's client: it signs, sends, reads and looks for secrets."""
    client = Transport(endpoint, contract.service)
    for raw in raws:
        assert client.send(raw).response is not None
    client.close()
    return len(raws)


def requests_aws4auth(endpoint: Endpoint, contract: Contract, raws: Sequence[RawRequest]) -> int:
    """requests with requests-aws4auth, as a script would do it."""
    keys = endpoint.credentials
    auth = AWS4Auth(keys.access_key, keys.secret_key, _REGION, contract.service.signing_name, session_token=keys.token)
    with requests.Session() as session:
        for raw in raws:
            assert session.post(endpoint.url + raw.path, data=raw.body, headers=dict(raw.headers), auth=auth).content
    return len(raws)
