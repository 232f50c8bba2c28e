"""One HTTP connection: writes requests as they say, reads their responses, and knows whether it may go on."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.client import request_bytes
from tunnelspec.client.deadline import Deadline
from tunnelspec.client.failure import CallFailed, ConnectionEnded
from tunnelspec.client.limits import Limits
from tunnelspec.client.response_reader import Received, ResponseReader, is_http
from tunnelspec.client.signing import SignedRequest
from tunnelspec.client.stream import Stream
from tunnelspec.wire_faults import WireFault, WireProblem

#: Seconds that a body waits for a 100 (Continue): a target need not know `Expect` (RFC 9110, 10.1.1).
_CONTINUE_S = 1.0
#: Seconds that a target has to close a connection after it has said so.
_CLOSE_S = 1.0


class Connection:
    """A connection to `origin`, a scheme and an authority.

    `responses` counts those that were read: the connection is a reused one from the first on.
    """

    def __init__(self, stream: Stream, origin: str, limits: Limits) -> None:
        self._stream = stream
        self._origin = origin
        self._limits = limits
        self._reader = ResponseReader(stream.read, limits)
        self._is_last = False
        self._was_chunked = False
        self.is_open = True
        self.responses = 0

    def unsolicited(self) -> bytes | None:
        """What came while there was no request: None where nothing did, no bytes where the target closed."""
        return self._stream.unsolicited()

    def write(self, request: SignedRequest, deadline: Deadline) -> None:
        """Write a request. Raises CallFailed."""
        self._reader.begin(request.method)
        wire = request.wire
        self._is_last = wire.close or wire.version == "1.0"
        self._was_chunked = wire.chunk_sizes is not None
        head, body = request_bytes.head(request, self._origin), request_bytes.body(request)
        try:
            if wire.expect_continue:
                self._stream.write(head, deadline)
                if not self._is_body_wanted(deadline):
                    # The rest of the request is missing: what came next would be taken for it.
                    self._is_last = True
                    return
                head = b""
            for index, piece in enumerate(request_bytes.pieces(head + body, wire.piece_bytes)):
                if index:
                    deadline.pause(wire.pause_s)
                self._stream.write(piece, deadline)
        except ConnectionEnded:
            # The target may have responded before it had read all, and closed (RFC 9112, 9.6).
            self._is_last = True

    def write_pipelined(self, first: SignedRequest, second: SignedRequest, deadline: Deadline) -> None:
        """Write two requests at once, in the framing that each says. Raises CallFailed."""
        self._reader.begin(first.method)
        data = [request_bytes.head(r, self._origin) + request_bytes.body(r) for r in (first, second)]
        self._stream.write(b"".join(data), deadline)

    def read(self, deadline: Deadline) -> Received:
        """The response to the request that was written last. Raises CallFailed and ConnectionEnded."""
        received = self._reader.read(deadline)
        self.responses += 1
        surplus = self._reader.surplus()
        if surplus:
            self._is_last = True
        # An empty line more was once common, and is harmless (RFC 9112, 2.2).
        if surplus.strip(b"\r\n"):
            raise CallFailed("garbage", *received.problems, self.follows(surplus, WireFault.SURPLUS))
        if self._is_last or not self._reader.reusable:
            self.close()
        return received

    def read_first(self, second: SignedRequest, deadline: Deadline) -> Received:
        """The response to the first of two pipelined requests. Raises CallFailed and ConnectionEnded."""
        received = self._reader.read(deadline)
        self.responses += 1
        if not self._reader.reusable:
            # The target is to close now. What comes instead is its response to the second request.
            self._is_last = True
            self._reader = ResponseReader(_beginning_with(self._reader.surplus(), self._stream.read), self._limits)
        self._reader.begin(second.method)
        return received

    def read_second(self, deadline: Deadline) -> Received:
        """The response to the second of them. Raises CallFailed, and ConnectionEnded where the target closes, or sends
        nothing for a second after a response with the close option (RFC 9112, 9.6).
        """
        if not self._is_last:
            return self.read(deadline)
        try:
            return self.read(deadline.at_most(_CLOSE_S))
        except CallFailed as failed:
            if failed.failure != "timeout":
                raise
            raise ConnectionEnded from None

    def follows(self, data: bytes, fault: WireFault) -> WireProblem:
        """What it means that bytes follow a response: this fault, or that the request was not read to its end."""
        is_of_request = self._was_chunked or is_http(data.lstrip(b"\r\n"))
        return WireProblem(WireFault.REQUEST_UNREAD if is_of_request else fault, actual=len(data))

    def close(self) -> None:
        """Close the stream."""
        self.is_open = False
        self._stream.close()

    def _is_body_wanted(self, deadline: Deadline) -> bool:
        """Whether the target requested the body, or sent nothing for a while."""
        patience = deadline.at_most(_CONTINUE_S)
        try:
            return self._reader.continues(patience)
        except CallFailed as failed:
            if failed.failure != "timeout":
                raise
            return True


def _beginning_with(data: bytes, receive: Callable[[Deadline], bytes]) -> Callable[[Deadline], bytes]:
    """Receives these bytes first, if there are any."""
    waiting = [data] if data else []

    def received(deadline: Deadline) -> bytes:
        return waiting.pop() if waiting else receive(deadline)

    return received
