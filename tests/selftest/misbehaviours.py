"""What a server can do in place of the response that was due. Each ends with the connection closed."""

from __future__ import annotations

import socket
import ssl
import struct
import time
import zlib
from collections.abc import Callable

from tunnelspec.emulator import HttpResponse

from .bad_server import Connection, Misbehaviour, plain

TYPE = b"Content-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: 1\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n" + TYPE


def says(data: bytes) -> Misbehaviour:
    return lambda connection, answer: connection.say(data)


def body(data: bytes, head: bytes = HEAD) -> Misbehaviour:
    return says(head + b"Content-Length: %d\r\n\r\n" % len(data) + data)


def packed(coding: bytes, data: bytes) -> Misbehaviour:
    return body(data, HEAD + b"Content-Encoding: " + coding + b"\r\n")


def never(connection: Connection, answer: HttpResponse) -> None:
    connection.wait()


def drips_head(connection: Connection, answer: HttpResponse) -> None:
    connection.drip(plain(answer))


def drips_body(connection: Connection, answer: HttpResponse) -> None:
    connection.say(HEAD + b"Content-Length: 1000\r\n\r\n")
    connection.drip(b" " * 1000)


def drips_interim(connection: Connection, answer: HttpResponse) -> None:
    while True:
        connection.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(connection.front.second)


def resets(data: bytes) -> Misbehaviour:
    def misbehaviour(connection: Connection, answer: HttpResponse) -> None:
        if data:
            connection.say(data)
            time.sleep(0.05)
        connection.reset()

    return misbehaviour


def pours(head: bytes, data: bytes) -> Misbehaviour:
    def misbehaviour(connection: Connection, answer: HttpResponse) -> None:
        connection.say(head)
        connection.pour(data)

    return misbehaviour


def redirects(connection: Connection, answer: HttpResponse) -> None:
    where = f"http://127.0.0.1:{connection.front.port}/again"
    connection.say(b"HTTP/1.1 307 X\r\nLocation: " + where.encode() + b"\r\nContent-Length: 0\r\n\r\n")


def throttles(connection: Connection, answer: HttpResponse) -> None:
    connection.say(plain(HttpResponse(429, [("Connection", "close")])))


def early_hints(connection: Connection, answer: HttpResponse) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    connection.say(interim + plain(answer, b"Connection: close"))


def says_length(value: bytes) -> Misbehaviour:
    def misbehaviour(connection: Connection, answer: HttpResponse) -> None:
        connection.say(HEAD + value + b"\r\n\r\n" + answer.body)

    return misbehaviour


def signs_length(connection: Connection, answer: HttpResponse) -> None:
    connection.say(HEAD + b"Content-Length: +%d\r\n\r\n" % len(answer.body) + answer.body)


def withholds(connection: Connection, answer: HttpResponse) -> None:
    connection.say(HEAD + b"Content-Length: %d\r\n\r\n" % (len(answer.body) + 2) + answer.body)
    connection.wait()


def adds_nul(connection: Connection, answer: HttpResponse) -> None:
    connection.say(plain(answer, b"X-Server: c\0"))


def surplus(connection: Connection, answer: HttpResponse) -> None:
    connection.say(plain(answer) + b'{"more":"than was said"}')


def dies(connection: Connection, answer: HttpResponse) -> None:
    connection.front.close()
    connection.reset()


def dies_and_returns(connection: Connection, answer: HttpResponse) -> None:
    front = connection.front
    with front.lock:
        front.count = -1_000_000  # once only
    front.close()
    connection.reset()
    time.sleep(0.5)
    front.listen()


def late_garbage(connection: Connection, answer: HttpResponse) -> None:
    """In TLS: half a response, then bytes that are no TLS record."""
    connection.say(HEAD + b"Content-Length: 100\r\n\r\n{")
    raw = connection.sock
    if isinstance(raw, ssl.SSLSocket):
        socket.socket.sendall(socket.socket(fileno=raw.detach()), b"\x00garbage that is no TLS record" * 10)


TLS_ALERT = b"\x15\x03\x01\x00\x02\x02\x0a"


def _packed_zeros(megabytes: int, checksum: Callable[[bytes, int], int], start: int) -> tuple[bytes, int]:
    """Zeros in raw deflate, and their checksum.

    One megabyte is packed and repeated: after a full flush a packer begins as if nothing had been before.
    """
    zeros, packer = bytes(1_000_000), zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(megabytes):
        start = checksum(zeros, start)
    return one * megabytes + packer.flush(), start


def gzip_bomb() -> bytes:
    packed, checksum = _packed_zeros(300, zlib.crc32, 0)
    return b"\x1f\x8b\x08\0\0\0\0\0\2\xff" + packed + struct.pack("<II", checksum, 300_000_000)


def deflate_bomb() -> bytes:
    packed, checksum = _packed_zeros(200, zlib.adler32, 1)
    return b"\x78\xda" + packed + checksum.to_bytes(4, "big")


def nested(depth: int) -> bytes:
    return b'{"tags":' + b"[" * depth + b"]" * depth + b"}"
