"""Faults that show with the next request on a connection; variants that use the freedom that HTTP gives a server."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.emulator import HttpConnection, HttpRequest, HttpResponse
from tunnelspec.faults.base import Variant
from tunnelspec.faults.http import Reading, reading
from tunnelspec.faults.rows import variant


class LeavesBytes(HttpConnection):
    """After a rejection, the next request on the connection begins with bytes of the last."""

    left = b""

    def is_left(self, response: HttpResponse) -> bool:
        """Whether bytes are left after this response."""
        return response.status >= 400

    def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
        if self.is_left(response):
            self.left = b"left "
        super().send(response, has_body=has_body)

    def receive(self) -> bytes:
        data, left = super().receive(), self.left
        self.left = b""
        return left + data if data else data


reading("body-left-unread", "after-content-type", "The body of a rejected request is left unread.").connection(
    LeavesBytes
)


class UnsignedBodyLeftUnread(Reading, prefix="http", killer="http/*/after-signature"):
    """The body of a request without a signature is left unread on the connection."""

    class Connection(LeavesBytes):
        def is_left(self, response: HttpResponse) -> bool:
            return response.status == 403

    def handle(self, request: HttpRequest) -> HttpResponse:
        is_signed = "authorization" in request.headers
        return super().handle(request) if is_signed else HttpResponse(403)


class ErrorGivenTwice(Reading, prefix="http", killer="http/*/after-target"):
    """After an error the next request on the connection is rejected, too."""

    class Connection(HttpConnection):
        broken = False

        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            if self.broken:
                response = HttpResponse(400, [("Content-Type", "text/plain")], b"bad request")
            self.broken = response.status >= 400 and not self.broken
            super().send(response, has_body=has_body)


def _pipelined(resume: Callable[[bytes, int], bytes]) -> type[HttpConnection]:
    """Reads what `resume` makes of two requests in one segment and of the second one's offset."""

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            data = super().receive()
            second = data.find(b"POST / HTTP/1.1", 1)
            return data if second < 0 else resume(data, second)

    return Connection


reading("pipelined-dropped", "pipelined*", "What arrives together with a request is dropped.").connection(
    _pipelined(lambda data, second: data[:second])
)
reading(
    "pipelined-joined", "pipelined*", "The head of a second request in one segment loses its first byte."
).connection(_pipelined(lambda data, second: data[:second] + data[second + 1 :]))

# What conforms.


class _Served(Variant):
    served = True


variant(
    "length-required",
    "RFC 9110 lets a server require a Content-Length.",
    "A chunked request is rejected with status 411.",
    base=_Served,
    may_warn=True,
).responding(lambda request: "transfer-encoding" in request.headers, 411)
variant(
    "header-section-limit",
    "RFC 9110 sets no limit.",
    "A request with more than fifty header fields or a very long one is rejected with status 431.",
    base=_Served,
).responding(
    lambda request: len(request.headers) > 50 or any(len(value) > 4_000 for value in request.headers.values()), 431
)


class ClosesAfterErrors(_Served, why="RFC 9112 lets a server close at any time."):
    """The connection is closed after every error."""

    class Connection(HttpConnection):
        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            if response.status >= 400:
                response.headers.append(("Connection", "close"))
            super().send(response, has_body=has_body)
