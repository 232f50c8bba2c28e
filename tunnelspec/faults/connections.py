"""Faults of connections: what a server makes of the close option, of the sizes of chunks and of trailers."""

from __future__ import annotations

from dataclasses import replace

import h11

from tunnelspec.emulator import HttpConnection, HttpRequest
from tunnelspec.faults.http import LeavesBytes, Reading, Replaced


class CloseIgnored(Reading, killer="http/*/after-close"):
    """The close option of a request is ignored, and the connection serves the next."""

    class Connection(Replaced):
        old, new = b"Connection: close", b"Xonnection: close"


class CloseSaidOnly(Reading, killer="http/*/after-close"):
    """Responses have the close option, and the connection serves the next request."""

    class Connection(CloseIgnored.Connection):
        def write(self, data: bytes) -> None:
            super().write(data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))


class LettersInLowerCaseOnly(Reading, killer="http/*/chunk-size-upper-case"):
    """Sizes of chunks are read in lower case alone."""

    class Connection(Replaced):
        old, new = b"\r\nA\r\n", b"\r\nG\r\n"


class ZeroEndsBody(Reading, killer="http/*/chunk-size-zeros"):
    """A size that begins with a zero ends the body."""

    class Connection(Replaced):
        old, new = b"00000a\r\n", b"0;size\r\n"


class TrailersLeft(Reading, killer="http/*/chunk-trailers"):
    """Trailers are not read, and taken for the beginning of the next request."""

    class Connection(Replaced):
        old, new = b"0\r\nX-Tunnelspec", b"0\r\n\r\nTunnelspec"


class ChunkedIsAbsent(Reading, killer="http/DescribeTunnel/chunks"):
    """A chunked body is taken for an empty object."""

    class Connection(HttpConnection):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is None or "content-length" in request.headers:
                return request
            return replace(request, body=b"{}")


class ChunksUnread(Reading, killer="http/*/chunked"):
    """A body without a Content-Length is empty, and its chunks are taken for the next request."""

    class Connection(LeavesBytes):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is None or "content-length" in request.headers:
                return request
            self.left = b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)
            return replace(request, body=b"{}")


class _Cut(HttpConnection):
    """Reads characters from each part of a body by itself."""

    def body(self) -> bytes | None:
        parts: list[str] = []
        while isinstance(event := self.event(), h11.Data):
            parts.append(bytes(event.data).decode("utf-8", "replace" if self.is_cut(event) else "surrogateescape"))
        whole = "".join(parts).encode("utf-8", "surrogateescape")
        return whole if isinstance(event, h11.EndOfMessage) else None

    def is_cut(self, event: h11.Data) -> bool:
        """Whether what is cut off from a character at the ends of this part is lost."""
        return True


class CharactersCutByChunks(Reading, killer="lifecycle/DescribeTunnel/description-in-parts"):
    """A character is lost whose bytes stand in two chunks."""

    class Connection(_Cut):
        def is_cut(self, event: h11.Data) -> bool:
            return event.chunk_start and event.chunk_end


class CharactersCutBySegments(Reading, killer="lifecycle/DescribeTunnel/description-in-parts"):
    """A character is lost whose bytes arrive in two segments."""

    class Connection(_Cut):
        def is_cut(self, event: h11.Data) -> bool:
            return not (event.chunk_start or event.chunk_end)


class UpgradeUnread(Reading, killer="http/*/upgrade-unknown"):
    """The body of a request with an offer to upgrade is read, and yet taken for the next request."""

    class Connection(LeavesBytes):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is not None and "upgrade" in request.headers:
                self.left = request.body
            return request
