"""A server that plays a script for each connection, and a client of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from tunnelspec.client import Endpoint, Limits, Transport
from tunnelspec.client.endpoint import DUMMY
from tunnelspec.contract import Contract
from tunnelspec.exchange import RawRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REQUEST = RawRequest(b'{"a": 1}', None, (("X-Amz-Target", "a.b"), ("Content-Type", "a/b")), sign=False)


@dataclass
class Peer:
    """One accepted connection, seen from the server; `received` is every byte so far."""

    sock: socket.socket
    received: bytes = b""

    def until(self, end: bytes) -> None:
        """Read up to these bytes, which end what has been received."""
        while not self.received.endswith(end):
            data = self.sock.recv(65_536)
            if not data:
                raise ConnectionError
            self.received += data

    def respond(self, response: bytes = OK, *, end: bytes = b'{"a": 1}') -> None:
        """Read a request that ends so, and send this."""
        self.until(end)
        self.sock.sendall(response)

    def wait_for_close(self) -> None:
        """Read until the client closes."""
        while data := self.sock.recv(65_536):
            self.received += data


Script: TypeAlias = Callable[[Peer], None]


@dataclass
class Server:
    """Plays one script for each connection, in order. `peers` are the connections that were accepted."""

    scripts: tuple[Script, ...]
    peers: list[Peer] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(*scripts: Script) -> Iterator[Server]:
    """A server on a free loopback port."""
    server = Server(scripts)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def loop() -> None:
            for script in scripts:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.settimeout(5)
                    peer = Peer(sock)
                    server.peers.append(peer)
                    try:
                        script(peer)
                    except OSError:
                        continue

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@dataclass
class Client:
    """A transport, and what it reported of its requests."""

    transport: Transport
    sent: list[RawRequest]
    resent: list[RawRequest]


@contextmanager
def client_of(server: Server, contract: Contract, *, may_resend: bool = True) -> Iterator[Client]:
    """A client of the server, which sends a request again if `may_resend`."""
    sent: list[RawRequest] = []
    resent: list[RawRequest] = []

    def permit(raw: RawRequest) -> bool:
        resent.append(raw)
        return may_resend

    endpoint = Endpoint(server.url, "us-east-1", DUMMY, is_loopback=True, is_aws=False)
    limits = Limits(call_s=3)
    made = Transport(endpoint, contract.service, limits=limits, may_resend=permit, on_sent=sent.append)
    try:
        yield Client(made, sent, resent)
    finally:
        made.close()


__all__ = ["OK", "REQUEST", "Client", "Peer", "Script", "Server", "client_of", "serving"]
