"""Faults of connections: what a server makes of the close option, of the sizes of chunks and of trailers."""

from __future__ import annotations

from tunnelspec.emulator import HttpConnection, HttpRequest
from tunnelspec.faults.http import LeavesBytes, Reading, Replaced


class CloseIgnored(Reading, killer="http/*/after-close"):
    """The close option of a request is ignored, and the connection serves the next."""

    class Connection(Replaced):
        old, new = b"Connection: close", b"Xonnection: close"


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
            return HttpRequest(request.method, request.path, request.query, request.headers, b"{}")


class ChunksUnread(Reading, killer="http/*/chunked"):
    """A body without a Content-Length is empty, and its chunks are taken for the next request."""

    class Connection(LeavesBytes):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is None or "content-length" in request.headers:
                return request
            self.left = b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)
            return HttpRequest(request.method, request.path, request.query, request.headers, b"{}")


class UpgradeUnread(Reading, killer="http/*/upgrade-unknown"):
    """The body of a request with an offer to upgrade is read, and yet taken for the next request."""

    class Connection(LeavesBytes):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is not None and "upgrade" in request.headers:
                self.left = request.body
            return request
