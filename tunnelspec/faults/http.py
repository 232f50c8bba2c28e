"""Faults in how a server reads requests, and variants that use the freedom that HTTP gives it.

Faults change the bytes of a request before they are parsed, or what is read of it.

A catalogue, and long: the name of a module is the beginning of its faults' ids, by which others know them.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from http import HTTPStatus
from typing import ClassVar

import h11

from tunnelspec.emulator import HttpConnection, HttpRequest, HttpResponse
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import READING
from tunnelspec.verdict import Level


class Reading(Fault, defect_class=READING):
    served: ClassVar[bool] = True


class Replaced(HttpConnection):
    """Replaces bytes of a request as they arrive: `old` by `new`, of equal length."""

    old: ClassVar[bytes] = b""
    new: ClassVar[bytes] = b""

    def receive(self) -> bytes:
        data = super().receive()
        return data.replace(self.old, self.new) if self.old else data


class _Picky(HttpConnection):
    """Rejects the requests of which it does not like the head."""

    @abstractmethod
    def dislikes(self, head: h11.Request) -> bool:
        """Whether a request with this head is rejected."""

    def headers(self, head: h11.Request) -> dict[str, str]:
        headers = super().headers(head)
        return {**headers, "x-amz-target": "disliked"} if self.dislikes(head) else headers


# Header fields.


class NamesInOneCase(Reading, killer="http/*/names-lower-case"):
    """A header is known by the spelling Content-Type alone."""

    class Connection(Replaced):
        old, new = b"content-type:", b"xontent-type:"


class NamesInUpperCase(Reading, killer="http/*/names-upper-case"):
    """X-AMZ-TARGET in capitals is unknown."""

    class Connection(Replaced):
        old, new = b"X-AMZ-TARGET:", b"Y-AMZ-TARGET:"


class OneSpaceOnly(Reading, killer="http/*/no-white-space"):
    """A colon without a space behind it ends no header name."""

    class Connection(Replaced):
        old, new = b"X-Amz-Target:I", b"X-Amz-Xarget:I"


class TabIsNoWhiteSpace(Reading, killer="http/*/tabs-and-spaces"):
    """A tab before a header's value belongs to the value."""

    class Connection(Replaced):
        old, new = b": \t ", b": ,  "


class SpacesBehindKept(Reading, killer="http/*/white-space-behind"):
    """White space behind a header's value belongs to the value."""

    class Connection(Replaced):
        old, new = b" \t\r\n", b" ,\r\n"


class UnknownFieldsRefused(Reading, killer="http/*/unknown-fields", level=Level.SHOULD):
    """A request with an unknown header field is rejected."""

    class Connection(_Picky):
        def dislikes(self, head: h11.Request) -> bool:
            return any(name == b"x-tunnelspec" and value == b"1" for name, value in head.headers)


class RepeatedFieldsRefused(Reading, killer="http/*/repeated-field", level=Level.SHOULD):
    """A header field that comes twice is rejected, whatever its name."""

    class Connection(_Picky):
        def dislikes(self, head: h11.Request) -> bool:
            names = [name for name, _ in head.headers]
            return len(names) > len(set(names))


class EmptyFieldsRefused(Reading, killer="http/*/empty-field", level=Level.SHOULD):
    """A header field without a value is rejected."""

    class Connection(_Picky):
        def dislikes(self, head: h11.Request) -> bool:
            return any(not value for _, value in head.headers)


class CrashOnManyFields(Reading, killer="http/*/many-fields"):
    """More than fifty header fields cause status 500."""

    class Connection(HttpConnection):
        def headers(self, head: h11.Request) -> dict[str, str]:
            headers = super().headers(head)
            return {**headers, "x-crash": "1"} if len(head.headers) > 50 else headers

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(500) if "x-crash" in request.headers else super().handle(request)


# Bodies.


class FirstChunkOnly(Reading, killer="http/*/chunks"):
    """Of a chunked body only the first chunk is read."""

    class Connection(HttpConnection):
        def body(self) -> bytes | None:
            received = b""
            first: bytes | None = None
            while isinstance(event := self.event(), h11.Data):
                received += bytes(event.data)
                first = received if first is None and event.chunk_end else first
            return (first if first is not None else received) if isinstance(event, h11.EndOfMessage) else None


class ChunkedIsEmpty(Reading, killer="http/*/chunked"):
    """A request without Content-Length has no body."""

    class Connection(HttpConnection):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is None or "content-length" in request.headers:
                return request
            return replace(request, body=b"{")


class ExtensionIsData(Reading, killer="http/*/chunk-extension"):
    """The extension of a chunk makes its size unreadable."""

    class Connection(Replaced):
        old, new = b";tunnelspec=1\r\n", b"ztunnelspec=1\r\n"


class OnePiece(Reading, killer="http/*/in-pieces"):
    """The body of a request is what has arrived with its head."""

    class Connection(HttpConnection):
        reads = 0

        def receive(self) -> bytes:
            self.reads += 1
            return super().receive()

        def request(self) -> HttpRequest | None:
            self.reads = 0
            request = super().request()
            if request is None or self.reads < 3 or "expect" in request.headers:
                return request
            return replace(request, body=b"{")


