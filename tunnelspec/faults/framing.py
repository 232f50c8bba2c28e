"""Faults of a response's framing."""

from __future__ import annotations

import re
from collections.abc import Callable

from tunnelspec.emulator import HttpConnection
from tunnelspec.faults.defect_classes import FRAMING
from tunnelspec.faults.rows import Faults

CHUNKED = b"\r\nTransfer-Encoding: chunked"
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
        return with_length(head, body)


def with_length(head: bytes, body: bytes) -> bytes:
    """A response that is framed as it should be."""
    return head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def framing(
    frame: Callable[[bytes, bytes], bytes], status: int = 200, size: int = 1, *, ends: bool = False
) -> type[HttpConnection]:
    """Frames responses from a status and a size of the body on by `frame`. `ends`: the connection ends with them."""

    class Connection(Framed):
        first, least = status, size

        def framed(self, head: bytes, body: bytes) -> bytes:
            if ends:
                self.http.send_failed()
            return frame(head, body)

    return Connection


def errors(frame: Callable[[bytes, bytes], bytes], *, ends: bool = False) -> type[HttpConnection]:
    """Frames errors by `frame`."""
    return framing(frame, 400, ends=ends)


def writing(alter: Callable[[bytes], bytes]) -> type[HttpConnection]:
    """Sends responses as `alter` makes them."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(alter(data))

    return Connection


def _followed(following: Callable[[bytes], bytes]) -> type[HttpConnection]:
    """Sends what `following` makes of an error after it, by itself: a client may have read the error by then."""

    class Connection(HttpConnection):
        def write(self, data: bytes) -> None:
            super().write(data)
            if int(data[9:12]) >= 400:
                super().write(following(data))

    return Connection


def _chunks(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


success = Faults("framing", FRAMING, "protocol/")
error = Faults("framing", FRAMING, "protocol/*/")

# Two framings.

success("length-and-chunks", "*/plain", "Responses have Content-Length and Transfer-Encoding.").connection(
    framing(lambda head, body: head + CHUNKED + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + _chunks(body))
)
error("length-and-chunks-in-errors", "truncated", "Errors have the Content-Length of their chunks, too.").connection(
    errors(lambda head, body: with_length(head + CHUNKED, _chunks(body)))
)
success("length-zero-and-chunks", "OpenTunnel/plain", "Long responses are chunked, with Content-Length 0.").connection(
    framing(lambda head, body: head + b"\r\nContent-Length: 0" + CHUNKED + b"\r\n\r\n" + _chunks(body), size=_LONG)
)

# A length that is not the body's.

Faults("framing", FRAMING)("length-of-characters", "lifecycle/*", "Content-Length counts characters.").connection(
    framing(lambda head, body: head + b"\r\nContent-Length: %d\r\n\r\n" % len(body.decode("utf-8", "replace")) + body)
)
error("errors-cut-short", "truncated", "Errors end, with the connection, before their Content-Length.").connection(
    errors(lambda head, body: with_length(head, body + b" " * 10)[:-10], ends=True)
)
error("two-lengths", "truncated", "Errors have two Content-Length fields that differ.").connection(
    errors(lambda head, body: with_length(head, body).replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\n\r\n", 1))
)
error("line-after-errors", "truncated", "A line of text follows the body of an error.").connection(
    errors(lambda head, body: with_length(head, body) + b"bad request\n")
)

# Bytes that nobody requested.

success("second-response", "*", "An error is sent twice.").connection(_followed(lambda data: data))
success("last-chunk-after-errors", "*", "A last chunk follows an error that is not chunked.").connection(
    _followed(lambda data: b"0\r\n\r\n")
)
success("response-without-request", "*", "A response of status 500 follows each error.").connection(
    _followed(lambda data: b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
)

# Chunks.

error("decimal-chunk-sizes", "truncated", "The chunk sizes of errors are decimal.").connection(
    errors(lambda head, body: head + CHUNKED + b"\r\n\r\n%d\r\n%b\r\n0\r\n\r\n" % (len(body), body))
)
error("no-last-chunk", "truncated", "The connection is closed in place of the last chunk of an error.").connection(
    errors(lambda head, body: head + CHUNKED + b"\r\n\r\n%x\r\n%b\r\n" % (len(body), body), ends=True)
)
error("chunks-without-line-ends", "truncated", "Chunks of errors do not end in CRLF.").connection(
    errors(lambda head, body: head + CHUNKED + b"\r\n\r\n%x\r\n%b0\r\n\r\n" % (len(body), body))
)

# Heads that lenient clients alone can read.

success("status-without-space", "*/plain", "The status line ends with the status.").connection(
    writing(lambda data: data[:12] + data[data.index(b"\r\n") :])
)
error("folded-field", "truncated", "The Content-Type of an error stands on a line of its own.").connection(
    errors(lambda head, body: with_length(re.sub(rb"(?i)(content-type:) *", rb"\1\r\n ", head), body))
)
error("length-repeated", "truncated", "Errors have their Content-Length twice.").connection(
    errors(lambda head, body: with_length(head + b"\r\nContent-Length: %d" % len(body), body))
)
success("length-listed", "OpenTunnel/plain", "The Content-Length of a long response is a list.").connection(
    framing(lambda head, body: head + b"\r\nContent-Length: %d, %d\r\n\r\n" % (len(body), len(body)) + body, size=_LONG)
)
success("line-feeds-alone", "OpenTunnel/plain", "The lines of the head of a long response end in LF.").connection(
    framing(
        lambda head, body: b"%b\nContent-Length: %d\n\n" % (head.replace(b"\r\n", b"\n"), len(body)) + body, size=_LONG
    )
)

# Heads that no client can read.

error("space-before-colon", "truncated", "A space stands before the colon of a field in an error.").connection(
    errors(lambda head, body: with_length(re.sub(rb"(?i)(content-type):", rb"\1 :", head), body))
)
error("nul-in-field", "truncated", "A field of an error ends in NUL, as a C string does.").connection(
    errors(lambda head, body: with_length(head + b"\r\nX-Server: c\x00", body))
)
error("length-with-sign", "truncated", "The Content-Length of an error has a plus sign.").connection(
    errors(lambda head, body: head + b"\r\nContent-Length: +%d\r\n\r\n" % len(body) + body)
)
