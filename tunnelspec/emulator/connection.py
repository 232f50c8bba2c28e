"""One connection of the emulator's HTTP server: h11 parses and frames, this module reads and writes.

Keep-alive, pipelining, chunked requests, `Expect: 100-continue`, the absolute form of the target and HTTP/1.0
are handled as RFC 9112 has them.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

import h11

from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.emulator.plain_http import plain_request, plain_response

#: Larger bodies are rejected unread, in bytes; AWS's JSON services stop between 1 and 16 MiB.
MAX_BODY = 10 * 2**20
#: The largest head of a request, in bytes.
MAX_HEAD = 2**18
_READ = 2**16
#: How long, and how much, a client may go on sending after a rejection before the connection is closed: a
#: close with unread data resets the connection, which can destroy the response.
_LINGER_S = 2.0
_LINGER_BYTES = 2 * MAX_BODY


class BodyTooLarge(Exception):
    """The request's body is larger than MAX_BODY."""


class HttpConnection:
    """One connection. Each step is a method of its own, which a seeded fault or a conforming variant overrides."""

    def __init__(self, sock: socket.socket, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.sock = sock
        self.respond = respond
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        # What is overridden works on h11's events and state.
        own = [vars(base) for base in type(self).__mro__[: type(self).__mro__.index(HttpConnection)]]
        self._may_be_plain = all(name.startswith("__") for names in own for name in names)

    def serve(self) -> None:
        """Respond to every request until either side closes the connection. Raises OSError."""
        while True:
            try:
                response = self.plain() if self._may_be_plain and not self.http.trailing_data[0] else None
                has_body = True
                if response is None:
                    request = self.request()
                    if request is None:
                        return
                    response, has_body = self.respond(request), request.method != "HEAD"
            except h11.RemoteProtocolError as error:
                self.reject(error.error_status_hint)
                return
            except BodyTooLarge:
                self.reject(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            self.send(response, has_body=has_body)
            if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
                return
            self.http.start_next_cycle()

    def request(self) -> HttpRequest | None:
        """The next request, None if the client closed the connection instead. Raises BodyTooLarge."""
        head = self.event()
        if not isinstance(head, h11.Request):
            return None
        headers = self.headers(head)
        if int(headers.get("content-length", 0)) > MAX_BODY:
            raise BodyTooLarge
        if self.http.they_are_waiting_for_100_continue:
            self.request_body()
        body = self.body()
        if body is None:
            return None
        path, _, query = self.target(head).partition("?")
        return HttpRequest(head.method.decode("ascii"), path, query, headers, body)

    def plain(self) -> HttpResponse | None:
        """Respond to usual requests. The first that is not is left to h11, or its response is, which is returned."""
        while True:
            data = self.receive()
            request = plain_request(data, MAX_HEAD)
            if request is None:
                self.http.receive_data(data)
                return None
            response = self.respond(request)
            written = plain_response(response, _reason(response.status), _date(int(time.time())))
            if written is None:
                self.http.receive_data(data)
                self.request()
                return response
            self.write(written)

    def headers(self, head: h11.Request) -> dict[str, str]:
        """The header fields, values of equal names joined."""
        headers: dict[str, str] = {}
        for raw_name, raw_value in head.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        return headers

    def target(self, head: h11.Request) -> str:
        """The request target in origin form."""
        return _origin_form(head.target.decode("ascii"))

    def request_body(self) -> None:
        """Ask a client that waits for it to send the body (RFC 9110, 10.1.1)."""
        self.sock.sendall(self.http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")

    def body(self) -> bytes | None:
        """The body of a request, None if the client closed the connection instead. Raises BodyTooLarge."""
        body = bytearray()
        while isinstance(event := self.event(), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise BodyTooLarge
        return bytes(body) if isinstance(event, h11.EndOfMessage) else None

    def event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """The next event of a request."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(self.receive())
        return event

    def receive(self) -> bytes:
        """What the client sends next, no bytes at its end."""
        return self.sock.recv(_READ)

    def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
        """Send a response."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        headers.append((b"Date", _date(int(time.time()))))
        if response.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            has_body = False
        else:
            headers.append(self.framing(response.body))
        head = h11.Response(status_code=response.status, headers=headers, reason=_reason(response.status))
        events = [head, h11.Data(data=response.body), h11.EndOfMessage()] if has_body else [head, h11.EndOfMessage()]
        self.write(b"".join(self.http.send(event) or b"" for event in events))

    def framing(self, body: bytes) -> tuple[bytes, bytes]:
        """The header field that frames the body of a response."""
        return b"Content-Length", b"%d" % len(body)

    def write(self, data: bytes) -> None:
        """Write a whole response."""
        self.sock.sendall(data)

    def reject(self, status: int) -> None:
        """Respond to a request that is not read to its end, then drain and close."""
        if self.http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.send(HttpResponse(status, [("Connection", "close")]))
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(_LINGER_S)
            deadline, left = time.monotonic() + _LINGER_S, _LINGER_BYTES
            while left > 0 and time.monotonic() < deadline and (data := self.sock.recv(_READ)):
                left -= len(data)


def _origin_form(target: str) -> str:
    """A target without scheme and authority, if it is in absolute form (RFC 9112, 3.2.2)."""
    if target[:7].lower() != "http://" and target[:8].lower() != "https://":
        return target
    after_authority = target.partition("//")[2].partition("/")
    return "/" + after_authority[2]


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


@lru_cache(maxsize=64)
def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""
