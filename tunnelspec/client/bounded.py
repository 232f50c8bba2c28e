"""HTTP connections that a target cannot hold up or fill: each call has a deadline and a size.

urllib3's timeouts bound one read, so that a byte a second keeps a call alive for ever; its header and
chunk parsers read what they are given. Here every byte of an answer, from the status line to the last
chunk, comes through one reader that counts time and bytes.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import time
import zlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_LENGTH = re.compile(r"[0-9]{1,18}")


class Garbage(http.client.HTTPException):
    """An answer that is not HTTP; the argument says what is wrong with it."""


class TooLarge(http.client.HTTPException):
    """More bytes than any answer of an API has."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call: seconds from its first byte sent to the last one read, bytes of a body once it
    is unpacked, bytes of everything before the body, and interim answers (status 1xx).
    """

    total_s: float = 20.0
    body_bytes: int = 8 * 2**20
    head_bytes: int = 2**18
    interim: int = 16


class _Reader(io.RawIOBase):
    """A socket's bytes up to a deadline and a number of bytes."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: float, allowed: int) -> None:
        self._raw = raw
        self._socket = sock
        self._usual = sock.gettimeout()
        self._deadline = deadline
        self.allowed = allowed
        self.dry = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.dry:
            return None
        if self.allowed <= 0:
            raise TooLarge("the answer does not end")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's time is over")
        self._socket.settimeout(left if self._usual is None else min(left, self._usual))
        count = self._raw.readinto(memoryview(buffer)[: self.allowed])
        self.allowed -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that is read through `_Reader`. `surplus` is what followed its end in the same breath."""

    surplus = b""

    def __init__(self, sock: socket.socket, *args: Any, limits: Limits, deadline: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._limits = limits
        self._interim = 0
        self._reader = _Reader(self.fp.detach(), sock, deadline, limits.head_bytes)
        self.fp = io.BufferedReader(self._reader)

    def _read_status(self) -> tuple[str, int, str]:
        # http.client skips 100 alone, without end, and takes any other 1xx for the answer itself.
        while True:
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 100 <= found[1] < 200 or found[1] == http.client.SWITCHING_PROTOCOLS:
                return found
            self._interim += 1
            if self._interim > self._limits.interim:
                raise Garbage("interim answers without end")
            http.client.parse_headers(self.fp)

    def begin(self) -> None:
        super().begin()
        lengths = {value.strip() for value in self.headers.get_all("content-length", [])}
        if len(lengths) > 1 or not all(_LENGTH.fullmatch(value) for value in lengths):
            # RFC 9112, 6.3: framing that is wrong cannot be recovered from.
            self.close()
            raise Garbage("the Content-Length is not one number")
        # Chunk sizes and extensions are bytes too; twice the body leaves room for honest ones.
        self._reader.allowed = self._limits.head_bytes + 2 * self._limits.body_bytes

    def _close_conn(self) -> None:
        fp = self.fp
        if fp is not None and not fp.closed:
            self._reader.dry = True
            self.surplus = fp.peek(1)[:64].lstrip(b"\r\n")
        super()._close_conn()  # type: ignore[misc]


class _Bounded:
    """What plain and TLS connections have in common."""

    limits = Limits()
    _deadline = float("inf")

    def request(self, *args: Any, **options: Any) -> None:
        self._deadline = time.monotonic() + self.limits.total_s
        super().request(*args, **options)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        sock = getattr(self, "sock", None)
        if sock is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the call's time is over")
            usual = sock.gettimeout()
            sock.settimeout(left if usual is None else min(left, usual))
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        self.response_class = partial(_Answer, limits=self.limits, deadline=self._deadline)
        return super().getresponse()  # type: ignore[misc]


class _Plain(_Bounded, HTTPConnection):  # type: ignore[misc]
    pass


class _Secure(_Bounded, HTTPSConnection):  # type: ignore[misc]
    pass


def _made(pool: Any, limits: Limits) -> Any:
    pool.ConnectionCls = type("Connection", (pool.ConnectionCls,), {"limits": limits})
    return pool


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class BoundedAdapter(HTTPAdapter):
    """requests' adapter with bounded connections. It reads no proxy from the environment and never retries."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": lambda *a, **o: _made(_PlainPool(*a, **o), self._limits),
            "https": lambda *a, **o: _made(_SecurePool(*a, **o), self._limits),
        }


def unpacked(body: bytes, coding: str, limit: int) -> bytes:
    """A body without its content coding, of which one that is common is undone: we asked for none.

    Raises TooLarge beyond `limit` bytes, Garbage where the body is not what the coding says.
    """
    name = coding.strip().lower()
    if name in ("", "identity") or not body:
        return body
    windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(name)
    if windows is None:
        raise Garbage(f"a content coding that was not asked for: {name[:40]}")
    for window in windows:
        unpacker = zlib.decompressobj(window)
        try:
            plain = unpacker.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(plain) > limit:
            raise TooLarge("the body unpacks to more than any answer has")
        if unpacker.eof:
            return plain
    raise Garbage(f"the body is not {name}")
