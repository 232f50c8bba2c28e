"""CPU and wall time of the client per 1,000 requests, beside two bare loops that send the same bytes.

    python benchmarks/client.py

The server runs in a process of its own and sends one fixed response to whatever comes, so that all that is
measured is the client. The loops of `http.client` and `requests` send each request as the client signed it,
and do not sign. Rounds alternate, and ratios of medians are printed: single times on a shared machine say
little.
"""

from __future__ import annotations

import http.client
import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from urllib.parse import urlsplit

import requests

from tunnelspec.client import Credentials, Endpoint, Signer, Transport
from tunnelspec.contract import Contract, load
from tunnelspec.contract.minimal import minimal
from tunnelspec.exchange import RawRequest, Request
from tunnelspec.runner.encode import encode

ROUNDS, REQUESTS = 5, 2_000
_CREDENTIALS = Credentials("AKIDTUNNELSPECBENCH", "a-secret-key", "a-session-token-of-some-length")
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\n"
    b'Content-Length: 23\r\n\r\n{"tunnelSummaries": []}'
)


def serve(pipe: Pipe) -> None:
    """Send the fixed response to each request of one connection after another."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock:
                data = b""
                while received := sock.recv(65_536):
                    data += received
                    # Each body ends with a brace, and no header does.
                    if data.endswith(b"}"):
                        sock.sendall(_RESPONSE)
                        data = b""


def transport(endpoint: Endpoint, contract: Contract, raws: list[RawRequest]) -> None:
    """The client: it signs, sends, reads, and looks for secrets."""
    client = Transport(endpoint, contract.service)
    for raw in raws:
        assert client.send(raw).response is not None
    client.close()


def bare_http_client(endpoint: Endpoint, contract: Contract, raws: list[RawRequest]) -> None:
    """http.client on one connection."""
    signed = Signer(endpoint, contract.service).signed(raws[0])
    headers = dict(signed.headers)
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc)
    for _ in raws:
        connection.request(signed.method, signed.target, signed.body, headers)
        assert connection.getresponse().read()
    connection.close()


def bare_requests(endpoint: Endpoint, contract: Contract, raws: list[RawRequest]) -> None:
    """requests with one session."""
    signed = Signer(endpoint, contract.service).signed(raws[0])
    headers = dict(signed.headers)
    with requests.Session() as session:
        for _ in raws:
            assert session.post(endpoint.url + signed.target, data=signed.body, headers=headers).content


def main() -> None:
    """Print the table."""
    contract = load()
    body = minimal(contract.operations["ListTunnels"].input, live=False)
    raws = [encode(Request("ListTunnels", body), contract, {})] * REQUESTS
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    endpoint = Endpoint(f"http://127.0.0.1:{ours.recv()}", "us-east-1", _CREDENTIALS, is_loopback=True, is_aws=False)
    loops: dict[str, Callable[[Endpoint, Contract, list[RawRequest]], None]] = {
        "tunnelspec's client, signing": transport,
        "bare http.client": bare_http_client,
        "bare requests": bare_requests,
    }
    cpu: dict[str, list[float]] = {name: [] for name in loops}
    wall: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(ROUNDS):
        for name, loop in loops.items():
            started = time.process_time(), time.perf_counter()
            loop(endpoint, contract, raws)
            cpu[name].append((time.process_time() - started[0]) * 1000 / REQUESTS)
            wall[name].append((time.perf_counter() - started[1]) * 1000 / REQUESTS)
    server.terminate()
    reference = statistics.median(cpu["bare http.client"])
    for name in loops:
        seconds = statistics.median(cpu[name])
        elapsed = statistics.median(wall[name])
        print(f"{name:30} {seconds:6.3f} s CPU, {elapsed:6.3f} s wall a 1,000 requests; {seconds / reference:5.2f}")


if __name__ == "__main__":
    main()
