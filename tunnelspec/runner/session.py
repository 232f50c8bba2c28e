"""One worker's conversation with the target: resolves identifiers, sends, keeps track of what it opened.

Whatever the run may open is written to the journal before the request is sent, and is deleted as soon as no case
needs it, at the latest in `close`. Resources of others are never touched.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

from tunnelspec.checks import check, inconclusive
from tunnelspec.contract import Contract, classify
from tunnelspec.contract.document import Effect
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.encode import encode, lives, smallest
from tunnelspec.runner.errors import SetupFailed, TargetLost
from tunnelspec.runner.identifiers import created_identifiers, is_unknown
from tunnelspec.runner.pool import Created, ResourcePool
from tunnelspec.runner.secrets import IssuedSecrets, secrets_in
from tunnelspec.verdict import Finding

#: Failures before a request was on its way.
_NEVER_SENT = frozenset({"refused", "tls"})
#: After so many calls in a row without a response, or one that could not connect, plain calls must show that the
#: target is there …
_SUSPICIOUS = 5
#: … within this time, in seconds, if it has responded before: it may be restarting.
GRACE_S = 3.0
_PAUSE_S = 0.3
#: How many exchanges are kept for finding out what a defect needs before it.
_RECENT = 16


class Sender(Protocol):
    """What a session needs of a client."""

    def send(self, raw: RawRequest) -> Exchange:
        """Send once and never raise for what the target does."""


@runtime_checkable
class PipeliningSender(Sender, Protocol):
    """A client that can send a request before it has the response to the one before."""

    def send_pipelined(self, first: RawRequest, second: RawRequest) -> tuple[Exchange, Exchange]:
        """Write two requests at once, and never raise for what the target does."""


class Ledger(Protocol):
    """Where creations and deletions are written down before they are sent."""

    def creating(self, resource: str, body: bytes) -> int:
        """Called before a request that could create a resource; the number that stands for it."""

    def created(self, number: int, identifiers: Mapping[str, str]) -> bool:
        """Called with what it created; whether these identifiers may be used."""

    def not_created(self, number: int, proof: str) -> None:
        """Called when it is proved to have created nothing."""

    def unknown(self, number: int, why: str, status: int = 0) -> None:
        """Called when it may have created something; `status` is 0 without a response."""

    def closing(self, identifiers: Mapping[str, str]) -> None:
        """Called before a resource is deleted."""

    def closed(self, identifiers: Mapping[str, str], proof: str) -> None:
        """Called when a resource is proved to be gone."""


class Session:
    """One worker's conversation. Not shared between threads; `budget` and `ledger` are.

    `consistency_timeout_s` is how long a read may lag behind a write before that counts against the target; `run`
    is the id that resources which cases share are marked with. `on_secret(value, label)` is called with every
    sensitive value that the target issues, before anything of the response can be written anywhere.
    """

    def __init__(
        self,
        contract: Contract,
        sender: Sender,
        *,
        budget: Budget | None = None,
        ledger: Ledger | None = None,
        on_secret: Callable[[str, str], None] = lambda value, label: None,
        consistency_timeout_s: float = 0.0,
        run: str = "",
    ) -> None:
        self.contract = contract
        self.sender = sender
        self.budget = budget or Budget()
        self.consistency_timeout_s = consistency_timeout_s
        self.run = run
        self.sent = 0
        #: By operation that the target does not implement, what it responds instead.
        self.unimplemented: Mapping[str, str] = {}
        #: Called with each exchange that a case makes itself, but not with what sets up or cleans up.
        self.on_exchange: Callable[[Exchange], None] = lambda exchange: None
        #: What a case found out about the target and later ones need, by name.
        self.capabilities: dict[str, Any] = {}
        #: The last exchanges of this session, oldest first, whatever they were for.
        self.recent: deque[Exchange] = deque(maxlen=_RECENT)
        self.pool = ResourcePool(contract, run, self._create_shared, self._delete)
        self._ledger = ledger
        self._on_secret = on_secret
        self._scripted: list[tuple[Resource, dict[str, str]]] = []
        self._secrets = IssuedSecrets()
        self._silent = 0
        self._has_responded = False

    def send(self, request: Request, *, fresh: bool = False) -> Exchange:
        """Send a request, opening the resources that it names. `fresh` uses a new connection.

        The request's situation and violated constraints are read again from its body, so that the verdict rests
        on what was sent. Raises NotSent.
        """
        verdict = classify(self.contract, request.operation, request.body)
        request = replace(request, situation=verdict.situation, breaks=verdict.breaks)
        members = self.contract.operations[request.operation].input.properties
        named = lives(request.body)
        live = {resource: self._acquire(resource, members) for resource in named}
        raw = replace(encode(request, self.contract, live), fresh_connection=fresh)
        return self._finish(self._exchange(request, raw), named)

    def send_raw(self, raw: RawRequest, *, fresh: bool = False) -> Exchange:
        """Send bytes as they are. Raises NotSent."""
        raw = replace(raw, fresh_connection=fresh or raw.fresh_connection)
        return self._finish(self._exchange(raw, raw), frozenset())

    def send_pipelined(self, first: RawRequest, second: RawRequest) -> tuple[Exchange, Exchange]:
        """Write two requests at once on a fresh connection. Raises NotSent, and ValueError where one may create."""
        if not isinstance(self.sender, PipeliningSender):
            raise SetupFailed("this client cannot pipeline")
        for raw in (first, second):
            operation = self.contract.operations.get(raw.operation or "")
            if operation is None or operation.effect is not Effect.READ:
                raise ValueError("only what reads is pipelined: a retry must change nothing")
            self.budget.acquire(operation)
            self.sent += 1
        exchanges = self.sender.send_pipelined(first, second)
        for exchange in exchanges:
            self.sent += exchange.reconnected
            self.budget.received(exchange)
            self.recent.append(exchange)
            self.on_exchange(exchange)
        return exchanges

    def resend(self, exchange: Exchange) -> Exchange:
        """Send a request once more, by itself: on a fresh connection and about fresh resources. Raises NotSent."""
        if isinstance(exchange.request, RawRequest):
            return self.send_raw(exchange.request, fresh=True)
        for resource in lives(exchange.request.body):
            self.pool.drop(resource)
        return self.send(exchange.request, fresh=True)

    def step(self, request: Request, names: Mapping[str, Mapping[str, str]], *, fresh: bool = False) -> Exchange:
        """Send one call of a scenario, whose placeholders are read from `names`. `fresh` uses a new connection.

        What it opens stays until `discard` or `close`. Raises Unresolved and NotSent.
        """
        raw = replace(encode(request, self.contract, names), fresh_connection=fresh)
        exchange = self._exchange(request, raw)
        self.on_exchange(exchange)
        resource = self.contract.created_by(request.operation)
        identifiers = created_identifiers(exchange, resource) if resource is not None else None
        if resource is not None and identifiers is not None:
            self._scripted.append((resource, identifiers))
        return exchange

    def inspect(self, request: Request) -> Exchange:
        """Send a request that settles what is open, also after the run was stopped. Raises TargetLost."""
        return self._exchange(request, encode(request, self.contract, {}), cleaning=True)

    def discard(self) -> None:
        """Delete what scenarios have opened, whatever became of it meanwhile. Raises TargetLost."""
        while self._scripted:
            self._delete(*self._scripted.pop())

    def fork(self) -> Session:
        """A session of its own for another thread, with the same budget and journal. Its user closes it."""
        other = Session(
            self.contract,
            self.sender,
            budget=self.budget,
            ledger=self._ledger,
            on_secret=self._on_secret,
            consistency_timeout_s=self.consistency_timeout_s,
            run=self.run,
        )
        other.unimplemented = self.unimplemented
        other.on_exchange = self.on_exchange
        return other

    def check(self, exchange: Exchange) -> list[Finding]:
        """What the checks find in an exchange."""
        return check(exchange, self.contract)

    def responds(self, operation: str | None = None) -> bool:
        """Whether the target responds to a plain call right now: of this operation, or of two that change nothing."""
        operations = self.contract.operations.values()
        names = [operation] if operation else [o.name for o in operations if o.effect is Effect.READ][:2]
        for name in names:
            raw = encode(smallest(self.contract, name, live=False), self.contract, {})
            exchange = self._send_once(raw, replace(raw, fresh_connection=True))
            self._after(exchange, frozenset())
            # An operation that is throttled at any pace gives no usable response; a target that throttles is there.
            if exchange.response is not None and (operation is None or exchange.failure is None):
                return True
        return False

    def drop(self, resource: str) -> None:
        """Delete the live resource that was used last, so that the next case gets another. Raises TargetLost."""
        self.pool.drop(resource)

    def close(self) -> None:
        """Delete whatever is still open, whatever the target responds."""
        steps: Iterable[Callable[[], None]] = [
            self.discard,
            *(partial(self.pool.close, key) for key in self.pool.live),
        ]
        for clean_up in steps:
            try:
                clean_up()
            except TargetLost:
                # The journal still names what is left, so that a later sweep finds it.
                continue

    def _exchange(self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False) -> Exchange:
        """Send, and again while the target throttles."""
        reason = None if cleaning else self.budget.breaker.reason(raw.operation, request.situation)
        if reason is not None:
            raise SetupFailed(reason)
        exchange = self._send_once(request, raw, cleaning=cleaning)
        while exchange.failure == "throttled" and not self.budget.pace.is_hopeless(raw.operation or ""):
            throttled = exchange.throttled + 1
            exchange = replace(self._send_once(request, raw, cleaning=cleaning), throttled=throttled)
        self.budget.breaker.note(exchange)
        if exchange.failure is not None and not cleaning:
            self._doubt(exchange)
        return exchange

    def _send_once(self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False) -> Exchange:
        operation = self.contract.operations.get(raw.operation or "")
        self.budget.acquire(operation, cleaning=cleaning)
        self.sent += 1
        resource = self.contract.created_by(operation.name) if operation is not None else None
        number = 0
        if resource is not None and self._ledger is not None:
            number = self._ledger.creating(resource.name, raw.body)
        received = self.sender.send(raw)
        secrets = self._secrets.known(self.pool.secrets)
        self.sent += received.reconnected
        exchange = replace(received, request=request, secrets=secrets)
        self._note_secrets(exchange)
        if resource is not None:
            self._note_created(exchange, resource, number)
        self.budget.received(exchange)
        self.recent.append(exchange)
        if exchange.response is not None:
            self._silent, self._has_responded = 0, True
        else:
            self._silent += 1
        return exchange

    def _doubt(self, exchange: Exchange) -> None:
        """Find out by plain calls what the lack of a response means. Raises TargetLost."""
        breaker = self.budget.breaker
        if breaker.suspect(exchange.operation):
            breaker.resolve(exchange.operation, responds=self.responds(exchange.operation))
        if self._silent < _SUSPICIOUS and exchange.failure not in _NEVER_SENT:
            return
        until = time.monotonic() + (GRACE_S if self._has_responded else 0.0)
        calls = self._silent
        while not self.responds():
            if time.monotonic() >= until:
                raise TargetLost(str(exchange.failure), calls)
            time.sleep(_PAUSE_S)

    def _note_created(self, exchange: Exchange, resource: Resource, number: int) -> None:
        """Write down what a call has opened, before anything else can happen."""
        identifiers = created_identifiers(exchange, resource)
        if identifiers is not None:
            self.budget.opened()
        if self._ledger is None:
            return
        if identifiers is not None:
            self._ledger.created(number, identifiers)
            if exchange.reconnected:
                # Of two requests that were sent, the one without a response may have created something as well.
                self._ledger.unknown(self._ledger.creating(resource.name, exchange.sent.body), "reset", 0)
        elif exchange.failure in _NEVER_SENT and not exchange.reconnected:
            self._ledger.not_created(number, f"it was never sent ({exchange.failure})")
        else:
            # Also a rejected request may have created something: a list decides.
            status = exchange.response.status if exchange.response is not None else 0
            self._ledger.unknown(number, exchange.failure or f"status {status}", status)

    def _note_secrets(self, exchange: Exchange) -> None:
        issued = list(secrets_in(exchange, self.contract))
        for label, value in issued:
            self._on_secret(value, label)
        self._secrets.add(value for _, value in issued)

    def _acquire(self, name: str, members: Mapping[str, object]) -> dict[str, str]:
        identifiers = self.pool.acquire(name, members)
        if isinstance(identifiers, str):
            raise SetupFailed(identifiers)
        return identifiers

    def _create_shared(self, resource: Resource, body: Mapping[str, Any]) -> Created | str:
        request = Request(resource.create, body)
        exchange = self._exchange(request, encode(request, self.contract, {}))
        identifiers = created_identifiers(exchange, resource)
        if identifiers is not None:
            return Created(identifiers, tuple(value for _, value in secrets_in(exchange, self.contract)))
        said = exchange.response.summary if exchange.response else f"no response ({exchange.failure})"
        reason = inconclusive(exchange, self.contract)
        return reason or f"could not open a {resource.name}: {resource.create} returned {said}"

    def _finish(self, exchange: Exchange, named: frozenset[str]) -> Exchange:
        self.on_exchange(exchange)
        self._after(exchange, named)
        return exchange

    def _after(self, exchange: Exchange, named: frozenset[str]) -> None:
        """Delete what a call opened, and drop what it made unfit for the next case."""
        operation = self.contract.operations.get(exchange.operation or "")
        if exchange.response is None or not exchange.response.accepted or operation is None:
            return
        resource = self.contract.created_by(operation.name)
        identifiers = created_identifiers(exchange, resource) if resource is not None else None
        if resource is not None and identifiers is not None:
            self._delete(resource, identifiers)
        if operation.spends in named:
            self.drop(str(operation.spends))

    def _delete(self, resource: Resource, identifiers: Mapping[str, str]) -> None:
        request = Request(resource.delete, resource.named(resource.delete_body, identifiers))
        if self._ledger is not None:
            self._ledger.closing(identifiers)
        exchange = self._exchange(request, encode(request, self.contract, {}), cleaning=True)
        self.budget.closed()
        if self._ledger is not None and is_unknown(exchange, self.contract):
            self._ledger.closed(identifiers, "the target has no such resource")
        # That the deletion was accepted is no proof: a list decides.
