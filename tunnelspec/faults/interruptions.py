"""Faults of responses that break off now and then, so that the same request gets a whole one when sent again."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from itertools import count

from tunnelspec.emulator import HttpConnection
from tunnelspec.faults.defect_classes import FRAMING
from tunnelspec.faults.framing import CHUNKED, Framed, with_length
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

interruptions = Faults("interruptions", FRAMING, "http/*/", level=Level.SHOULD)


def _cut(head: bytes, body: bytes) -> bytes:
    return with_length(head, body)[: -len(body) // 2]


def _now_and_then(
    each: int, broken: Callable[[bytes, bytes], bytes] = _cut, *, resets: bool = False
) -> type[HttpConnection]:
    """Breaks off each of so many responses, counted over all connections, and closes or resets the connection."""
    numbers = count(1)

    class Connection(Framed):
        def framed(self, head: bytes, body: bytes) -> bytes:
            if next(numbers) % each:
                return with_length(head, body)
            self.http.send_failed()
            if resets:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return broken(head, body)

    return Connection


interruptions("cut-now-and-then", "whole-responses", "Each 11th response ends in the middle of its body.").connection(
    _now_and_then(11)
)
interruptions("reset-now-and-then", "whole-responses", "Each 13th response is reset in the middle.").connection(
    _now_and_then(13, resets=True)
)
interruptions(
    "chunks-end-now-and-then", "whole-responses", "The last chunk of each 17th response is missing."
).connection(_now_and_then(17, lambda head, body: head + CHUNKED + b"\r\n\r\n%x\r\n%b\r\n" % (len(body), body)))
