"""What the client notes about the framing of responses."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from tunnelspec.client import Limits
from tunnelspec.client.deadline import Deadline
from tunnelspec.client.failure import CallFailed
from tunnelspec.client.response_reader import ResponseReader
from tunnelspec.contract import Contract
from tunnelspec.exchange import Wire
from tunnelspec.wire_faults import WireFault, WireProblem

from .peers import OK, REQUEST, client_of, serving

_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("response", "failure", "problems"),
    [
        (OK, None, ()),
        (_CHUNKED + b"\r\n2;a=b\r\n{}\r\n0\r\nX-T: 1\r\n\r\n", None, ()),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", None, ()),
        (
            _CHUNKED + b"Content-Length: 9\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            None,
            (WireProblem(WireFault.TWO_FRAMINGS),),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 3\r\n\r\n{}",
            "garbage",
            (WireFault.LENGTH_INVALID,),
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", "garbage", (WireFault.LENGTH_INVALID,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "reset", (WireProblem(WireFault.BODY_SHORT, 9, 2),)),
        (_CHUNKED + b"\r\n9\r\n{}", "reset", (WireProblem(WireFault.BODY_SHORT, None, 2),)),
        (OK + b"{}", "garbage", (WireProblem(WireFault.SURPLUS, actual=2),)),
        (OK + b"\r\n" + OK, "garbage", (WireProblem(WireFault.REQUEST_UNREAD, actual=len(OK) + 2),)),
        (_CHUNKED + b"\r\nZZ\r\n", "garbage", (WireFault.CHUNKS_MALFORMED,)),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "garbage", (WireFault.FIELDS_MALFORMED,)),
        (b'{"tags": []}', "garbage", (WireFault.HEAD_MALFORMED,)),
        (b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n", "garbage", (WireFault.INTERIM,)),
        (b"HTTP/1.1 103 X\r\n\r\n" * 17, "garbage", (WireFault.INTERIM,)),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
            "garbage",
            (WireFault.CODING_NOT_REQUESTED, WireFault.CODING_UNREADABLE),
        ),
        (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", None, ()),
        (b"HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", None, ()),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", None, (WireFault.HEAD_NOT_STRICT,)),
        (b"HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", None, (WireFault.HEAD_NOT_STRICT,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\n{}", None, (WireFault.HEAD_NOT_STRICT,)),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", None, (WireFault.HEAD_NOT_STRICT,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", None, (WireFault.HEAD_NOT_STRICT,)),
        (b"HTTP/1.1 20", "reset", ()),
    ],
    ids=[
        "length",
        "chunked",
        "to-the-end",
        "two-framings",
        "two-lengths",
        "negative-length",
        "short-body",
        "short-chunk",
        "surplus",
        "second-response",
        "no-chunk-size",
        "no-header",
        "no-head",
        "switches-protocols",
        "interim-without-end",
        "coding-unreadable",
        "no-reason",
        "no-reason-after-interim",
        "no-space-after-status",
        "no-space-after-status-and-interim",
        "folded",
        "line-feeds",
        "length-listed",
        "half-a-head",
    ],
)
def test_framing_is_noted(
    response: bytes, failure: str | None, problems: tuple[WireProblem | WireFault, ...], contract: Contract
) -> None:
    """What is wrong is a value, whether or not the response could be read."""
    with serving(lambda peer: peer.respond(response)) as server, client_of(server, contract) as client:
        exchange = client.transport.send(REQUEST)
    assert exchange.failure == failure
    expected = tuple(p if isinstance(p, WireProblem) else WireProblem(p) for p in problems)
    assert exchange.wire_problems == expected


def test_what_follows_a_chunked_request_is_no_wrong_length(contract: Contract) -> None:
    """A server that does not read chunks takes them for a request, and sends a page that is no HTTP response."""
    chunked = replace(REQUEST, wire=Wire(chunk_sizes=()))
    bad = OK + b"<p>Bad"
    with serving(lambda peer: peer.respond(bad, end=b"0\r\n\r\n")) as server, client_of(server, contract) as client:
        exchange = client.transport.send(chunked)
    assert exchange.wire_problems == (WireProblem(WireFault.REQUEST_UNREAD, actual=6),)


def test_a_coding_is_undone_and_noted(contract: Contract) -> None:
    """gzip though only identity was acceptable: the body can be read, and the fact stays."""
    packed = gzip.compress(b"{}")
    response = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    with serving(lambda peer: peer.respond(response)) as server, client_of(server, contract) as client:
        exchange = client.transport.send(REQUEST)
    assert exchange.response is not None
    assert exchange.response.body == b"{}"
    assert exchange.wire_problems == (WireProblem(WireFault.CODING_NOT_REQUESTED),)


def test_a_body_without_an_end_is_noted() -> None:
    """When the time is over, what had arrived says that the target had begun a response."""
    data = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"])

    def receive(deadline: Deadline) -> bytes:
        for part in data:
            return part
        raise CallFailed("timeout")

    reader = ResponseReader(receive, Limits())
    reader.begin("POST")
    with pytest.raises(CallFailed) as raised:
        reader.read(Deadline(1.0))
    assert (raised.value.failure, raised.value.problems) == (
        "timeout",
        (WireProblem(WireFault.BODY_UNFINISHED, expected=9, actual=2),),
    )
