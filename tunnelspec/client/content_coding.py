"""Undoes a content coding, within bounds: a target may use one though none was requested."""

from __future__ import annotations

import zlib

from tunnelspec.client.failure import CallFailed
from tunnelspec.wire_faults import WireFault, WireProblem

#: zlib's window bits by coding. `deflate` is the zlib format, and raw in the implementations that differ
#: (RFC 9110, 8.4.1.2).
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}


def is_identity(coding: str) -> bool:
    """Whether a Content-Encoding says that there is none."""
    return coding.strip().lower() in ("", "identity")


def decode(body: bytes, coding: str, limit: int) -> bytes:
    """The body without its content coding, `limit` bytes at most.

    Raises CallFailed: `too-large`, or `garbage` where the coding is unknown or the body is not what it says.
    """
    if is_identity(coding) or not body:
        return body
    for window in _WINDOWS.get(coding.strip().lower(), ()):
        decoder = zlib.decompressobj(window)
        try:
            plain = decoder.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(plain) > limit:
            raise CallFailed("too-large")
        if decoder.eof:
            return plain
    raise CallFailed("garbage", WireProblem(WireFault.CODING_UNREADABLE))
