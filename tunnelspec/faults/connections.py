"""Faults of connections: what a server makes of the close option, of the sizes of chunks and of trailers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import h11

from tunnelspec.emulator import HttpConnection, HttpRequest
from tunnelspec.faults.defect_classes import READING
from tunnelspec.faults.http import Reading, replacing, with_request
from tunnelspec.faults.pipelines import LeavesBytes
from tunnelspec.faults.rows import Faults

reading = Faults("connections", READING, "http/*/", base=Reading)

# The close option.

_Unclosed = replacing(b"Connection: close", b"Xonnection: close")
reading("close-ignored", "after-close", "The close option of a request is ignored.").connection(_Unclosed)


class CloseSaidOnly(Reading, killer="http/*/after-close"):
    """Responses have the close option, and the connection serves the next request."""

    class Connection(HttpConnection):
        def receive(self) -> bytes:
            return super().receive().replace(b"Connection: close", b"Xonnection: close")

        def write(self, data: bytes) -> None:
            super().write(data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))


# Chunks.

reading(
    "letters-in-lower-case-only", "chunk-size-upper-case", "Sizes of chunks are read in lower case alone."
).connection(replacing(b"\r\nA\r\n", b"\r\nG\r\n"))
reading("zero-ends-body", "chunk-size-zeros", "A size that begins with a zero ends the body.").connection(
    replacing(b"00000a\r\n", b"0;size\r\n")
)
reading("trailers-left", "chunk-trailers", "Trailers are taken for the beginning of the next request.").connection(
    replacing(b"0\r\nX-Tunnelspec", b"0\r\n\r\nTunnelspec")
)
Faults("connections", READING, base=Reading)(
    "chunked-is-absent", "http/DescribeTunnel/chunks", "A chunked body is taken for an empty object."
).connection(
    with_request(lambda self, request: request if "content-length" in request.headers else replace(request, body=b"{}"))
)


class ChunksUnread(Reading, killer="http/*/chunked"):
    """A body without a Content-Length is empty, and its chunks are taken for the next request."""

    class Connection(LeavesBytes):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is None or "content-length" in request.headers:
                return request
            self.left = b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)
            return replace(request, body=b"{}")


class UpgradeUnread(Reading, killer="http/*/upgrade-unknown"):
    """The body of a request with an offer to upgrade is read, and yet taken for the next request."""

    class Connection(LeavesBytes):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is not None and "upgrade" in request.headers:
                self.left = request.body
            return request


# Characters whose bytes stand in two parts of a body.


def _cutting(is_cut: Callable[[h11.Data], bool]) -> type[HttpConnection]:
    """Loses what is cut off from a character at the ends of the parts of which `is_cut` is true."""

    class Connection(HttpConnection):
        def body(self) -> bytes | None:
            parts: list[str] = []
            while isinstance(event := self.event(), h11.Data):
                parts.append(bytes(event.data).decode("utf-8", "replace" if is_cut(event) else "surrogateescape"))
            whole = "".join(parts).encode("utf-8", "surrogateescape")
            return whole if isinstance(event, h11.EndOfMessage) else None

    return Connection


_parts = Faults("connections", READING, "lifecycle/DescribeTunnel/", base=Reading)
_parts("characters-cut-by-chunks", "description-in-parts", "A character in two chunks is lost.").connection(
    _cutting(lambda event: event.chunk_start and event.chunk_end)
)
_parts("characters-cut-by-segments", "description-in-parts", "A character in two segments is lost.").connection(
    _cutting(lambda event: not (event.chunk_start or event.chunk_end))
)
