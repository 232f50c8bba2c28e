"""Faults of responses that break off now and then, so that the same request gets a whole one when sent again."""

from __future__ import annotations

import socket
import struct
from itertools import count
from typing import ClassVar

from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import FRAMING
from tunnelspec.faults.framing import Framed
from tunnelspec.verdict import Level


class _NowAndThen(Framed):
    """Breaks off each of so many responses, with its connection. They are counted over all connections."""

    of: ClassVar[int]
    numbers: ClassVar = count(1)

    def framed(self, head: bytes, body: bytes) -> bytes:
        if next(self.numbers) % self.of:
            return super().framed(head, body)
        self.http.send_failed()
        return self.broken(head, body)

    def broken(self, head: bytes, body: bytes) -> bytes:
        """The bytes before the connection is closed."""
        return super().framed(head, body)[: -len(body) // 2]


class _Interrupted(Fault, level=Level.SHOULD, defect_class=FRAMING):
    served = True


class CutNowAndThen(_Interrupted, killer="http/*/whole-responses"):
    """Each 11th response ends in the middle of its body."""

    class Connection(_NowAndThen):
        of = 11


class ResetNowAndThen(_Interrupted, killer="http/*/whole-responses"):
    """The connection of each 13th response is reset in the middle of its body."""

    class Connection(_NowAndThen):
        of = 13

        def broken(self, head: bytes, body: bytes) -> bytes:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return super().broken(head, body)


class ChunksEndNowAndThen(_Interrupted, killer="http/*/whole-responses"):
    """Each 17th response is chunked, and its last chunk missing."""

    class Connection(_NowAndThen):
        of = 17

        def broken(self, head: bytes, body: bytes) -> bytes:
            return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(body), body)
