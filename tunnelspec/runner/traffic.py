"""Sends the requests of one session: counts them, writes them down, and sends again while the target throttles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from tunnelspec.contract import Contract
from tunnelspec.contract.sensitive import secrets_in
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner import unavailable
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.creations import Creations
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.response_class import ResponseClass
from tunnelspec.runner.secrets import IssuedSecrets

#: How many exchanges are kept for finding out what a defect needs before it.
_RECENT = 16
#: The most kinds of responses that are distinguished.
_MOST_KINDS = 10_000


class Sender(Protocol):
    """What a session needs of a client. A class that inherits from it need only define `send`."""

    @property
    def has_session_token(self) -> bool:
        """Whether its credentials come with a session token."""
        return False

    def send(self, raw: RawRequest) -> Exchange:
        """Send once and never raise for what the target does."""
        ...

    def send_pipelined(self, first: RawRequest, second: RawRequest) -> tuple[Exchange, Exchange]:
        """Send two requests in one segment; one after the other where there is no connection that they could share."""
        return self.send(first), replace(self.send(second), reconnected=True)


class Traffic:
    """The requests of one session. Not shared between threads; `budget` is.

    `open_secrets` are the sensitive values of what is open; `clean_up` closes what a call opened that no case has asked
    for.
    """

    def __init__(
        self,
        contract: Contract,
        sender: Sender,
        context: RunContext,
        creations: Creations,
        open_secrets: Callable[[], Iterator[str]],
        clean_up: Callable[[Exchange], None],
    ) -> None:
        self.sent = 0
        #: The kinds of responses so far, in their order, but no more than so many: a target may invent error names.
        self.responses: dict[ResponseClass, None] = {}
        #: The last exchanges, oldest first, whatever they were for.
        self.recent: deque[Exchange] = deque(maxlen=_RECENT)
        #: How many calls in a row had no response, the first of them, and the last call that had one.
        self.silent = 0
        self.first_silent: Exchange | None = None
        self.last_answered: Exchange | None = None
        #: The highest version of HTTP in a response so far, which is the one that the target conforms to.
        self.http_version = ""
        self._contract = contract
        self._sender = sender
        self._budget = context.budget
        self._creations = creations
        self._on_secret = context.on_secret
        self._open_secrets = open_secrets
        self._clean_up = clean_up
        self._secrets = IssuedSecrets()

    def exchange(self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False) -> Exchange:
        """Send, and again while the target throttles. `cleaning` is allowed when nothing else is. Raises NotSent."""
        reason = None if cleaning else self._budget.breaker.reason(raw.operation, request.situation)
        if reason is not None:
            raise SetupFailed(reason)
        if not cleaning:
            resource = self._contract.created_by(raw.operation or "")
            if resource is not None:
                self._creations.list_existing(resource)
            self._creations.refuse_foreign(raw)
        exchange = self.once(request, raw, cleaning=cleaning)
        while exchange.failure == "throttled" and not self._budget.pace.is_hopeless(raw.operation or ""):
            throttled = exchange.throttled + 1
            exchange = replace(self.once(request, raw, cleaning=cleaning), throttled=throttled)
        self._budget.breaker.note(exchange)
        return exchange

    def once(
        self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False, trying: bool = False
    ) -> Exchange:
        """Send, and not again whatever the response is. What a call that is only `trying` gets does not slow the run
        down. Raises NotSent."""
        operation = self._contract.operations.get(raw.operation or "")
        self._budget.acquire(operation, cleaning=cleaning)
        self.sent += 1
        resource = self._contract.created_by(operation.name) if operation is not None else None
        number = self._creations.sending(resource, raw.body) if resource is not None else 0
        received = self._sender.send(raw)
        secrets = self._secrets.known(self._open_secrets())
        self.sent += received.reconnected
        exchange = replace(received, request=request, secrets=secrets)
        self._note_secrets(exchange)
        if resource is not None:
            exchange = self._creations.received(exchange, resource, number)
        if not cleaning and not trying and not self._budget.pace.is_slowed(raw.operation or ""):
            exchange = self._refused_for_itself(exchange)
        self._budget.received(replace(exchange, failure=None) if trying else exchange)
        self._budget.issued.note(exchange, self._contract)
        kind = ResponseClass.of(exchange)
        if kind is not None and len(self.responses) < _MOST_KINDS:
            self.responses[kind] = None
        self.recent.append(exchange)
        if exchange.response is not None:
            self.silent, self.last_answered = 0, exchange
            self.http_version = max(self.http_version, exchange.response.version)
        else:
            self.first_silent = self.first_silent if self.silent else exchange
            self.silent += 1
        return exchange

    def pipelined(self, first: RawRequest, second: RawRequest) -> tuple[Exchange, Exchange]:
        """Send two requests in one segment, neither of which creates anything. Raises NotSent."""
        for raw in (first, second):
            self._budget.acquire(self._contract.operations.get(raw.operation or ""), cleaning=False)
        self.sent += 2
        one, two = self._sender.send_pipelined(first, second)
        self.sent += two.reconnected
        for exchange in (one, two):
            self._note_secrets(exchange)
            self._budget.received(exchange)
        return one, two

    def _refused_for_itself(self, exchange: Exchange) -> Exchange:
        """The exchange, no longer as a throttled one where the target refuses this request and no other."""
        trials = list(unavailable.trials(exchange, self._contract)) if unavailable.is_ambiguous(exchange) else []
        for raw, is_refused in trials:
            other = self.once(raw, raw, trying=True)
            self._clean_up(other)
            if (other.failure == "throttled") != is_refused or other.response is None:
                return exchange
        return replace(exchange, failure=None) if trials else exchange

    def _note_secrets(self, exchange: Exchange) -> None:
        issued = list(secrets_in(exchange, self._contract))
        for label, value in issued:
            self._on_secret(value, label)
        self._secrets.add(value for _, value in issued)
