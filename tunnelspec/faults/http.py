"""Faults of a server's HTTP that show only where a request is written in another way, and variants of HTTP.

Most are what a hand-written parser gets wrong, and change or refuse the bytes of a request before they are parsed.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import h11

from tunnelspec.emulator import HttpConnection, HttpRequest, HttpResponse
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.verdict import Level


def _status(line: str) -> bytes:
    return f"HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


_BAD, _CRASH, _CLOSED = _status("400 Bad Request"), _status("500 Internal Server Error"), b""


class Matching(HttpConnection):
    """Does something about bytes that match `pattern`."""

    pattern: ClassVar[re.Pattern[bytes]]
    replacement: ClassVar[bytes]


class Rewriting(Matching):
    """Replaces what matches before it is parsed."""

    def receive(self) -> bytes:
        return self.pattern.sub(self.replacement, super().receive())


class Refusing(Matching):
    """Sends `replacement` in response to what matches, and closes."""

    def receive(self) -> bytes:
        data = super().receive()
        if self.pattern.search(data):
            self.sock.sendall(self.replacement)
            raise OSError("refused")
        return data


def _seed(
    kind: type[Matching], case: str, name: str, sentence: str, pattern: bytes, replacement: bytes, **options: Any
) -> None:
    attributes = {"pattern": re.compile(pattern, re.DOTALL), "replacement": replacement}
    connection: type[HttpConnection] = type("Connection", (kind,), attributes)

    class Seeded(
        Fault,
        name=f"http/{name}",
        killer=f"http/*/{case}",
        sentence=sentence,
        defect_class="HTTP of requests",
        **options,
    ):
        served = True
        Connection = connection


def _rewrite(case: str, name: str, sentence: str, pattern: bytes, replacement: bytes, **options: Any) -> None:
    _seed(Rewriting, case, name, sentence, pattern, replacement, **options)


def _refuse(case: str, name: str, sentence: str, pattern: bytes, response: bytes, **options: Any) -> None:
    _seed(Refusing, case, name, sentence, pattern, response, **options)


# Names, order and white space of header fields.

_UPPER, _LOWER, _ORDER = "names-upper-case", "names-lower-case", "order-reversed"
_rewrite(_UPPER, "target-in-capitals", "X-AMZ-TARGET is not read.", rb"\r\nX-AMZ-TARGET:", b"\r\nX-Other:")
_rewrite(_UPPER, "length-in-capitals", "CONTENT-LENGTH is not read.", rb"\r\nCONTENT-LENGTH:", b"\r\nX-Other:")
_rewrite(_LOWER, "type-in-lower-case", "content-type is not read.", rb"\r\ncontent-type:", b"\r\nX-Other:")
_refuse(_LOWER, "lower-case-refused", "A name in lower case is refused.", rb"\r\nx-amz-target:", _BAD)
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
    _ORDER, "coding-first", "Accept-Encoding before the rest causes status 500.", rb"Host: [^\r]*\r\nAccept-", _CRASH
)
_rewrite(
    "white-space-none", "space-needed", "A field without a space is not read.", rb"\r\nX-Amz-Target:(?=\w)", b"\r\nO:"
)
_rewrite("white-space-more", "tab-kept", "A tab before a value is a part of it.", rb"(?m)(^X-Amz-Target:)\t", rb"\1.")
_rewrite(
    "white-space-more",
    "end-kept",
    "White space after a value is a part of it.",
    rb"(\w)[ \t]+\r\n(?=.*\r\n\r\n)",
    rb"\1.\r\n",
)

# Bodies.

_CHUNKED = rb"\r\nTransfer-Encoding: chunked"
_rewrite("chunked", "chunks-not-read", "A chunked body is not read.", _CHUNKED, b"\r\nX-Other: chunked")
_refuse("chunked", "chunks-refused", "A chunked body is refused.", _CHUNKED, _status("501 Not Implemented"))
_refuse("chunked-extension", "extension-refused", "A chunk extension is refused.", rb"\r\n[0-9a-f]+;", _BAD)
_refuse("chunked-trailer", "trailer-refused", "A trailer causes status 500.", rb"\r\n0\r\nX-", _CRASH)
_rewrite("chunked", "first-chunk", "Only the first chunk is read.", rb"(\r\n\r\n1\r\n.\r\n).*", rb"\g<1>0\r\n\r\n")
_refuse(
    "pieces", "slow-refused", "A piece that begins no request gets status 408.", rb"\A(?!POST )", _status("408 Timeout")
)
_refuse("pieces", "head-in-pieces", "A head in two pieces is refused.", rb"\APOST (?!.*\r\n\r\n)", _BAD)
_refuse("expect-continue", "expect-refused", "Expect is refused.", rb"\r\nExpect:", _BAD)
_refuse("expect-continue", "expect-closed", "Expect closes the connection.", rb"\r\nExpect:", _CLOSED)


class FirstPiece(Fault, killer="http/*/pieces", defect_class="HTTP of requests"):
    """The body ends where the first piece does."""

    served = True

    class Connection(HttpConnection):
        def body(self) -> bytes | None:
            event = self.event()
            part = bytes(event.data) if isinstance(event, h11.Data) else b""
            rest = super().body() if part else b""
            return part if rest is not None else None


class NeverContinues(Fault, killer="http/*/expect-continue", defect_class="HTTP of requests"):
    """Expect is ignored: the body is waited for in silence."""

    served = True

    class Connection(HttpConnection):
        def request_body(self) -> None:
            """Send nothing."""


# Targets and connections.

_ABSOLUTE = "absolute-target"
_refuse(_ABSOLUTE, "absolute-refused", "A target in absolute form is refused.", rb"\APOST http", _BAD)
_refuse(_ABSOLUTE, "absolute-crash", "A target in absolute form causes status 500.", rb"\APOST http", _CRASH)
_rewrite(
    _ABSOLUTE, "absolute-as-path", "A target in absolute form is taken for a path.", rb"\APOST http", b"POST /http"
)
_CLOSE, _UPGRADE = "connection-close", "upgrade-offer"
_refuse(_CLOSE, "close-at-once", "Connection: close closes before the response.", rb"\r\nConnection: close", _CLOSED)
_refuse(_CLOSE, "close-refused", "Connection: close is refused.", rb"\r\nConnection: close", _BAD)
_rewrite(_CLOSE, "close-drops-body", "Connection: close drops the body.", rb"(close.*\r\n\r\n).*", rb"\1")
_SHOULD = {"level": Level.SHOULD}
_refuse(_UPGRADE, "upgrade-refused", "An offer to upgrade is refused.", rb"\r\nUpgrade:", _BAD, **_SHOULD)
_refuse(
    _UPGRADE,
    "upgrade-required",
    "Another protocol is required.",
    rb"\r\nUpgrade:",
    _status("426 Upgrade Required"),
    **_SHOULD,
)
_refuse(_UPGRADE, "upgrade-crash", "An offer to upgrade causes status 500.", rb"\r\nUpgrade:", _CRASH)
_refuse("many-fields", "many-fields-crash", "More than 40 fields cause status 500.", rb"(\r\nX-[^\r]*){40}", _CRASH)
_refuse("many-fields", "many-fields-closed", "Many fields close the connection.", rb"\r\nX-Tunnelspec-49", _CLOSED)
_refuse("long-field", "long-field-crash", "A value of 2,048 characters causes status 500.", rb": [^\r ]{2048}", _CRASH)

# Several requests on one connection.

_rewrite(
    "after-content-type",
    "unread-content-type",
    "The body of a request of another content type is read as the next request.",
    rb"(text/plain.*?\r\n)Content-Length:",
    rb"\1X-Other:",
)
_rewrite(
    "after-unknown-target",
    "unread-target",
    "The body of a request of an unknown target is read as the next request.",
    rb"(\.NoSuchOperation\r\n.*?\r\n)Content-Length:",
    rb"\1X-Other:",
)
_rewrite(
    "after-malformed",
    "unread-malformed",
    "The end of a body that is not JSON is read as the next request.",
    rb"(\r\nContent-Length: \d)\d+(\r\n.*\{ +)\Z",
    rb"\1\2",
)


class UnreadLargeBody(Fault, killer="http/*/after-large-body", defect_class="HTTP of requests"):
    """After status 413 the body is read as the next request."""

    served = True

    class Connection(Rewriting):
        pattern = re.compile(rb"\r\nContent-Length: \d{7}")
        replacement = b"\r\nX-Large: yes"

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(413) if "x-large" in request.headers else super().handle(request)


class FirstOfTwo(Fault, killer="http/*/pipelined", defect_class="HTTP of requests"):
    """What comes in the same segment after a request is dropped."""

    served = True

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            data = super().receive()
            second = data.find(b"POST / HTTP/1.1\r\n", 1)
            return data if second < 0 else data[:second]


class TwoRefused(Fault, killer="http/*/pipelined", defect_class="HTTP of requests"):
    """Two requests in one segment are refused."""

    served = True

    class Connection(Refusing):
        pattern = re.compile(rb"POST / HTTP/1.1\r\n.*POST / HTTP/1.1\r\n", re.DOTALL)
        replacement = _BAD


class TwoInReverse(Fault, killer="http/*/pipelined", defect_class="HTTP of requests"):
    """Of two requests in one segment, the second is answered first."""

    served = True

    class Connection(HttpConnection):
        held = b""

        def write(self, data: bytes) -> None:
            if self.http.trailing_data[0]:
                self.held = data
                return
            super().write(data + self.held)
            self.held = b""


# Conforming variants.


class LengthRequired(Variant, why="RFC 9110 allows it.", may_warn=True):
    """A chunked body is rejected with status 411."""

    served = True

    class Connection(Refusing):
        pattern = re.compile(_CHUNKED)
        replacement = _status("411 Length Required")


class ExpectationFailed(Variant, why="RFC 9110 allows it.", may_warn=True):
    """Expect is rejected with status 417."""

    served = True

    class Connection(Refusing):
        pattern = re.compile(rb"\r\nExpect:")
        replacement = _status("417 Expectation Failed")


class FewFields(Variant, why="RFC 9110 lets a server set its own limits."):
    """Many or long header fields are rejected with status 431."""

    served = True

    class Connection(Refusing):
        pattern = re.compile(rb"\r\nX-Tunnelspec-(49|Long)")
        replacement = _status("431 Request Header Fields Too Large")


class ClosesAfterErrors(Variant, why="RFC 9112 allows it."):
    """The connection is closed after each error, without a Connection field that says so."""

    served = True

    class Connection(HttpConnection):
        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            super().send(response, has_body=has_body)
            if response.status >= 400:
                raise OSError("closed")


class ClosesEachConnection(Variant, why="RFC 9112 allows it."):
    """Each connection serves one request."""

    served = True

    def handle(self, request: HttpRequest) -> HttpResponse:
        return super().handle(request).set_header("Connection", "close")
