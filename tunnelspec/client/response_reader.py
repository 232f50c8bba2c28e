"""Reads the responses of one connection with h11, within bounds, and notes what is wrong with their framing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import h11

from tunnelspec.client.deadline import Deadline
from tunnelspec.client.failure import CallFailed, ConnectionEnded
from tunnelspec.client.limits import Limits
from tunnelspec.client.plain_response import plain_response
from tunnelspec.exchange import Headers
from tunnelspec.wire_faults import WireFault, WireProblem

#: h11 has to know of a request only whether its response has a body. Requests are written by
#: `request_bytes`, since h11 sends nothing that is unusual.
#: With an offer to switch protocols, so that h11 reports a switch as one.
_HEADERS = [("Host", "unused"), ("Upgrade", "unused")]
_REQUESTS = {method: h11.Request(method=method, target="/", headers=_HEADERS) for method in ("GET", "HEAD")}
_END = h11.EndOfMessage()
_PROTOCOL = b"HTTP/"
_LENGTH = re.compile(rb"[0-9]{1,20}")
#: A status line with both of its spaces, fields that are not folded, and CRLF behind each line.
_STRICT_HEAD = re.compile(rb"HTTP/1\.[01] [0-9]{3} [^\r\n]*\r\n(?:[^\s][^\r\n]*\r\n)*\r\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] [0-9]{3}[^\r\n]*\r?\n")
_LENGTHS = re.compile(rb"^content-length[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True)
class Received:
    """A response as it came, its body without its transfer coding but in its content coding."""

    status: int
    headers: Headers
    body: bytes = b""
    interim: list[int] = field(default_factory=list)
    problems: list[WireProblem] = field(default_factory=list)
    version: str = "1.1"


class ResponseReader:
    """Reads responses one after another; `receive` gives the next bytes, and none at the connection's end."""

    def __init__(self, receive: Callable[[Deadline], bytes], limits: Limits) -> None:
        self._receive = receive
        self._limits = limits
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.head_bytes)
        self._head: h11.Response | None = None
        self._begun = b""
        self._bytes = 0
        self._interim: list[int] = []
        self._method = ""
        #: The response that was read last was a usual one, which h11 has not seen.
        self._was_plain = False

    @property
    def reusable(self) -> bool:
        """Whether both sides agree that the connection may serve another request."""
        if self._was_plain:
            return True
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE

    def begin(self, method: str) -> None:
        """The response to a request of this method is what comes next."""
        self._method, self._was_plain = method, False

    def _begin(self) -> None:
        """Have h11 read the response."""
        method, self._method = self._method, ""
        if self._h11.our_state is h11.DONE:
            self._h11.start_next_cycle()
        self._h11.send(_REQUESTS["HEAD" if method == "HEAD" else "GET"])
        self._h11.send(_END)
        self._head, self._interim = None, []
        self._begun, _ = self._h11.trailing_data
        self._bytes = len(self._begun)

    def continues(self, deadline: Deadline) -> bool:
        """Whether the next response is an interim one and not the final one. Raises CallFailed, ConnectionEnded."""
        self._begin()
        event = self._next(deadline)
        if isinstance(event, h11.Response):
            self._head = event
            return False
        return True

    def read(self, deadline: Deadline) -> Received:
        """The response. Raises CallFailed (`reset`, `garbage`, `too-large` and what `receive` raises) with what
        is wrong on the wire, and ConnectionEnded.
        """
        if self._method:
            received = self._read_plain(deadline)
            if received is not None:
                return received
        while self._head is None:
            event = self._next(deadline)
            if isinstance(event, h11.Response):
                self._head = event
        head = self._head
        parts: list[bytes] = []
        size = 0
        while isinstance(event := self._next(deadline, size), h11.Data):
            parts.append(event.data)
            size += len(event.data)
            if size > self._limits.body_bytes:
                raise CallFailed("too-large")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
        version = head.http_version.decode("ascii")
        received = Received(head.status_code, headers, b"".join(parts), self._interim, version=version)
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in head.headers}:
            received.problems.append(WireProblem(WireFault.TWO_FRAMINGS))
        if not self._is_head_strict():
            received.problems.append(WireProblem(WireFault.HEAD_NOT_STRICT))
        return received

    def _is_head_strict(self) -> bool:
        """Whether the last head that arrived, behind those of interim responses, is what a sender may write."""
        at = 0
        while (head := _STRICT_HEAD.match(self._begun, at)) and self._begun[at + 9 : at + 10] == b"1":
            at = head.end()
        lengths = _LENGTHS.findall(head[0]) if head else []
        return head is not None and len(lengths) <= 1 and all(map(_LENGTH.fullmatch, lengths))

    def _read_plain(self, deadline: Deadline) -> Received | None:
        """A usual response; None where h11 has to read it, which then has what was received."""
        is_new = self._method != "HEAD" and not self._h11.trailing_data[0]
        data = self._receive(deadline) if is_new else b""
        plain = plain_response(data, self._limits.head_bytes) if data else None
        if plain is not None and len(plain[2]) <= self._limits.body_bytes:
            self._was_plain = True
            return Received(*plain)
        self._begin()
        if is_new:
            self._arrived(data)
        return None

    def surplus(self) -> bytes:
        """What came after the response that was read."""
        return self._h11.trailing_data[0]

    def _next(self, deadline: Deadline, size: int = 0) -> h11.Event:
        """The next event of a response, of whose body `size` bytes have been read."""
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError:
                raise self._malformed() from None
            if isinstance(event, h11.InformationalResponse):
                self._count(event)
            if isinstance(event, h11.Event):
                return event
            try:
                data = self._receive(deadline)
            except CallFailed as failed:
                if failed.failure != "timeout":
                    raise
                raise CallFailed("timeout", *self._incomplete(WireFault.BODY_UNFINISHED, size)) from None
            self._arrived(data, size)

    def _arrived(self, data: bytes, size: int = 0) -> None:
        """Give h11 what arrived, after `size` bytes of the body; no bytes are the connection's end."""
        if not data and not self._bytes:
            raise ConnectionEnded
        if not data and not self._ends_here():
            raise CallFailed("reset", *self._incomplete(WireFault.BODY_SHORT, size))
        self._bytes += len(data)
        if self._bytes > self._limits.wire_bytes:
            raise CallFailed("too-large")
        if self._head is None:
            self._begun += data
            # Another protocol may never send the empty line that would show that it is not HTTP.
            if not self._begun[: len(_PROTOCOL)] == _PROTOCOL[: len(self._begun)]:
                raise self._malformed()
        self._h11.receive_data(data)

    def _count(self, event: h11.InformationalResponse) -> None:
        self._interim.append(event.status_code)
        # 101 is final, and nobody offered another protocol.
        if len(self._interim) > self._limits.interim or event.status_code == 101:
            raise CallFailed("garbage", WireProblem(WireFault.INTERIM))

    def _ends_here(self) -> bool:
        """Whether the connection's end is the body's (RFC 9112, 6.3, rule 8)."""
        if self._head is None:
            return False
        names = {name for name, _ in self._head.headers}
        return not names & {b"content-length", b"transfer-encoding"}

    def _incomplete(self, fault: WireFault, size: int) -> list[WireProblem]:
        if self._head is None:
            return []
        length = dict(self._head.headers).get(b"content-length")
        return [WireProblem(fault, int(length) if length is not None else None, size)]

    def _malformed(self) -> CallFailed:
        if self._head is not None:
            return CallFailed("garbage", WireProblem(WireFault.CHUNKS_MALFORMED))
        lengths = _LENGTHS.findall(self._begun.partition(b"\r\n\r\n")[0])
        if len(set(lengths)) > 1 or any(not _LENGTH.fullmatch(length) for length in lengths):
            return CallFailed("garbage", WireProblem(WireFault.LENGTH_INVALID))
        fault = WireFault.FIELDS_MALFORMED if is_http(self._begun) else WireFault.HEAD_MALFORMED
        return CallFailed("garbage", WireProblem(fault))


def is_http(data: bytes) -> bool:
    """Whether bytes begin with the status line of a response."""
    return _STATUS_LINE.match(data) is not None
