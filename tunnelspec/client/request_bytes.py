"""Writes a request as bytes. h11 and http.client would refuse much of what a server has to be tried with."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.client.signing import SignedRequest
from tunnelspec.exchange import Headers, Wire


def head(request: SignedRequest, origin: str) -> bytes:
    """The request line and headers; `origin` is scheme and authority, for a target in absolute form.

    Text is written in Latin-1, the target in UTF-8. Raises ValueError for a header that has no Latin-1.
    """
    wire = request.wire
    target = (origin if wire.absolute_target else "") + request.target
    lines = "".join([f"{name}{wire.separator}{value}\r\n" for name, value in request.headers])
    line = f"{request.method} {target} HTTP/{wire.version}\r\n"
    return line.encode() + lines.encode("latin-1") + b"\r\n"


def body(request: SignedRequest) -> bytes:
    """The body in the framing of `wire`."""
    wire = request.wire
    if wire.chunk_sizes is None:
        return request.body
    extension = f";{wire.chunk_extension}" if wire.chunk_extension else ""
    sizes = f"{{:{wire.chunk_size_format}}}{extension}\r\n".format
    chunks = [b"%b%b\r\n" % (sizes(len(data)).encode(), data) for data in _split(request.body, wire)]
    return b"".join([*chunks, sizes(0).encode(), _lines(wire.trailers), b"\r\n"])


def pieces(data: bytes, size: int | None) -> Iterator[bytes]:
    """The bytes in pieces of this size; whole without one."""
    if size is None:
        yield data
        return
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _split(data: bytes, wire: Wire) -> Iterator[bytes]:
    """The chunks; none of them is empty, since that ends the body."""
    start = 0
    for size in (*(wire.chunk_sizes or ()), len(data)):
        if chunk := data[start : start + size]:
            yield chunk
        start += size


def _lines(headers: Headers) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in headers)
