"""Sends requests and reads bounded responses; whatever the target does becomes a value."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from tunnelspec.client import content_coding
from tunnelspec.client.connection import Connection
from tunnelspec.client.deadline import Deadline
from tunnelspec.client.endpoint import Endpoint
from tunnelspec.client.failure import CallFailed, ConnectionEnded
from tunnelspec.client.limits import Limits
from tunnelspec.client.redaction import Redactor
from tunnelspec.client.response_reader import Received
from tunnelspec.client.signing import SignedRequest, Signer
from tunnelspec.client.stream import Connector
from tunnelspec.contract.document import Service
from tunnelspec.exchange import Exchange, RawRequest, Response
from tunnelspec.wire_faults import WireFault, WireProblem

_THROTTLED = frozenset({429, 503})
#: A server may say so when it closes an idle connection (RFC 9110, 15.5.9).
_IDLE_TIMEOUT = re.compile(rb"\s*HTTP/1\.[01] 408\b")
_DIGEST_LENGTH = 64


class Transport:
    """A client of one endpoint; thread-safe. Each thread has one connection, which is reused.

    A response that says "not now" (status 429 or 503 without one of `other_codes`, or one of `throttling_codes` with
    status 400) is a failure of kind `throttled`. A request whose reused connection ends before the first byte of a
    response is sent once more on a fresh one (RFC 9112, 9.3.1), if `may_resend` allows it. `on_sent` is called with
    each request just before its first byte is written. `stop_level` cuts calls short that are under way (see Deadline).
    `redactor` reads every body before anybody else sees it. Proxies of the environment are not used: what is
    signed goes to the target and to nobody else.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        service: Service,
        *,
        limits: Limits | None = None,
        throttling_codes: frozenset[str] = frozenset(),
        other_codes: frozenset[str] = frozenset(),
        may_resend: Callable[[RawRequest], bool] = lambda raw: True,
        on_sent: Callable[[RawRequest], None] = lambda raw: None,
        stop_level: Callable[[], int] = lambda: 0,
        redactor: Redactor | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.has_session_token = endpoint.credentials.token is not None
        self._signer = Signer(endpoint, service)
        self._limits = limits or Limits()
        self._connector = Connector(endpoint, self._limits)
        self._origin = f"{endpoint.url.partition('://')[0]}://{self._signer.host}"
        self._throttling_codes, self._other_codes = throttling_codes, other_codes
        self._may_resend = may_resend
        self._on_sent = on_sent
        self._stop_level = stop_level
        self._redactor = redactor or Redactor()
        #: By thread. The identifier of a thread that has ended is used again, and its connection with it.
        self._connections: dict[int, Connection] = {}

    def send(self, raw: RawRequest) -> Exchange:
        """Send a request. Never raises for what the target does."""
        exchange = self._exchange(raw)
        if exchange.response is not None and self._is_throttled(exchange.response):
            return replace(exchange, failure="throttled")
        return exchange

    def send_pipelined(self, first: RawRequest, second: RawRequest) -> tuple[Exchange, Exchange]:
        """Write two requests at once and read two responses (RFC 9112, 9.3.2), on a fresh connection.

        Where it ends before the second response, which the target may do, the second is sent again by itself.
        """
        deadline = Deadline(self._limits.call_s, self._stop_level)
        one, two = self._signer.signed(first), self._signer.signed(second)
        started = time.monotonic()
        try:
            connection = self._connection(deadline, fresh=True, problems=[])
            for raw in (first, second):
                self._on_sent(raw)
            connection.write_pipelined(one, two, deadline)
        except CallFailed as failed:
            return _failed(first, failed), _failed(second, failed)
        try:
            exchange = self._usable(first, one, connection.read_first(two, deadline), started)
        except CallFailed as failed:
            connection.close()
            exchange = _failed(first, failed)
        try:
            if not connection.is_open:
                raise ConnectionEnded
            return exchange, self._usable(second, two, connection.read_second(deadline), started)
        except CallFailed as failed:
            connection.close()
            if isinstance(failed, ConnectionEnded) and self._may_resend(second):
                return exchange, replace(self._exchange(second), reconnected=True)
            return exchange, _failed(second, failed)

    def secrets(self) -> Mapping[str, str]:
        """The values that no report may show, by label."""
        used = self.endpoint.credentials
        secrets = {"secret-key": used.secret_key, "session-token": used.token or ""}
        if used.source != "dummy":
            secrets["access-key"] = used.access_key
        return {label: value for label, value in secrets.items() if value}

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._connections.values()):
            connection.close()

    def _exchange(self, raw: RawRequest) -> Exchange:
        """One exchange, with the retry that a reused connection needs."""
        deadline = Deadline(self._limits.call_s, self._stop_level)
        problems: list[WireProblem] = []
        reconnected = False
        try:
            connection = self._connection(deadline, fresh=raw.fresh_connection, problems=problems)
            try:
                exchange = self._call(raw, connection, deadline)
            except ConnectionEnded:
                if not connection.responses or not self._may_resend(raw):
                    raise
                reconnected = True
                exchange = self._call(raw, self._connection(deadline, fresh=True, problems=problems), deadline)
        except CallFailed as failed:
            exchange = _failed(raw, failed)
        if not problems and not reconnected:
            return exchange
        return replace(exchange, wire_problems=(*problems, *exchange.wire_problems), reconnected=reconnected)

    def _connection(self, deadline: Deadline, *, fresh: bool, problems: list[WireProblem]) -> Connection:
        """This thread's connection, or a new one where it has none that can be used. Raises CallFailed.

        What the target sent without a request is no response to the next one (RFC 9112, 9.2).
        """
        thread = threading.get_ident()
        connection = self._connections.get(thread)
        if connection is not None and connection.is_open:
            if not fresh:
                unsolicited = connection.unsolicited()
                if unsolicited is None:
                    return connection
                if unsolicited.strip(b"\r\n") and not _IDLE_TIMEOUT.match(unsolicited):
                    problems.append(connection.follows(unsolicited, WireFault.UNSOLICITED))
            connection.close()
        connection = self._connections[thread] = Connection(self._connector.open(deadline), self._origin, self._limits)
        return connection

    def _call(self, raw: RawRequest, connection: Connection, deadline: Deadline) -> Exchange:
        """One request and its response. Raises CallFailed and ConnectionEnded."""
        signed = self._signer.signed(raw)
        started = time.monotonic()
        self._on_sent(raw)
        try:
            connection.write(signed, deadline)
            received = connection.read(deadline)
        except BaseException:
            # What is left unread would be taken for the next response.
            connection.close()
            raise
        return self._usable(raw, signed, received, started)

    def _usable(self, raw: RawRequest, signed: SignedRequest, received: Received, started: float) -> Exchange:
        """The exchange of a response that was read, without its content coding. Raises CallFailed."""
        problems = received.problems
        coding = next((value for name, value in received.headers if name.lower() == "content-encoding"), "")
        body = received.body
        if coding and not content_coding.is_identity(coding):
            problems.append(WireProblem(WireFault.CODING_NOT_REQUESTED))
            try:
                body = content_coding.decode(body, coding, self._limits.body_bytes)
            except CallFailed as failed:
                raise CallFailed(failed.failure, *problems, *failed.problems) from None
        self._redactor.hear(body)
        self._learn_echo(signed.signature, body, received)
        elapsed_s = time.monotonic() - started
        response = Response(
            received.status,
            received.headers,
            body,
            elapsed_s,
            interim=tuple(received.interim),
            version=received.version,
        )
        return Exchange(raw, raw, response, wire_problems=tuple(problems))

    def _learn_echo(self, signature: str, body: bytes, received: Received) -> None:
        """Have a signature redacted that the target sends back."""
        if len(signature) == _DIGEST_LENGTH:  # the response may hold it in any encoding
            self._redactor.learn(signature, "signature")

    def _is_throttled(self, response: Response) -> bool:
        if response.status in _THROTTLED:
            return response.named_error not in self._other_codes
        return response.status == 400 and response.named_error in self._throttling_codes


def _failed(raw: RawRequest, failed: CallFailed) -> Exchange:
    return Exchange(raw, raw, None, failed.failure, wire_problems=failed.problems)
