"""Servers that misbehave: always, for one operation, or after some requests. Behind each is the emulator.

Every entry says how a run against it must end. `python -m benchmarks.bad_servers` runs all of them and prints
seconds and memory; the tests run them with short timeouts.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
from functools import partial

from tunnelspec.emulator import HttpResponse

from .bad_server import BadServer, Connection, plain
from .misbehaviours import (
    HEAD,
    TLS_ALERT,
    TYPE,
    adds_nul,
    body,
    deflate_bomb,
    dies,
    dies_and_returns,
    drips_body,
    drips_head,
    drips_interim,
    early_hints,
    gzip_bomb,
    late_garbage,
    nested,
    never,
    packed,
    pours,
    redirects,
    resets,
    says,
    says_length,
    signs_length,
    surplus,
    throttles,
    withholds,
)

_one = partial(BadServer, when="operation", exits=(1,))
_always = partial(BadServer, when="always", exits=(3,))
_later = partial(BadServer, when="later", exits=(3,))


def bad_servers() -> list[BadServer]:
    """All of them but those that speak TLS, which need a certificate: see `tls_servers`."""
    script = b"<!doctype html><html><script>alert(1)</script><img src=x onerror=alert(2)></html>"
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    ok = b"\x1b[31m\xff\xfe\x80 \x1b]0;title\x07 <script>alert(3)</script>"
    header = HEAD + b"X-Odd: \xff\xfe\x1b[31m\r\n"
    bomb = gzip_bomb()
    return [
        _always("never-answers", "Accepts and never responds.", never),
        _one("never-answers-one", "Never responds to one operation.", never, "had no usable response"),
        _later("never-answers-later", "Stops responding.", never, "stopped responding"),
        _always("drips-head", "A byte a second, from the status line on.", drips_head),
        _one("drips-head-one", "The same for one operation.", drips_head, "had no usable response"),
        _one("drips-body", "A byte a second in the body.", drips_body, "had no usable response"),
        _one("drips-interim", "100 Continue every second, for ever.", drips_interim),
        _always("resets-at-connect", "Resets each connection.", never, on_connect=resets(b"")),
        _one("resets-in-head", "Resets in the headers.", resets(HEAD), "no response (reset)"),
        _one(
            "resets-in-body",
            "Resets in the body.",
            resets(HEAD + b"Content-Length: 100\r\n\r\n{"),
            "no response (reset)",
        ),
        _one("length-too-long", "Says more bytes than come.", says_length(b"Content-Length: 9999")),
        _one("body-unfinished", "The last bytes never come.", withholds, "when the time was over"),
        _always("length-signed", "Each length has a sign.", signs_length, "is not a number", exits=(1,)),
        _always("nul-in-headers", "NUL in each head.", adds_nul, "that no client can read", exits=(1,)),
        _one("length-too-short", "Says fewer bytes than come.", surplus, "bytes follow the end"),
        _one("length-negative", "A negative length.", says_length(b"Content-Length: -1")),
        _one("length-twice", "Two lengths.", says_length(b"Content-Length: 2\r\nContent-Length: 3")),
        _one("length-endless", "A length of many digits.", says_length(b"Content-Length: " + b"9" * 9000)),
        _one("chunked-garbage", "Chunks without a size.", says(chunked + b"ZZ\r\n{}\r\n")),
        _one("chunk-endless-extension", "A chunk's line never ends.", pours(chunked + b"2;", b"a=b;" * 999)),
        _one("chunk-endless", "Chunks never end.", pours(chunked, b"1\r\na\r\n" * 999)),
        _one("gzip-bomb", "300 megabytes in gzip.", packed(b"gzip", bomb), "larger than any"),
        _one("gzip-nested", "A gzip bomb in gzip.", packed(b"gzip, gzip", gzip.compress(bomb))),
        _one("deflate-bomb", "200 megabytes in deflate.", packed(b"deflate", deflate_bomb())),
        _one("brotli-label", "Says br and sends none.", packed(b"br", b"{}")),
        _one("gzip-label", "Says gzip and sends none.", packed(b"gzip", b"{}")),
        _one("endless-headers", "Headers never end.", pours(HEAD, b"X-A: b\r\n" * 999)),
        _one("endless-header-line", "A header line never ends.", pours(HEAD + b"X: ", b"x" * 9999)),
        _one("endless-body", "A body never ends.", pours(HEAD + b"\r\n", b"x" * 65_536)),
        _always("endless-bodies", "No response ever ends.", pours(HEAD + b"\r\n", b"x" * 65_536)),
        _one("continue-endless", "100 Continue without end.", pours(b"", b"HTTP/1.1 100 C\r\n\r\n" * 99)),
        _one("http-0.9", "A body and nothing else.", says(b'{"tags":[]}\r\n'), "not an HTTP response"),
        _always("http-0.9-always", "HTTP/0.9 for everything.", says(b'{"tags":[]}\r\n')),
        _always("tls-alert", "Responds to plain HTTP with TLS.", says(TLS_ALERT), on_connect=says(TLS_ALERT)),
        _always(
            "plain-for-tls",
            "Responds to TLS with plain HTTP.",
            never,
            scheme="https",
            on_connect=says(b"HTTP/1.1 400 X\r\n\r\n"),
        ),
        _one("invalid-utf8", "A body that is not UTF-8.", body(b'{"tags":"' + ok + b'"}'), "not UTF-8"),
        _one("invalid-headers", "Header values with any bytes.", body(b'{"tags":7}', header)),
        _one("nested-100000", "JSON nested 100,000 deep.", body(nested(100_000)), "more than"),
        _one("nested-900", "JSON nested 900 deep.", body(nested(900)), "too deeply"),
        _one("nan", "NaN for a number.", body(b'{"tags":NaN}'), "NaN"),
        _one("duplicate-keys", "A name twice.", body(b'{"tags":[],"tags":[]}')),
        _one("million-digits", "A number of a million digits.", body(b'{"tags":' + b"9" * 1_000_000 + b"}"), "digits"),
        _one(
            "half-surrogate",
            "Half a surrogate pair.",
            body(b'{"tags":[{"key":"\\ud800","value":"\\udfff"}],"x":"\\ud800"}'),
            exits=(0, 1),
        ),
        _one(
            "many-objects",
            "Four megabytes of empty objects.",
            body(b'{"tags":[' + b"{}," * 1_390_000 + b"{}]}"),
            "more than",
        ),
        _one("html", "A web page with scripts.", body(script, page), "HTML page"),
        _always("html-always", "A web page for everything.", body(script, page), "HTML page"),
        _one(
            "scripts-in-json",
            "Scripts and markup in an error.",
            body(
                json.dumps({"__type": "</script><script>alert(1)</script>[red]", "message": "<b>[/]"}).encode(),
                b"HTTP/1.1 418 X\r\n" + TYPE,
            ),
        ),
        _one("redirect-loop", "Redirects to itself.", redirects, "status 307"),
        _always("redirects-always", "Redirects everything.", redirects, "status 307", exits=(1, 3)),
        _one("throttles-one", "Never has time for one operation.", throttles, "had no usable response", exits=(0,)),
        _always("throttles-always", "Never has time.", throttles, "kept throttling (status 429)"),
        _one("early-hints", "Interim responses before each (this is legal).", early_hints, exits=(0,)),
        _always(
            "closes",
            "Connection: close each time (this is legal).",
            lambda c, a: c.say(plain(a, b"Connection: close")),
            exits=(0,),
        ),
        _later("dies", "Dies after some requests.", dies, "stopped responding"),
        _later("dies-and-returns", "Dies, and is back a moment later.", dies_and_returns, exits=(0, 1)),
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
        BadServer("tls-conforming", "TLS (this is legal).", done, when="never", exits=(0,), tls=wrap, scheme="https"),
        BadServer(
            "tls-breaks-in-handshake",
            "TLS that ends half-way.",
            done,
            when="always",
            exits=(3,),
            tls=half,
            scheme="https",
        ),
        BadServer(
            "tls-breaks-in-body",
            "No TLS any more in the body.",
            late_garbage,
            when="operation",
            exits=(0, 1),
            tls=wrap,
            scheme="https",
        ),
    ]
