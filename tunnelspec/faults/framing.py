"""Faults of a response's framing and coding.

A catalogue, and long: the name of a module is the beginning of its faults' ids, by which others know them.
"""

from __future__ import annotations

import gzip
import re
import zlib

from tunnelspec.emulator import HttpConnection, HttpResponse
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import FRAMING
from tunnelspec.verdict import Level

_PLAIN, _ERROR = "protocol/*/plain", "protocol/*/truncated"
#: Responses with longer bodies are long ones, in bytes.
_LONG = 200


class Framed(HttpConnection):
    """Frames its responses itself: those of a status from `first` on, with a body of `least` bytes or more."""

    first = 200
    least = 1

    def write(self, data: bytes) -> None:
        head, _, body = data.partition(b"\r\n\r\n")
        status = int(head[9:12])
        if status < self.first or len(body) < self.least:
            super().write(data)
            return
        fields = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        self.sock.sendall(self.framed(b"\r\n".join(fields), body))

    def framed(self, head: bytes, body: bytes) -> bytes:
        """The response of this head, which has no framing yet, and this body."""
        return head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class _FramedErrors(Framed):
    first = 400


class _Framing(Fault, defect_class=FRAMING):
    served = True


CHUNKED = b"\r\nTransfer-Encoding: chunked"


def _chunks(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


# Two framings.


class LengthAndChunks(_Framing, killer=_PLAIN):
    """Responses have Content-Length and Transfer-Encoding."""

    class Connection(Framed):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + CHUNKED + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + _chunks(body)


class LengthAndChunksInErrors(_Framing, killer=_ERROR):
    """Errors have Transfer-Encoding and the Content-Length of their chunks."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            chunks = _chunks(body)
            return head + b"\r\nContent-Length: %d" % len(chunks) + CHUNKED + b"\r\n\r\n" + chunks


class LengthZeroAndChunks(_Framing, killer="protocol/OpenTunnel/plain"):
    """Long responses are chunked and have Content-Length 0."""

    class Connection(Framed):
        least = _LONG

        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + b"\r\nContent-Length: 0" + CHUNKED + b"\r\n\r\n" + _chunks(body)


# A length that is not the body's.


class LengthOfCharacters(_Framing, killer="lifecycle/*"):
    """Content-Length counts characters and not bytes."""

    class Connection(Framed):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + b"\r\nContent-Length: %d\r\n\r\n" % len(body.decode("utf-8", "replace")) + body


class ErrorsCutShort(_Framing, killer=_ERROR):
    """Errors are shorter than their Content-Length, and the connection is closed."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            self.http.send_failed()
            return head + b"\r\nContent-Length: %d\r\n\r\n" % (len(body) + 10) + body


class TwoLengths(_Framing, killer=_ERROR):
    """Errors have two Content-Length fields that differ."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + b"\r\nContent-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(body) + body


class LineAfterErrors(_Framing, killer=_ERROR):
    """A line of text follows the body of an error."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head, body) + b"bad request\n"


# Bytes that nobody requested.


class SecondResponse(_Framing, killer="protocol/*"):
    """An error is sent twice."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(data)
            if int(data[9:12]) >= 400:
                super().write(data)


class LastChunkAfterErrors(_Framing, killer="protocol/*"):
    """A last chunk follows an error that is not chunked."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(data)
            if int(data[9:12]) >= 400:
                super().write(b"0\r\n\r\n")


class ResponseWithoutRequest(_Framing, killer="protocol/*"):
    """A response of status 500 follows each error."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(data)
            if int(data[9:12]) >= 400:
                super().write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


# Chunks.


class DecimalChunkSizes(_Framing, killer=_ERROR):
    """The chunk sizes of errors are decimal."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + CHUNKED + b"\r\n\r\n%d\r\n%b\r\n0\r\n\r\n" % (len(body), body)


class NoLastChunk(_Framing, killer=_ERROR):
    """The chunks of errors have no last one; the connection is closed instead."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            self.http.send_failed()
            return head + CHUNKED + b"\r\n\r\n%x\r\n%b\r\n" % (len(body), body)


class ChunksWithoutLineEnds(_Framing, killer=_ERROR):
    """Chunks of errors do not end in CRLF."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + CHUNKED + b"\r\n\r\n%x\r\n%b0\r\n\r\n" % (len(body), body)


# Heads that lenient clients alone can read.


class StatusWithoutSpace(_Framing, killer=_PLAIN):
    """The status line ends with the status."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(data[:12] + data[data.index(b"\r\n") :])


class FoldedField(_Framing, killer=_ERROR):
    """The value of the Content-Type of an error stands on a line of its own."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(re.sub(rb"(?i)(content-type:) *", rb"\1\r\n ", head), body)


class LengthRepeated(_Framing, killer=_ERROR):
    """Errors have their Content-Length twice."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head + b"\r\nContent-Length: %d" % len(body), body)


class LengthListed(_Framing, killer="protocol/OpenTunnel/plain"):
    """The Content-Length of a long response is a list of two that are the same."""

    class Connection(Framed):
        least = _LONG

        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + b"\r\nContent-Length: %d, %d\r\n\r\n" % (len(body), len(body)) + body


class LineFeedsAlone(_Framing, killer="protocol/OpenTunnel/plain"):
    """The lines of the head of a long response end in LF."""

    class Connection(Framed):
        least = _LONG

        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head, b"").replace(b"\r\n", b"\n").replace(b": 0\n", b": %d\n" % len(body)) + body


# Heads that no client can read.


class SpaceBeforeColon(_Framing, killer=_ERROR):
    """A space stands before the colon of a field in an error."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(re.sub(rb"(?i)(content-type):", rb"\1 :", head), body)


class NulInField(_Framing, killer=_ERROR):
    """A field of an error ends in NUL, as a C string does."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head + b"\r\nX-Server: c\x00", body)


class LengthWithSign(_Framing, killer=_ERROR):
    """The Content-Length of an error has a plus sign."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return head + b"\r\nContent-Length: +%d\r\n\r\n" % len(body) + body


# Content codings.


class GzipAlways(_Framing, killer=_PLAIN, level=Level.SHOULD):
    """Responses are compressed by gzip, though identity was requested."""

    class Connection(Framed):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head + b"\r\nContent-Encoding: gzip", gzip.compress(body))


class DeflateErrors(_Framing, killer=_ERROR, level=Level.SHOULD):
    """Errors are compressed by deflate."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head + b"\r\nContent-Encoding: deflate", zlib.compress(body))


class UnknownCoding(_Framing, killer=_ERROR, level=Level.SHOULD):
    """Errors are in a content coding that is not registered."""

    class Connection(_FramedErrors):
        def framed(self, head: bytes, body: bytes) -> bytes:
            return super().framed(head + b"\r\nContent-Encoding: x-reversed", body[::-1])


# Checksums.


class ChecksumZero(Fault, killer=_PLAIN, level=Level.SHOULD, defect_class=FRAMING):
    """x-amz-crc32 is always 0."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("x-amz-crc32", "0" if body else "1")


class ChecksumInHex(Fault, killer=_PLAIN, level=Level.SHOULD, defect_class=FRAMING):
    """x-amz-crc32 is hexadecimal."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("x-amz-crc32", f"0x{zlib.crc32(body):08x}")


class ChecksumOfErrors(Fault, killer=_ERROR, level=Level.SHOULD, defect_class=FRAMING):
    """The x-amz-crc32 of an error is the Adler-32 checksum."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        checksum = zlib.crc32(body) if status < 400 else zlib.adler32(body)
        return super().response(status, body).set_header("x-amz-crc32", str(checksum))
