"""Conforming variants of a server's connections and of how it frames responses, as RFC 9112 allows them."""

from __future__ import annotations

import itertools
import random
import socket
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import h11

from tunnelspec.emulator import Emulator, HttpConnection, HttpRequest, HttpResponse
from tunnelspec.faults.base import Variant
from tunnelspec.faults.framing import CHUNKED, framing, with_length, writing
from tunnelspec.faults.rows import variant

_RFC = "RFC 9112 allows it."


class IdleConnectionsClosed(Variant, why="RFC 9112, 9.5: a server may close an idle connection at any time."):
    """A third of the responses is followed by a close of the connection, unannounced, after 0 to 50 ms."""

    served = True

    class Connection(HttpConnection):
        responses: ClassVar[Iterator[int]] = itertools.count(1)
        draw: ClassVar[random.Random] = random.Random(0)

        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            super().send(response, has_body=has_body)
            if next(self.responses) % 3 == 0 and not self.http.trailing_data[0]:
                # Until the next request begins, however slowly that goes on. A timeout of 0 would not block at all.
                self.sock.settimeout(self.draw.uniform(0.001, 0.05))
                self.sock.recv(1, socket.MSG_PEEK)
                self.sock.settimeout(None)


class PipelinesReset(Variant, why="RFC 9112, 9.5: a server may close at any time, 9.3.2: clients retry."):
    """A connection on which a second request arrives with the first is reset without a response."""

    served = True

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            data = super().receive()
            if data.find(b"POST / HTTP/1.1", 1) > 0:
                raise ConnectionResetError
            return data


class Http10(Variant, name="http-1.0", why="RFC 9112, 6.3: such a response ends with its connection.", may_skip=True):
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


class OnlyHttp10(
    Http10, name="only-http-1.0", why="RFC 9112, 2.3: HTTP/1.0 is all that it conforms to.", may_skip=True
):
    """The server is one of HTTP/1.0, which knows no chunks, no Expect and no target in absolute form."""

    class Connection(HttpConnection):
        def target(self, head: h11.Request) -> str:
            return head.target.decode("ascii")

        def request_body(self) -> None: ...

        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is not None and "content-length" not in request.headers:
                return replace(request, body=b"")
            return request


# Bodies and heads.


def _chunked(head: bytes, body: bytes) -> bytes:
    half = len(body) // 2 or 1
    parts = b"".join(b"%x;part=1\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    return head + CHUNKED + b"\r\n\r\n" + parts + b"0\r\nX-Checked: yes\r\n\r\n"


variant("chunked-responses", _RFC, "Responses are chunked, with an extension and a trailer.").connection(
    framing(_chunked)
)
variant("end-of-connection", _RFC, "The end of the connection ends the body of a response.").connection(
    framing(lambda head, body: head + b"\r\nConnection: close\r\n\r\n" + body, ends=True)
)
variant("identity-named", "It is no coding.", "Responses name the content coding identity.").connection(
    framing(lambda head, body: with_length(head + b"\r\nContent-Encoding: identity", body))
)
variant(
    "no-reason", "A reason phrase may be empty (RFC 9112, 4).", "Status lines have a space for a reason."
).connection(writing(lambda data: data[:13] + data[data.index(b"\r\n") :]))
variant("checksums", "Recorded of AWS services.", "Responses have an x-amz-crc32 that is right.").after(
    Emulator.response, lambda response, self, status, body: response.set_header("x-amz-crc32", str(zlib.crc32(body)))
)
