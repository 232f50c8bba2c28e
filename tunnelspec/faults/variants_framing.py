"""Conforming variants of a server's connections, as RFC 9112 allows them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import ClassVar

from tunnelspec.emulator import HttpConnection, HttpRequest, HttpResponse
from tunnelspec.faults.base import Variant


class IdleConnectionsClosed(Variant, why="RFC 9112, 9.5: a server may close an idle connection at any time."):
    """A third of the responses is followed by a close of the connection, unannounced, after 0 to 50 ms."""

    served = True

    class Connection(HttpConnection):
        responses: ClassVar[Iterator[int]] = itertools.count(1)
        draw: ClassVar[random.Random] = random.Random(0)

        def request(self) -> HttpRequest | None:
            # A timeout of 0 would make the socket non-blocking.
            closes = next(self.responses) % 3 == 0
            self.sock.settimeout(self.draw.uniform(0.001, 0.05) if closes else None)
            return super().request()


class Http10(Variant, name="http-1.0", why="RFC 9112, 6.3: such a response ends with its connection."):
    """Responses are of HTTP/1.0, and the close of the connection ends them."""

    served = True

    class Connection(HttpConnection):
        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            response.headers.append(("Connection", "close"))
            super().send(response, has_body=has_body)

        def write(self, data: bytes) -> None:
            head, _, body = data.partition(b"\r\n\r\n")
            # h11 writes HTTP/1.1 only.
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
            lines[0] = lines[0].replace(b"HTTP/1.1", b"HTTP/1.0", 1)
            super().write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
