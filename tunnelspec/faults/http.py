"""Faults in how a server reads header fields, bodies and targets of requests.

Faults change the bytes of a request before they are parsed, or what is read of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import h11

from tunnelspec.emulator import HttpConnection, HttpRequest
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import READING
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level


class Reading(Fault, defect_class=READING):
    served = True


reading = Faults("http", READING, "http/*/", base=Reading)
reading_should = Faults("http", READING, "http/*/", base=Reading, level=Level.SHOULD)

# Kinds of connections.


def replacing(old: bytes, new: bytes) -> type[HttpConnection]:
    """Replaces bytes of a request as they arrive: `old` by `new`, of equal length."""

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            return super().receive().replace(old, new)

    return Connection


def _disliking(dislikes: Callable[[h11.Request], bool]) -> type[HttpConnection]:
    """Rejects the requests of which it does not like the head."""

    class Connection(HttpConnection):
        def headers(self, head: h11.Request) -> dict[str, str]:
            headers = super().headers(head)
            return {**headers, "x-amz-target": "disliked"} if dislikes(head) else headers

    return Connection


def with_request(alter: Callable[[HttpConnection, HttpRequest], HttpRequest]) -> type[HttpConnection]:
    """Reads what `alter` makes of each request."""

    class Connection(HttpConnection):
        def request(self) -> HttpRequest | None:
            request = super().request()
            return request and alter(self, request)

    return Connection


def _with_target(read: Callable[[str], str]) -> type[HttpConnection]:
    """Reads request targets as `read` does."""

    class Connection(HttpConnection):
        def target(self, head: h11.Request) -> str:
            return read(head.target.decode("ascii"))

    return Connection


# Header fields.

reading("names-in-one-case", "names-lower-case", "A header is known by the spelling Content-Type alone.").connection(
    replacing(b"content-type:", b"xontent-type:")
)
reading("names-in-upper-case", "names-upper-case", "X-AMZ-TARGET in capitals is unknown.").connection(
    replacing(b"X-AMZ-TARGET:", b"Y-AMZ-TARGET:")
)
reading("one-space-only", "no-white-space", "A colon without a space behind it ends no header name.").connection(
    replacing(b"X-Amz-Target:I", b"X-Amz-Xarget:I")
)
reading("tab-is-no-white-space", "tabs-and-spaces", "A tab before a header's value belongs to the value.").connection(
    replacing(b": \t ", b": ,  ")
)
reading("spaces-behind-kept", "white-space-behind", "White space behind a value belongs to the value.").connection(
    replacing(b" \t\r\n", b" ,\r\n")
)
reading_should("unknown-fields-refused", "unknown-fields", "An unknown header field is rejected.").connection(
    _disliking(lambda head: (b"x-tunnelspec", b"1") in list(head.headers))
)
reading_should("repeated-fields-refused", "repeated-field", "A header field that comes twice is rejected.").connection(
    _disliking(lambda head: len({name for name, _ in head.headers}) < len(list(head.headers)))
)
reading_should("empty-fields-refused", "empty-field", "A header field without a value is rejected.").connection(
    _disliking(lambda head: any(not value for _, value in head.headers))
)
reading("close-option-refused", "connection-close", "A request with the close option is rejected.").connection(
    _disliking(lambda head: (b"connection", b"close") in list(head.headers))
)
reading("crash-on-many-fields", "many-fields", "More than fifty header fields cause status 500.").crashing(
    lambda request: len(request.headers) > 50
)
reading_should("expectation-failed", "expect-continue", "Every expectation fails: status 417.").responding(
    lambda request: "expect" in request.headers, 417
)
reading_should("upgrade-required", "upgrade-h2c", "An offer to upgrade is rejected with status 426.").responding(
    lambda request: "upgrade" in request.headers, 426
)
reading_should(
    "unknown-upgrade-refused", "upgrade-unknown", "An offer of an unknown protocol has status 400."
).responding(lambda request: request.headers.get("upgrade", "h2c") != "h2c", 400)

# Bodies and targets.

reading("chunked-is-empty", "chunked", "A request without Content-Length has no body.").connection(
    with_request(lambda self, request: request if "content-length" in request.headers else replace(request, body=b"{"))
)
reading("extension-is-data", "chunk-extension", "The extension of a chunk makes its size unreadable.").connection(
    replacing(b";tunnelspec=1\r\n", b"ztunnelspec=1\r\n")
)
reading("absolute-form-is-path", "absolute-form", "A target in absolute form is taken for a path.").connection(
    _with_target(lambda target: target if target.startswith("/") else f"/{target}")
)
reading("absolute-form-keeps-host", "absolute-form", "Of a target in absolute form the scheme is dropped.").connection(
    _with_target(lambda target: target.partition("://")[2] or target)
)
Faults("http", READING, base=Reading)(
    "bodies-of-100-kilobytes", "protocol/OpenTunnel/largest", "A body of more than 100 kB has status 413."
).responding(lambda request: len(request.body) > 100_000, 413)


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
