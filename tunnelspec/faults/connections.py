"""Faults of connections: what a server makes of the close option, of the sizes of chunks and of trailers."""

from __future__ import annotations

from typing import ClassVar

from tunnelspec.emulator import HttpConnection, HttpRequest
from tunnelspec.faults.base import Fault


class _Connections(Fault, defect_class="reading of HTTP requests"):
    served: ClassVar[bool] = True


class _Replaced(HttpConnection):
    """Replaces bytes of a request as they arrive: `old` by `new`, of equal length."""

    old: ClassVar[bytes] = b""
    new: ClassVar[bytes] = b""

    def receive(self) -> bytes:
        return super().receive().replace(self.old, self.new)


class CloseIgnored(_Connections, killer="http/*/after-close"):
    """The close option of a request is ignored, and the connection serves the next."""

    class Connection(_Replaced):
        old, new = b"Connection: close", b"Xonnection: close"


class LettersInLowerCaseOnly(_Connections, killer="http/*/chunk-size-upper-case"):
    """Sizes of chunks are read in lower case alone."""

    class Connection(_Replaced):
        old, new = b"\r\nA\r\n", b"\r\nG\r\n"


class ZeroEndsBody(_Connections, killer="http/*/chunk-size-zeros"):
    """A size that begins with a zero ends the body."""

    class Connection(_Replaced):
        old, new = b"00000a\r\n", b"0;size\r\n"


class TrailersLeft(_Connections, killer="http/*/chunk-trailers"):
    """Trailers are not read, and taken for the beginning of the next request."""

    class Connection(_Replaced):
        old, new = b"0\r\nX-Tunnelspec", b"0\r\n\r\nTunnelspec"


class ChunkedIsAbsent(_Connections, killer="http/DescribeTunnel/chunks"):
    """A chunked body is taken for an empty object."""

    class Connection(HttpConnection):
        def request(self) -> HttpRequest | None:
            request = super().request()
            if request is None or "content-length" in request.headers:
                return request
            return HttpRequest(request.method, request.path, request.query, request.headers, b"{}")
