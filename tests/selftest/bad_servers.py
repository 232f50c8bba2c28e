"""Servers that misbehave: always, for one operation, or after some requests. Behind each is the emulator.

Every entry says how a run against it must end. `python -m benchmarks.bad_servers` runs all of them and prints
seconds and memory; the tests run them with short timeouts.

A catalogue: its entries stand by themselves.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Callable

from tunnelspec.emulator import HttpResponse

from .bad_server import BadServer, Connection, Misbehaviour, plain

_TYPE = b"Content-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: 1\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\n" + _TYPE


# Misbehaviours. Each ends with the connection closed.


def _says(data: bytes) -> Misbehaviour:
    return lambda connection, answer: connection.say(data)


def _body(body: bytes, head: bytes = _HEAD) -> Misbehaviour:
    return _says(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def _packed(coding: bytes, body: bytes) -> Misbehaviour:
    return _body(body, _HEAD + b"Content-Encoding: " + coding + b"\r\n")


def _never(connection: Connection, answer: HttpResponse) -> None:
    connection.wait()


def _drips_head(connection: Connection, answer: HttpResponse) -> None:
    connection.drip(plain(answer))


def _drips_body(connection: Connection, answer: HttpResponse) -> None:
    connection.say(_HEAD + b"Content-Length: 1000\r\n\r\n")
    connection.drip(b" " * 1000)


def _drips_interim(connection: Connection, answer: HttpResponse) -> None:
    while True:
        connection.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(connection.front.second)


def _resets(data: bytes) -> Misbehaviour:
    def misbehaviour(connection: Connection, answer: HttpResponse) -> None:
        if data:
            connection.say(data)
            time.sleep(0.05)
        connection.reset()

    return misbehaviour


def _pours(head: bytes, data: bytes) -> Misbehaviour:
    def misbehaviour(connection: Connection, answer: HttpResponse) -> None:
        connection.say(head)
        connection.pour(data)

    return misbehaviour


def _redirects(connection: Connection, answer: HttpResponse) -> None:
    where = f"http://127.0.0.1:{connection.front.port}/again"
    connection.say(b"HTTP/1.1 307 X\r\nLocation: " + where.encode() + b"\r\nContent-Length: 0\r\n\r\n")


def _throttles(connection: Connection, answer: HttpResponse) -> None:
    connection.say(plain(HttpResponse(429, [("Connection", "close")])))


def _early_hints(connection: Connection, answer: HttpResponse) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    connection.say(interim + plain(answer, b"Connection: close"))


def _says_length(value: bytes) -> Misbehaviour:
    def misbehaviour(connection: Connection, answer: HttpResponse) -> None:
        connection.say(_HEAD + value + b"\r\n\r\n" + answer.body)

    return misbehaviour


def _signs_length(connection: Connection, answer: HttpResponse) -> None:
    connection.say(_HEAD + b"Content-Length: +%d\r\n\r\n" % len(answer.body) + answer.body)


def _withholds(connection: Connection, answer: HttpResponse) -> None:
    connection.say(_HEAD + b"Content-Length: %d\r\n\r\n" % (len(answer.body) + 2) + answer.body)
    connection.wait()


def _adds_nul(connection: Connection, answer: HttpResponse) -> None:
    connection.say(plain(answer, b"X-Server: c\0"))


def _surplus(connection: Connection, answer: HttpResponse) -> None:
    connection.say(plain(answer) + b'{"more":"than was said"}')


def _dies(connection: Connection, answer: HttpResponse) -> None:
    connection.front.close()
    connection.reset()


def _dies_and_returns(connection: Connection, answer: HttpResponse) -> None:
    front = connection.front
    with front.lock:
        front.count = -1_000_000  # once only
    front.close()
    connection.reset()
    time.sleep(0.5)
    front.listen()


def _late_garbage(connection: Connection, answer: HttpResponse) -> None:
    """In TLS: half a response, then bytes that are no TLS record."""
    connection.say(_HEAD + b"Content-Length: 100\r\n\r\n{")
    raw = connection.sock
    if isinstance(raw, ssl.SSLSocket):
        socket.socket.sendall(socket.socket(fileno=raw.detach()), b"\x00garbage that is no TLS record" * 10)


_ALERT = b"\x15\x03\x01\x00\x02\x02\x0a"


def _packed_zeros(megabytes: int, checksum: Callable[[bytes, int], int], start: int) -> tuple[bytes, int]:
    """Zeros in raw deflate, and their checksum.

    One megabyte is packed and repeated: after a full flush a packer begins as if nothing had been before.
    """
    zeros, packer = bytes(1_000_000), zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(megabytes):
        start = checksum(zeros, start)
    return one * megabytes + packer.flush(), start


def _gzip_bomb() -> bytes:
    packed, checksum = _packed_zeros(300, zlib.crc32, 0)
    return b"\x1f\x8b\x08\0\0\0\0\0\2\xff" + packed + struct.pack("<II", checksum, 300_000_000)


def _deflate_bomb() -> bytes:
    packed, checksum = _packed_zeros(200, zlib.adler32, 1)
    return b"\x78\xda" + packed + checksum.to_bytes(4, "big")


def _nested(depth: int) -> bytes:
    return b'{"tags":' + b"[" * depth + b"]" * depth + b"}"


def bad_servers() -> list[BadServer]:
    """All of them but those that speak TLS, which need a certificate: see `tls_servers`."""
    one, always, later = "operation", "always", "later"
    script = b"<!doctype html><html><script>alert(1)</script><img src=x onerror=alert(2)></html>"
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    chunked = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    ok = b"\x1b[31m\xff\xfe\x80 \x1b]0;title\x07 <script>alert(3)</script>"
    header = _HEAD + b"X-Odd: \xff\xfe\x1b[31m\r\n"
    bomb = _gzip_bomb()
    return [
        BadServer("never-answers", "Accepts and never responds.", _never, always, (3,)),
        BadServer("never-answers-one", "Never responds to one operation.", _never, one, (1,), "had no usable response"),
        BadServer("never-answers-later", "Stops responding.", _never, later, (3,), "stopped responding"),
        BadServer("drips-head", "A byte a second, from the status line on.", _drips_head, always, (3,)),
        BadServer("drips-head-one", "The same for one operation.", _drips_head, one, (1,), "had no usable response"),
        BadServer("drips-body", "A byte a second in the body.", _drips_body, one, (1,), "had no usable response"),
        BadServer("drips-interim", "100 Continue every second, for ever.", _drips_interim, one, (1,)),
        BadServer("resets-at-connect", "Resets each connection.", _never, always, (3,), on_connect=_resets(b"")),
        BadServer("resets-in-head", "Resets in the headers.", _resets(_HEAD), one, (1,), "no response (reset)"),
        BadServer(
            "resets-in-body",
            "Resets in the body.",
            _resets(_HEAD + b"Content-Length: 100\r\n\r\n{"),
            one,
            (1,),
            "no response (reset)",
        ),
        BadServer("length-too-long", "Says more bytes than come.", _says_length(b"Content-Length: 9999"), one, (1,)),
        BadServer("body-unfinished", "The last bytes never come.", _withholds, one, (1,), "when the time was over"),
        BadServer("length-signed", "Each length has a sign.", _signs_length, always, (1,), "is not a number"),
        BadServer("nul-in-headers", "NUL in each head.", _adds_nul, always, (1,), "that no client can read"),
        BadServer("length-too-short", "Says fewer bytes than come.", _surplus, one, (1,), "bytes follow the end"),
        BadServer("length-negative", "A negative length.", _says_length(b"Content-Length: -1"), one, (1,)),
        BadServer("length-twice", "Two lengths.", _says_length(b"Content-Length: 2\r\nContent-Length: 3"), one, (1,)),
        BadServer(
            "length-endless",
            "A length of many digits.",
            _says_length(b"Content-Length: " + b"9" * 9000),
            one,
            (1,),
        ),
        BadServer("chunked-garbage", "Chunks without a size.", _says(chunked + b"ZZ\r\n{}\r\n"), one, (1,)),
        BadServer(
            "chunk-endless-extension",
            "A chunk's line never ends.",
            _pours(chunked + b"2;", b"a=b;" * 999),
            one,
            (1,),
        ),
        BadServer("chunk-endless", "Chunks never end.", _pours(chunked, b"1\r\na\r\n" * 999), one, (1,)),
        BadServer("gzip-bomb", "300 megabytes in gzip.", _packed(b"gzip", bomb), one, (1,), "larger than any"),
        BadServer("gzip-nested", "A gzip bomb in gzip.", _packed(b"gzip, gzip", gzip.compress(bomb)), one, (1,)),
        BadServer("deflate-bomb", "200 megabytes in deflate.", _packed(b"deflate", _deflate_bomb()), one, (1,)),
        BadServer("brotli-label", "Says br and sends none.", _packed(b"br", b"{}"), one, (1,)),
        BadServer("gzip-label", "Says gzip and sends none.", _packed(b"gzip", b"{}"), one, (1,)),
        BadServer("endless-headers", "Headers never end.", _pours(_HEAD, b"X-A: b\r\n" * 999), one, (1,)),
        BadServer("endless-header-line", "A header line never ends.", _pours(_HEAD + b"X: ", b"x" * 9999), one, (1,)),
        BadServer("endless-body", "A body never ends.", _pours(_HEAD + b"\r\n", b"x" * 65_536), one, (1,)),
        BadServer("endless-bodies", "No response ever ends.", _pours(_HEAD + b"\r\n", b"x" * 65_536), always, (3,)),
        BadServer(
            "continue-endless",
            "100 Continue without end.",
            _pours(b"", b"HTTP/1.1 100 C\r\n\r\n" * 99),
            one,
            (1,),
        ),
        BadServer("http-0.9", "A body and nothing else.", _says(b'{"tags":[]}\r\n'), one, (1,), "not an HTTP response"),
        BadServer("http-0.9-always", "HTTP/0.9 for everything.", _says(b'{"tags":[]}\r\n'), always, (3,)),
        BadServer(
            "tls-alert", "Responds to plain HTTP with TLS.", _says(_ALERT), always, (3,), on_connect=_says(_ALERT)
        ),
        BadServer(
            "plain-for-tls",
            "Responds to TLS with plain HTTP.",
            _never,
            always,
            (3,),
            scheme="https",
            on_connect=_says(b"HTTP/1.1 400 X\r\n\r\n"),
        ),
        BadServer(
            "invalid-utf8",
            "A body that is not UTF-8.",
            _body(b'{"tags":"' + ok + b'"}'),
            one,
            (1,),
            "not UTF-8",
        ),
        BadServer("invalid-headers", "Header values with any bytes.", _body(b'{"tags":7}', header), one, (1,)),
        BadServer("nested-100000", "JSON nested 100,000 deep.", _body(_nested(100_000)), one, (1,), "more than"),
        BadServer("nested-900", "JSON nested 900 deep.", _body(_nested(900)), one, (1,), "too deeply"),
        BadServer("nan", "NaN for a number.", _body(b'{"tags":NaN}'), one, (1,), "NaN"),
        BadServer("duplicate-keys", "A name twice.", _body(b'{"tags":[],"tags":[]}'), one, (1,)),
        BadServer(
            "million-digits",
            "A number of a million digits.",
            _body(b'{"tags":' + b"9" * 1_000_000 + b"}"),
            one,
            (1,),
            "digits",
        ),
        BadServer(
            "half-surrogate",
            "Half a surrogate pair.",
            _body(b'{"tags":[{"key":"\\ud800","value":"\\udfff"}],"x":"\\ud800"}'),
            one,
            (0, 1),
        ),
        BadServer(
            "many-objects",
            "Four megabytes of empty objects.",
            _body(b'{"tags":[' + b"{}," * 1_390_000 + b"{}]}"),
            one,
            (1,),
            "more than",
        ),
        BadServer("html", "A web page with scripts.", _body(script, page), one, (1,), "HTML page"),
        BadServer("html-always", "A web page for everything.", _body(script, page), always, (3,), "HTML page"),
        BadServer(
            "scripts-in-json",
            "Scripts and markup in an error.",
            _body(
                json.dumps({"__type": "</script><script>alert(1)</script>[red]", "message": "<b>[/]"}).encode(),
                b"HTTP/1.1 418 X\r\n" + _TYPE,
            ),
            one,
            (1,),
        ),
        BadServer("redirect-loop", "Redirects to itself.", _redirects, one, (1,), "status 307"),
        BadServer("redirects-always", "Redirects everything.", _redirects, always, (1, 3), "status 307"),
        BadServer(
            "throttles-one", "Never has time for one operation.", _throttles, one, (0,), "had no usable response"
        ),
        BadServer("throttles-always", "Never has time.", _throttles, always, (3,), "kept throttling (status 429)"),
        BadServer("early-hints", "Interim responses before each (this is legal).", _early_hints, one, (0,)),
        BadServer(
            "closes",
            "Connection: close each time (this is legal).",
            lambda c, a: c.say(plain(a, b"Connection: close")),
            always,
            (0,),
        ),
        BadServer("dies", "Dies after some requests.", _dies, later, (3,), "stopped responding"),
        BadServer("dies-and-returns", "Dies, and is back a moment later.", _dies_and_returns, later, (0, 1)),
    ]


def tls_servers(secure: ssl.SSLContext) -> list[BadServer]:
    """Those that speak TLS with the certificate of this context."""

    def wrap(sock: socket.socket) -> socket.socket:
        return secure.wrap_socket(sock, server_side=True)

    def half(sock: socket.socket) -> socket.socket:
        sock.recv(100)
        sock.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03half a handshake")
        sock.close()
        raise OSError("on purpose")

    def done(connection: Connection, answer: HttpResponse) -> None:
        connection.say(plain(answer))

    return [
        BadServer("tls-conforming", "TLS (this is legal).", done, "never", (0,), tls=wrap, scheme="https"),
        BadServer("tls-breaks-in-handshake", "TLS that ends half-way.", done, "always", (3,), tls=half, scheme="https"),
        BadServer(
            "tls-breaks-in-body",
            "No TLS any more in the body.",
            _late_garbage,
            "operation",
            (0, 1),
            tls=wrap,
            scheme="https",
        ),
    ]
