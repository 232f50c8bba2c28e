"""A server between a client and an emulator that misbehaves in one way, at one operation or at all."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse

#: Does something to a connection in place of the given response, which was due.
Misbehaviour: TypeAlias = Callable[["Connection", HttpResponse], None]
#: The operation that is served badly where only one is, from its second request on: the first shows it is there.
VICTIM = "ListTagsForResource"
#: Requests that are served well by a server that turns bad later.
GOOD_REQUESTS = 300
#: No misbehaviour lasts longer, in seconds, so that no thread outlives a test run.
LONGEST_S = 120.0


@dataclass
class Connection:
    """One connection: its socket and what is left of its bytes."""

    sock: socket.socket
    front: Front
    rest: bytes = b""

    def say(self, data: bytes) -> None:
        """Send it all."""
        self.sock.sendall(data)

    def wait(self) -> None:
        """Say nothing until the other side gives up."""
        self.sock.settimeout(LONGEST_S)
        with contextlib.suppress(OSError):
            while self.sock.recv(65_536):
                pass

    def drip(self, data: bytes) -> None:
        """One byte at a time, a second between."""
        until = time.monotonic() + LONGEST_S
        for byte in data:
            self.say(bytes((byte,)))
            if time.monotonic() > until:
                return
            time.sleep(self.front.second)

    def pour(self, data: bytes) -> None:
        """The same bytes without end."""
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            self.say(data)

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


@dataclass
class Front:
    """A server with one misbehaviour in front of an emulator. `second` is how many seconds it waits between bytes."""

    server: BadServer
    emulator: Emulator
    second: float = 1.0
    good_requests: int = GOOD_REQUESTS
    count: int = 0
    victim_requests: int = 0
    request_lines: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    listener: socket.socket | None = None
    port: int = 0

    def listen(self) -> None:
        """Accept connections, on the same port as before if there was one."""
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def close(self) -> None:
        """Accept nobody any more."""
        with self.lock:
            listener, self.listener = self.listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def is_bad_now(self, call: HttpRequest) -> bool:
        """Whether this request is served badly."""
        with self.lock:
            self.count += 1
            if call.operation == VICTIM:
                self.victim_requests += 1
                if self.server.when == "operation":
                    return self.victim_requests > 1
        return self.server.when == "always" or (self.server.when == "later" and self.count > self.good_requests)

    def note(self, answer: HttpResponse) -> None:
        """Remember the tunnels whose identifiers were sent."""
        with contextlib.suppress(ValueError, AttributeError):
            name = json.loads(answer.body).get("tunnelId")
            if name is not None:
                self.opened.add(name)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.server.tls is not None:
                sock = self.server.tls(sock)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock:
                connection = Connection(sock, self)
                if self.server.on_connect is not None:
                    self.server.on_connect(connection, HttpResponse(200))
                    return
                while (call := _read(connection)) is not None:
                    answer = self.emulator.handle(call)
                    if self.is_bad_now(call):
                        self.server.misbehaviour(connection, answer)
                        return
                    connection.say(plain(answer))
                    self.note(answer)
                    if self.server.closes:
                        return


@dataclass(frozen=True)
class BadServer:
    """A misbehaviour: when it shows (`always`, `operation`, `later`) and how a run must end.

    `exits` are the statuses that `tunnelspec run` may end with; `reported` is what its record must contain.
    """

    id: str
    sentence: str
    misbehaviour: Misbehaviour
    reported: str = ""
    _: KW_ONLY
    when: str
    exits: tuple[int, ...]
    tls: Callable[[socket.socket], socket.socket] | None = None
    on_connect: Misbehaviour | None = None
    closes: bool = False
    scheme: str = "http"


def plain(answer: HttpResponse, *more: bytes) -> bytes:
    """A response as the emulator means it, on the wire."""
    head = [f"HTTP/1.1 {answer.status} X".encode(), *(f"{k}: {v}".encode() for k, v in answer.headers)]
    return b"\r\n".join([*head, *more, b"Content-Length: %d" % len(answer.body), b"", answer.body])


@contextmanager
def serving(
    server: BadServer, contract: Contract, *, second: float = 1.0, good_requests: int = GOOD_REQUESTS
) -> Iterator[tuple[str, Front]]:
    """The server on a free loopback port: its URL, and its front."""
    front = Front(server, Emulator(contract), second, good_requests)
    front.listen()
    try:
        yield f"{server.scheme}://127.0.0.1:{front.port}", front
    finally:
        front.close()


def _read(connection: Connection) -> HttpRequest | None:
    """The next request of a connection, or None at its end."""
    data = connection.rest
    while b"\r\n\r\n" not in data:
        more = connection.sock.recv(65_536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        more = connection.sock.recv(65_536)
        if not more:
            return None
        body += more
    connection.rest = body[length:]
    method, target, *_ = first.split(" ")
    path, _, query = target.partition("?")
    connection.front.request_lines.append(first)
    return HttpRequest(method, path, query, headers, body[:length])
