"""What the client writes, byte for byte, and how it reuses a connection."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest

from tunnelspec.client import Endpoint, Limits, Signer, Transport
from tunnelspec.client.endpoint import DUMMY
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Wire
from tunnelspec.runner.budget import Budget
from tunnelspec.wire_faults import WireFault, WireProblem

from .peers import OK, REQUEST, Peer, client_of, serving


def _written(raw: RawRequest, contract: Contract, *, end: bytes) -> bytes:
    """The bytes of a request as they come out of the socket."""
    with serving(lambda peer: peer.respond(end=end)) as server, client_of(server, contract) as client:
        exchange = client.transport.send(raw)
        assert exchange.response is not None, exchange.failure
        host = server.url.removeprefix("http://").encode()
    return server.peers[0].received.replace(host, b"HOST")


def test_headers_keep_their_order_spelling_and_white_space(contract: Contract) -> None:
    """Headers that a request brings itself are neither added again nor touched; equal names stay two lines."""
    headers = (("x-AMZ-target", "\t a.b "), ("hOST", "elsewhere"), ("X", "1"), ("x", "2\r\n folded"))
    raw = replace(REQUEST, headers=headers, wire=Wire(separator=":"))
    written = _written(raw, contract, end=b'{"a": 1}')
    assert written.startswith(b"POST / HTTP/1.1\r\nx-AMZ-target:\t a.b \r\nhOST:elsewhere\r\nX:1\r\nx:2\r\n folded\r\n")
    assert written.lower().count(b"\r\nhost:") == 1


def test_a_plain_request_has_what_every_request_needs(contract: Contract) -> None:
    """Host first; a length; no content coding wanted."""
    written = _written(REQUEST, contract, end=b'{"a": 1}')
    head, _, body = written.partition(b"\r\n\r\n")
    line, host, *others = head.split(b"\r\n")
    assert (line, host, body) == (b"POST / HTTP/1.1", b"Host: HOST", b'{"a": 1}')
    assert others[:2] == [b"X-Amz-Target: a.b", b"Content-Type: a/b"]
    assert {b"Accept-Encoding: identity", b"Content-Length: 8"} < set(others)


def test_a_body_in_chunks(contract: Contract) -> None:
    """Sizes, an extension and trailers; no Content-Length beside them."""
    wire = Wire(chunk_sizes=(1, 3), chunk_extension='note="x"', trailers=(("X-Sum", "1"),))
    written = _written(replace(REQUEST, wire=wire), contract, end=b"X-Sum: 1\r\n\r\n")
    head, _, body = written.partition(b"\r\n\r\n")
    extension = b';note="x"\r\n'
    chunks = [b"1" + extension + b"{", b"3" + extension + b'"a"', b"4" + extension + b": 1}", b"0" + extension]
    assert body == b"\r\n".join(chunks)[:-2] + b"\r\nX-Sum: 1\r\n\r\n"
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (Wire(absolute_target=True), b"POST http://HOST/ HTTP/1.1\r\n"),
        (Wire(version="1.0"), b"POST / HTTP/1.0\r\n"),
        (Wire(close=True), b"\r\nConnection: close\r\n"),
        (Wire(piece_bytes=7, pause_s=0.001), b'\r\n\r\n{"a": 1}'),
    ],
    ids=["absolute-target", "http-1.0", "close", "pieces"],
)
def test_other_forms(wire: Wire, expected: bytes, contract: Contract) -> None:
    """Each in the request line, a header, or in nothing that the target could see in the bytes."""
    assert expected in _written(replace(REQUEST, wire=wire), contract, end=b'{"a": 1}')


def test_every_odd_form_is_signed(contract: Contract) -> None:
    """An odd way to write a request leaves its signature as it is: one of the same headers and body."""
    odd = Wire(chunk_sizes=(1,), absolute_target=True, expect_continue=True)
    headers = (("x-amz-date", "20150830T123600Z"), *REQUEST.headers)
    endpoint = Endpoint("http://127.0.0.1:1", "us-east-1", DUMMY, is_loopback=True, is_aws=False)
    signer = Signer(endpoint, contract.service)
    plain = replace(REQUEST, headers=headers, sign=True)
    assert signer.signed(plain).signature == signer.signed(replace(plain, wire=odd)).signature != ""


def test_a_body_waits_until_it_is_asked_for(contract: Contract) -> None:
    """`Expect: 100-continue`: the head alone, then the body; the interim status is on the response."""

    def script(peer: Peer) -> None:
        peer.until(b"\r\n\r\n")
        assert b"\r\nExpect: 100-continue\r\n" in peer.received
        peer.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        peer.respond()

    raw = replace(REQUEST, wire=Wire(expect_continue=True))
    with serving(script) as server, client_of(server, contract) as client:
        exchange = client.transport.send(raw)
    assert exchange.response is not None
    assert exchange.response.interim == (100,)


def test_a_refused_expectation_sends_no_body(contract: Contract) -> None:
    """The final response comes first: the body is not sent, and the connection not used again."""

    def script(peer: Peer) -> None:
        peer.respond(b"HTTP/1.1 417 X\r\nContent-Length: 0\r\n\r\n", end=b"\r\n\r\n")
        peer.wait_for_close()

    raw = replace(REQUEST, wire=Wire(expect_continue=True))
    with serving(script, Peer.respond) as server, client_of(server, contract) as client:
        assert _status(client.transport.send(raw)) == 417
        assert _status(client.transport.send(REQUEST)) == 200
    assert server.peers[0].received.endswith(b"\r\n\r\n")


def test_a_connection_is_reused_unless_a_request_says_otherwise(contract: Contract) -> None:
    """Two requests on the first connection; one that wants a fresh one; one that closes; one after it."""

    def two(peer: Peer) -> None:
        peer.respond()
        peer.received = b""
        peer.respond()
        peer.wait_for_close()

    closing = replace(REQUEST, fresh_connection=True, wire=Wire(close=True))
    with serving(two, Peer.respond, Peer.respond) as server, client_of(server, contract) as client:
        for raw in (REQUEST, REQUEST, closing, REQUEST):
            assert _status(client.transport.send(raw)) == 200
    assert len(server.peers) == 3


def _closes_on_the_second(peer: Peer) -> None:
    peer.respond()
    peer.received = b""
    peer.until(b'{"a": 1}')


def test_a_reused_connection_that_ends_is_retried_once(contract: Contract) -> None:
    """RFC 9112, 9.3.1: on a fresh connection, counted, and said on the exchange."""
    with serving(_closes_on_the_second, Peer.respond) as server, client_of(server, contract) as client:
        first, second = client.transport.send(REQUEST), client.transport.send(REQUEST)
    assert (_status(first), first.reconnected) == (200, False)
    assert (_status(second), second.reconnected) == (200, True)
    assert (len(client.sent), len(client.resent)) == (3, 1)


def test_a_spent_budget_forbids_the_retry(contract: Contract) -> None:
    """What may not be sent is not sent."""
    scripts = _closes_on_the_second, Peer.respond
    with serving(*scripts) as server, client_of(server, contract, may_resend=False) as client:
        client.transport.send(REQUEST)
        assert client.transport.send(REQUEST).failure == "reset"
    assert len(client.sent) == 2


def test_a_fresh_connection_that_ends_is_a_failure(contract: Contract) -> None:
    """And is not retried."""
    with serving(lambda peer: peer.until(b'{"a": 1}')) as server, client_of(server, contract) as client:
        exchange = client.transport.send(REQUEST)
    assert (exchange.failure, exchange.reconnected, client.resent) == ("reset", False, [])


@pytest.mark.parametrize(
    ("leftover", "problems"),
    [
        (b"", ()),
        (b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", ()),
        (b"more", (WireProblem(WireFault.UNSOLICITED, actual=4),)),
    ],
    ids=["closed", "idle-timeout", "bytes"],
)
def test_what_comes_between_calls_is_no_response(
    leftover: bytes, problems: tuple[WireProblem, ...], contract: Contract
) -> None:
    """A connection that was closed while idle, or spoke, is replaced before the next request is written."""
    spoke = threading.Event()

    def script(peer: Peer) -> None:
        peer.respond()
        resumed.wait(5)
        peer.sock.sendall(leftover)
        peer.sock.shutdown(socket.SHUT_WR)
        spoke.set()
        peer.wait_for_close()

    resumed = threading.Event()
    with serving(script, Peer.respond) as server, client_of(server, contract) as client:
        client.transport.send(REQUEST)
        resumed.set()
        assert spoke.wait(5)
        exchange = client.transport.send(REQUEST)
    assert _status(exchange) == 200
    assert exchange.wire_problems == problems
    assert len(client.sent) == 2


def test_two_requests_in_one_segment(contract: Contract) -> None:
    """Both are written before the first response is read, and each gets its own."""

    def script(peer: Peer) -> None:
        peer.until(b'{"b": 2}')
        peer.sock.sendall(OK + b"HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n")

    with serving(script) as server, client_of(server, contract) as client:
        first, second = client.transport.send_pipelined(REQUEST, replace(REQUEST, body=b'{"b": 2}'))
    assert (_status(first), _status(second)) == (200, 400)
    assert server.peers[0].received.count(b"POST / HTTP/1.1\r\n") == 2
    assert len(client.sent) == 2


def test_a_target_may_close_after_the_first_of_two(contract: Contract) -> None:
    """RFC 9112, 9.3.2: the second is then sent again by itself."""

    def script(peer: Peer) -> None:
        peer.until(b'{"b": 2}')
        peer.sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")

    def second_alone(peer: Peer) -> None:
        peer.respond(end=b'{"b": 2}')

    with serving(script, second_alone) as server, client_of(server, contract) as client:
        first, second = client.transport.send_pipelined(REQUEST, replace(REQUEST, body=b'{"b": 2}'))
    assert (_status(first), _status(second), second.reconnected) == (200, 200, True)
    assert len(client.sent) == 3


def test_what_is_sent_again_is_within_the_budgets(contract: Contract) -> None:
    """A create that is sent again is one create more; clean-up is sent again whatever is spent."""
    create = contract.operations["OpenTunnel"]
    budget = Budget(max_creates=2)
    budget.acquire(create)
    assert budget.may_resend(create)
    assert not budget.may_resend(create)
    assert (budget.creates_sent, budget.requests) == (2, 2)
    budget.stop("a stop")
    assert not budget.may_resend(None)
    budget.acquire(None, cleaning=True)
    assert budget.may_resend(None)
    assert budget.requests == 4


def test_a_stop_cuts_a_call_short_but_not_the_ones_after_it(contract: Contract) -> None:
    """A call that waits when the run is stopped ends as `stopped`; clean-up has its whole time."""
    stopped = threading.Event()

    def stops(peer: Peer) -> None:
        peer.until(b'{"a": 1}')
        stopped.set()
        peer.wait_for_close()

    def waits(peer: Peer) -> None:
        peer.until(b'{"a": 1}')
        # Longer than a slice, so that the client asks for a stop while it waits.
        threading.Event().wait(0.6)
        peer.sock.sendall(OK)

    with serving(stops, waits) as server:
        endpoint = Endpoint(server.url, "us-east-1", DUMMY, is_loopback=True, is_aws=False)
        transport = Transport(endpoint, contract.service, limits=Limits(call_s=60), stop_level=stopped.is_set)
        assert transport.send(REQUEST).failure == "stopped"
        assert _status(transport.send(REQUEST)) == 200
        transport.close()


def _status(exchange: Exchange) -> int:
    assert exchange.response is not None, exchange.failure
    return exchange.response.status
