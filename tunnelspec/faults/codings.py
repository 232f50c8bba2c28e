"""Faults of a response's content coding and checksum."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

from tunnelspec.emulator import Emulator
from tunnelspec.faults.defect_classes import FRAMING
from tunnelspec.faults.framing import errors, framing, with_length
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

coding = Faults("framing", FRAMING, "protocol/*/", level=Level.SHOULD)
coding("gzip-always", "plain", "Responses are compressed by gzip, though identity was requested.").connection(
    framing(lambda head, body: with_length(head + b"\r\nContent-Encoding: gzip", gzip.compress(body)))
)
coding("deflate-errors", "truncated", "Errors are compressed by deflate.").connection(
    errors(lambda head, body: with_length(head + b"\r\nContent-Encoding: deflate", zlib.compress(body)))
)
coding("unknown-coding", "truncated", "Errors are in a content coding that is not registered.").connection(
    errors(lambda head, body: with_length(head + b"\r\nContent-Encoding: x-reversed", body[::-1]))
)


def _checksum(name: str, case: str, sentence: str, checksum: Callable[[int, bytes], str]) -> None:
    """Seed a fault: x-amz-crc32 is made of the status and the body."""
    coding(name, case, sentence).after(
        Emulator.response,
        lambda response, self, status, body: response.set_header("x-amz-crc32", checksum(status, body)),
    )


_checksum("checksum-zero", "plain", "x-amz-crc32 is always 0.", lambda status, body: "0" if body else "1")
_checksum("checksum-in-hex", "plain", "x-amz-crc32 is in hex.", lambda status, body: f"0x{zlib.crc32(body):08x}")
_checksum(
    "checksum-of-errors",
    "truncated",
    "The x-amz-crc32 of an error is the Adler-32 checksum.",
    lambda status, body: str(zlib.crc32(body) if status < 400 else zlib.adler32(body)),
)
