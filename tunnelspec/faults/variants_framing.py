"""Conforming variants of HTTP itself: what RFC 9110 and RFC 9112 allow. They show where the emulator is served.

A run in process cannot tell them from the reference.
"""

from __future__ import annotations

import itertools
import random

import h11

from tunnelspec.emulator import HttpResponse
from tunnelspec.emulator.connection import Wire, head, send
from tunnelspec.faults.base import Variant


class WireVariant(Variant):
    """A variant that differs on the wire alone."""

    needs_own_run = True
    wire = Wire()


class _IdleClosed(Wire):
    """A third of the responses, the third first, is followed by a close within 50 ms."""

    def __init__(self) -> None:
        self._number = itertools.count(1)
        self._draw = random.Random(0)

    def idle_s(self) -> float | None:
        # A timeout of 0 would make the socket non-blocking.
        return self._draw.uniform(0.001, 0.05) if next(self._number) % 3 == 0 else None


class IdleConnectionsClosed(WireVariant, why="RFC 9112, 9.5: a server may close an idle connection at any time."):
    """A third of the responses is followed by a close of the connection, unannounced, after 0 to 50 ms."""

    wire = _IdleClosed()


class _Http10(Wire):
    """A response of an HTTP/1.0 server, whose end is the end of the connection."""

    def encode(self, http: h11.Connection, response: HttpResponse, *, has_body: bool) -> bytes:
        headers = [*self.headers(response), (b"Connection", b"close")]
        data = send(http, head(response, headers), *([h11.Data(data=response.body)] if has_body else []))
        plain, _, body = data.partition(b"\r\n\r\n")
        # h11 writes HTTP/1.1 only, and chunks what has no length.
        lines = [line for line in plain.split(b"\r\n") if not line.lower().startswith(b"transfer-encoding")]
        lines[0] = lines[0].replace(b"HTTP/1.1", b"HTTP/1.0", 1)
        return b"\r\n".join(lines) + b"\r\n\r\n" + (response.body if body else b"")


class Http10(WireVariant, name="http-1.0", why="RFC 9112, 6.3: such a response ends with its connection."):
    """Responses are of HTTP/1.0, and the close of the connection ends them."""

    wire = _Http10()


class _EarlyHints(Wire):
    def encode(self, http: h11.Connection, response: HttpResponse, *, has_body: bool) -> bytes:
        hints = h11.InformationalResponse(status_code=103, headers=[(b"Link", b"</style.css>; rel=preload")])
        interim = b"".join(http.send(hints) or b"" for _ in range(2))
        return interim + super().encode(http, response, has_body=has_body)


class EarlyHints(WireVariant, why="RFC 9110, 15.2: a client must be able to parse interim responses."):
    """Two interim responses with status 103 precede every response."""

    wire = _EarlyHints()


class _Chunked(Wire):
    def encode(self, http: h11.Connection, response: HttpResponse, *, has_body: bool) -> bytes:
        if not has_body or response.status in (204, 304):
            return super().encode(http, response, has_body=has_body)
        headers = [*self.headers(response), (b"Transfer-Encoding", b"chunked"), (b"Trailer", b"x-amz-trailer")]
        start = http.send(head(response, headers)) or b""
        body = response.body
        parts = [body[:1], body[1:7], body[7:]]
        chunks = [http.send(h11.Data(data=part)) or b"" for part in parts if part]
        extended = [chunk.replace(b"\r\n", b';name="a;b"\r\n', 1) for chunk in chunks]
        return start + b"".join(extended) + send(http, trailers=[(b"x-amz-trailer", b"1")])


class ChunksWithExtensions(WireVariant, why="RFC 9112, 7.1: a recipient must ignore extensions that it does not know."):
    """Bodies come in three chunks with extensions and a trailer."""

    wire = _Chunked()
