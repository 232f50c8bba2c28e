"""Faults of a server that reads the bytes of a request in a way of its own, as parsers written by hand do.

Each replaces or refuses bytes before they are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tunnelspec.emulator import HttpConnection, HttpRequest, HttpResponse
from tunnelspec.faults.defect_classes import READING
from tunnelspec.faults.http import Reading
from tunnelspec.faults.rows import Faults

reading = Faults("http_bytes", READING, "http/*/", base=Reading)


def _status(line: str) -> bytes:
    return f"HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


#: Longer bodies than this, in bytes, are refused.
_LARGE = 1_000_000
_BAD, _CRASH, _CLOSED = _status("400 Bad Request"), _status("500 Internal Server Error"), b""


def _seed(case: str, name: str, sentence: str, receive: Callable[[bytes, HttpConnection], bytes]) -> None:
    """Seed a fault: what arrives is read as what `receive` makes of it and of the connection."""

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            return receive(super().receive(), self)

    reading(name, case, sentence).connection(Connection)


def _rewrite(case: str, name: str, sentence: str, pattern: bytes, replacement: bytes) -> None:
    """Seed a fault: what matches is replaced before it is parsed."""
    matching = re.compile(pattern, re.DOTALL)
    _seed(case, name, sentence, lambda data, self: matching.sub(replacement, data))


def _refuse(case: str, name: str, sentence: str, pattern: bytes, response: bytes) -> None:
    """Seed a fault: the response to what matches is this, and a close."""
    matching = re.compile(pattern, re.DOTALL)

    def receive(data: bytes, self: HttpConnection) -> bytes:
        if matching.search(data):
            self.sock.sendall(response)
            raise OSError("refused")
        return data

    _seed(case, name, sentence, receive)


# Header fields.

_ORDER, _UPPER = "names-reordered", "names-upper-case"
_rewrite(_UPPER, "target-in-capitals", "X-AMZ-TARGET is not read.", rb"\r\nX-AMZ-TARGET:", b"\r\nX-Other:")
_rewrite(_UPPER, "length-in-capitals", "CONTENT-LENGTH is not read.", rb"\r\nCONTENT-LENGTH:", b"\r\nX-Other:")
_rewrite(
    _ORDER,
    "target-after-length",
    "X-Amz-Target is read only before Content-Length.",
    rb"(\r\nContent-Length: [^\r]*\r\n)X-Amz-Target:",
    rb"\1X-Other:",
)
_rewrite(
    _ORDER,
    "type-after-target",
    "Content-Type is read only before X-Amz-Target.",
    rb"(\r\nX-Amz-Target: [^\r]*\r\n)Content-Type:",
    rb"\1X-Other:",
)
_refuse(
    _ORDER, "length-first", "Content-Length before the rest causes status 500.", rb"Host: [^\r]*\r\nContent-L", _CRASH
)
_refuse("many-fields", "many-fields-closed", "Many fields close the connection.", rb"\r\nX-Tunnelspec-79", _CLOSED)
_refuse("long-field", "long-field-crash", "A value of 2,048 characters causes status 500.", rb": [^\r ]{2048}", _CRASH)

# Bodies.

_CHUNKED, _EXPECT = rb"\r\nTransfer-Encoding: chunked", "expect-continue"
_refuse("chunks", "chunks-refused", "A chunked body is refused.", _CHUNKED, _status("501 Not Implemented"))
_refuse(
    "chunked-upper-case",
    "coding-in-capitals",
    "TRANSFER-ENCODING: CHUNKED is refused.",
    rb"\r\nTRANSFER-ENCODING: CHUNKED",
    _status("501 Not Implemented"),
)
_refuse("chunk-trailers", "trailer-refused", "A trailer causes status 500.", rb"\r\n0\r\nX-", _CRASH)
_refuse("in-pieces", "head-in-pieces", "A head in two pieces is refused.", rb"\APOST (?!.*\r\n\r\n)", _BAD)
_refuse(
    "in-pieces", "slow-refused", "A piece that begins no request is refused.", rb"\A(?!POST )", _status("408 Timeout")
)
_refuse(_EXPECT, "expect-closed", "Expect closes the connection.", rb"\r\nExpect:", _CLOSED)
_refuse("expect-upper-case", "expect-in-capitals", "100-CONTINUE is refused.", rb"\r\nExpect: 100-C", _BAD)
_refuse(_EXPECT, "expect-refused", "Expect is refused.", rb"\r\nExpect:", _BAD)


class NeverContinues(Reading, killer="http/*/expect-continue"):
    """A body that waits for 100 (Continue) is waited for in silence."""

    class Connection(HttpConnection):
        def request_body(self) -> None:
            """Send nothing."""


# Targets and connections.

_ABSOLUTE, _CLOSE = "absolute-form", "connection-close"
_refuse(_ABSOLUTE, "absolute-refused", "A target in absolute form is refused.", rb"\APOST http", _BAD)
_refuse(_CLOSE, "close-at-once", "Connection: close closes before the response.", rb"\r\nConnection: close", _CLOSED)
_rewrite(_CLOSE, "close-drops-body", "Connection: close drops the body.", rb"(close\r\n.*\r\n\r\n).*", rb"\1")
_refuse("upgrade-*", "upgrade-crash", "An offer to upgrade causes status 500.", rb"\r\nUpgrade:", _CRASH)

# Several requests on one connection.

_rewrite(
    "after-target",
    "unread-target",
    "The body of a request of an unknown target is read as the next request.",
    rb"(\r\nX-Amz-Target: nothing\r\n.*?\r\n)Content-Length:",
    rb"\1X-Other:",
)


class UnreadLargeBody(Reading, killer="http/*/after-length"):
    """After status 413 the body is taken for another request, which is answered as well."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(data + _BAD if data.startswith(b"HTTP/1.1 413") else data)

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(413) if len(request.body) > _LARGE else super().handle(request)


class TwoInReverse(Reading, killer="http/*/pipelined*"):
    """Of two requests in one segment, the second is answered first."""

    class Connection(HttpConnection):
        held = b""

        def write(self, data: bytes) -> None:
            if self.http.trailing_data[0]:
                self.held = data
                return
            super().write(data + self.held)
            self.held = b""