# What a client may ask for.


class ExpectationFailed(Reading, killer="http/*/expect-continue", level=Level.SHOULD):
    """Every expectation fails: status 417."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(417) if "expect" in request.headers else super().handle(request)


class CloseOptionRefused(Reading, killer="http/*/connection-close"):
    """A request with the close option is rejected."""

    class Connection(_Picky):
        def dislikes(self, head: h11.Request) -> bool:
            return (b"connection", b"close") in list(head.headers)


class AbsoluteFormIsPath(Reading, killer="http/*/absolute-form"):
    """A request target in absolute form is taken for a path."""

    class Connection(HttpConnection):
        def target(self, head: h11.Request) -> str:
            target = head.target.decode("ascii")
            return target if target.startswith("/") else "/" + target


class AbsoluteFormKeepsHost(Reading, killer="http/*/absolute-form"):
    """Of a request target in absolute form only the scheme is dropped."""

    class Connection(HttpConnection):
        def target(self, head: h11.Request) -> str:
            return head.target.decode("ascii").partition("://")[2] or super().target(head)


class UpgradeRequired(Reading, killer="http/*/upgrade-h2c", level=Level.SHOULD):
    """An offer to upgrade is rejected with status 426."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(426) if "upgrade" in request.headers else super().handle(request)


class UnknownUpgradeRefused(Reading, killer="http/*/upgrade-unknown", level=Level.SHOULD):
    """An offer of an unknown protocol is rejected with status 400."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        unknown = request.headers.get("upgrade", "h2c") != "h2c"
        return HttpResponse(400) if unknown else super().handle(request)


class BodiesOf100Kilobytes(Reading, killer="protocol/OpenTunnel/largest"):
    """A body of more than 100 kB is rejected with status 413, whatever is in it."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(413) if len(request.body) > 100_000 else super().handle(request)


# The next request.


class LeavesBytes(HttpConnection):
    """After a rejection of `status`, the next request on the connection begins with bytes of the last."""

    status: ClassVar[int | None] = None
    left = b""

    def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
        if response.status >= 400 and (self.status is None or response.status == self.status):
            self.left = b"left "
        super().send(response, has_body=has_body)

    def receive(self) -> bytes:
        data, left = super().receive(), self.left
        self.left = b""
        return left + data if data else data


class BodyLeftUnread(Reading, killer="http/*/after-content-type"):
    """The body of a rejected request is left unread on the connection."""

    class Connection(LeavesBytes):
        pass


class UnsignedBodyLeftUnread(Reading, killer="http/*/after-signature"):
    """The body of a request without a signature is left unread on the connection."""

    class Connection(LeavesBytes):
        status = 403

    def handle(self, request: HttpRequest) -> HttpResponse:
        is_signed = "authorization" in request.headers
        return super().handle(request) if is_signed else HttpResponse(403)


class PipelinedDropped(Reading, killer="http/*/pipelined*"):
    """What arrives together with a request is dropped, and the connection stays open."""

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            data = super().receive()
            second = data.find(b"POST / HTTP/1.1", 1)
            return data if second < 0 else data[:second]


class PipelinedJoined(Reading, killer="http/*/pipelined*"):
    """The head of a second request in one segment loses its first byte."""

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            data = super().receive()
            second = data.find(b"POST / HTTP/1.1", 1)
            return data if second < 0 else data[:second] + data[second + 1 :]


class ErrorGivenTwice(Reading, killer="http/*/after-target"):
    """After an error the next request on the connection is rejected, too."""

    class Connection(HttpConnection):
        broken = False

        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            if self.broken:
                response = HttpResponse(400, [("Content-Type", "text/plain")], b"bad request")
            self.broken = response.status >= 400 and not self.broken
            super().send(response, has_body=has_body)


# Conforming variants.


class LengthRequired(Variant, why="RFC 9110 lets a server require a Content-Length.", may_warn=True):
    """A chunked request is rejected with status 411."""

    served: ClassVar[bool] = True

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(411) if "transfer-encoding" in request.headers else super().handle(request)


class HeaderSectionLimit(Variant, why="RFC 9110 sets no limit."):
    """A request with more than fifty header fields or a very long one is rejected with status 431."""

    served: ClassVar[bool] = True

    def handle(self, request: HttpRequest) -> HttpResponse:
        is_large = len(request.headers) > 50 or any(len(value) > 4_000 for value in request.headers.values())
        if is_large:
            return HttpResponse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        return super().handle(request)


class ClosesAfterErrors(Variant, why="RFC 9112 lets a server close at any time."):
    """The connection is closed after every error."""

    served: ClassVar[bool] = True

    class Connection(HttpConnection):
        def send(self, response: HttpResponse, *, has_body: bool = True) -> None:
            if response.status >= 400:
                response.headers.append(("Connection", "close"))
            super().send(response, has_body=has_body)
