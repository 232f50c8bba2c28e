"""One worker's conversation with the target: resolves identifiers, sends, remembers what it opened.

Whatever the run opens is written to the journal the moment its answer arrives and is deleted as soon
as no case needs it, at the latest in `close`. Resources of others are never touched.

It stays in one piece, since all of it keeps the same books.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from tunnelspec.checks import check, inconclusive
from tunnelspec.contract import Contract, classify
from tunnelspec.contract.document import Effect
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.runner.budget import Budget, TargetLost
from tunnelspec.runner.encode import encode, lives, smallest
from tunnelspec.runner.identifiers import gone, identifiers_in, secrets_in
from tunnelspec.verdict import Finding

#: How many issued secrets are looked for in later answers.
SECRETS_KEPT = 16
#: Failures before a request was on its way.
_NEVER_SENT = frozenset({"refused", "tls"})


class Sender(Protocol):
    """What the engine needs of a client."""

    def send(self, raw: RawRequest) -> Exchange:
        """Send once and never raise for what the target does."""


class Ledger(Protocol):
    """Where opened resources are written down."""

    def sending(self, resource: str, body: bytes) -> int:
        """Called before a request that could open a resource; the number that stands for it."""

    def answered(self, number: int) -> None:
        """Called when it is known to have opened nothing."""

    def opened(self, resource: str, identifiers: Mapping[str, str], number: int = 0) -> None:
        """Called the moment a resource exists."""

    def closed(self, resource: str, identifiers: Mapping[str, str]) -> None:
        """Called when it is known to be gone."""


class SetupFailed(Exception):
    """A case could not be set up; the argument says why."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """A resource that cases share: what names it, when it must be replaced, and what it must never tell."""

    identifiers: dict[str, str]
    renew_at: float
    secrets: tuple[str, ...]


class Session:
    """One worker's conversation. Not shared between threads; `tally` and `ledger` are.

    `lacks` says of operations that the target does not implement what it does instead; `patience_s` is
    how long a read may lag behind a write before that is held against the target.
    `run` is the id that resources which cases share are marked with.
    `learn(value, label)` is told every sensitive value that the target issues, before anything of
    the answer can be written anywhere.
    """

    def __init__(
        self,
        contract: Contract,
        sender: Sender,
        *,
        budget: Budget | None = None,
        ledger: Ledger | None = None,
        learn: Any = None,
        consistency_timeout_s: float = 0.0,
        run: str = "",
    ) -> None:
        self.contract = contract
        self.sender = sender
        self.budget = budget or Budget()
        self._ledger = ledger
        self._learn = learn
        self.consistency_timeout_s = consistency_timeout_s
        self.run = run
        self.unimplemented: Mapping[str, str] = {}
        #: Called with each exchange that a case makes itself, but not with what sets up or cleans up.
        self.on_exchange: Callable[[Exchange], None] = lambda exchange: None
        #: What a case found out about the target and later ones ask, by name.
        self.capabilities: dict[str, Any] = {}
        self._scripted: list[tuple[Resource, dict[str, str]]] = []
        #: By resource and the marks that it has not.
        self._live: dict[tuple[str, frozenset[str]], _Shared] = {}
        self._used: dict[str, tuple[str, frozenset[str]]] = {}
        self._unmarkable: set[str] = set()
        self._secrets: deque[str] = deque(maxlen=SECRETS_KEPT)
        self.sent = 0

    def send(self, request: Request) -> Exchange:
        """Send a request, opening the resources that it names; the exchange says what came back.

        The request's situation and broken constraints are read again from its body, so that the
        verdict rests on what was sent. Raises SetupFailed, TargetLost or BudgetSpent.
        """
        verdict = classify(self.contract, request.operation, request.body)
        request = replace(request, situation=verdict.situation, breaks=verdict.breaks)
        named = lives(request.body)
        members = self.contract.operations[request.operation].input.properties
        live = {resource: self._need(resource, members) for resource in named}
        exchange = self._exchange(request, encode(request, self.contract, live))
        self.on_exchange(exchange)
        self._after(exchange, named)
        return exchange

    def send_raw(self, raw: RawRequest) -> Exchange:
        """Send bytes as they are. Raises TargetLost or BudgetSpent."""
        exchange = self._exchange(raw, raw)
        self.on_exchange(exchange)
        self._after(exchange, frozenset())
        return exchange

    def step(self, request: Request, names: Mapping[str, Mapping[str, str]]) -> Exchange:
        """Send one call of a script, whose placeholders are read from `names`.

        What it opens stays until `discard` or `close`. Raises Unresolved, TargetLost, BudgetSpent or Stopped.
        """
        exchange = self._exchange(request, encode(request, self.contract, names))
        self.on_exchange(exchange)
        resource = self.contract.created_by(request.operation)
        if resource is None:
            self._note_secrets(exchange)
        else:
            identifiers = self._created(exchange, resource)
            if identifiers is not None:
                self._scripted.append((resource, identifiers))
        return exchange

    def discard(self) -> None:
        """Delete what scripts have opened, whatever became of it meanwhile. Raises TargetLost."""
        while self._scripted:
            self._delete(*self._scripted.pop())

    def fork(self) -> Session:
        """A session of its own for another thread, with the same books. Its user closes it."""
        made = Session(
            self.contract,
            self.sender,
            budget=self.budget,
            ledger=self._ledger,
            learn=self._learn,
            consistency_timeout_s=self.consistency_timeout_s,
            run=self.run,
        )
        made.unimplemented = self.unimplemented
        made.on_exchange = self.on_exchange
        return made

    def judge(self, exchange: Exchange) -> list[Finding]:
        """What the checks find wrong with an exchange."""
        return check(exchange, self.contract)

    def alive(self, but: str | None = None) -> bool:
        """Whether the target answers a plain call at all right now, of an operation other than `but`."""
        operations = self.contract.operations.values()
        # One that changes nothing; two, since a target may lack the first.
        others = [op.name for op in operations if op.name != but and op.effect is Effect.READ]
        for name in others[:2]:
            if self.budget.breaker.reason(name) is not None:
                continue
            raw = encode(replace(smallest(self.contract, name), body={}), self.contract, {})
            exchange = self._exchange(raw, raw)
            self._after(exchange, frozenset())
            if exchange.response is not None:
                return True
        return False

    def drop(self, resource: str) -> None:
        """Delete the live resource that was used last, so that the next case gets a new one."""
        key = self._used.pop(resource, None)
        if key is not None:
            self._drop(key)

    def drop_spare(self) -> None:
        """Leave one live resource of a kind: the next case only meets them in lists. Raises TargetLost."""
        for key in [key for key in self._live if key[1]]:
            self._drop(key)

    def close(self) -> None:
        """Delete whatever is still open, whatever the target answers to it."""
        steps: list[Callable[[], None]] = [self.discard]
        steps += [partial(self._drop, key) for key in list(self._live)]
        for clean in steps:
            try:
                clean()
            except TargetLost:
                # The journal still names what is left, so that a later sweep finds it.
                continue

    def _exchange(self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False) -> Exchange:
        given_up = None if cleaning else self.budget.breaker.reason(raw.operation)
        if given_up is not None:
            raise SetupFailed(given_up)
        operation = self.contract.operations.get(request.operation or "")
        self.budget.take(operation, cleaning=cleaning)
        self.sent += 1
        resource = self.contract.created_by(operation.name) if operation is not None else None
        number = 0
        if resource is not None and self._ledger is not None:
            number = self._ledger.sending(resource.name, raw.body)
        answered = self.sender.send(raw)
        self.budget.breaker.note(answered)
        exchange = Exchange(request, raw, answered.response, answered.failure, self._issued())
        if resource is not None:
            self._note_opening(exchange, resource, number)
        self.budget.answered(answered)
        return exchange

    def _note_opening(self, exchange: Exchange, resource: Resource, number: int) -> None:
        """Write down what a call has opened, before anything else can happen."""
        if self._ledger is None:
            return
        identifiers = identifiers_in(exchange, resource)
        if identifiers is not None:
            self._ledger.opened(resource.name, identifiers, number)
        elif exchange.failure in _NEVER_SENT or (
            exchange.response is not None and not 200 <= exchange.response.status < 300
        ):
            self._ledger.answered(number)
        # Otherwise it may have opened something all the same: the journal keeps the request.

    def _issued(self) -> frozenset[str]:
        live = (secret for shared in self._live.values() for secret in shared.secrets)
        return frozenset((*self._secrets, *live))

    def _drop(self, key: tuple[str, frozenset[str]]) -> None:
        shared = self._live.pop(key, None)
        if shared is not None:
            self._delete(self.contract.resources[key[0]], shared.identifiers)

    def _need(self, name: str, members: Mapping[str, Any]) -> dict[str, str]:
        """Have a resource live, without the marks that are among these members; its identifiers.

        A call that adds tags, for one, shall not find a tag of ours where the number of tags is bounded.
        """
        resource = self.contract.resources[name]
        key = self._used[name] = (name, frozenset(resource.marks).intersection(members))
        shared = self._live.get(key)
        if shared is not None and time.monotonic() < shared.renew_at:
            return shared.identifiers
        self._drop(key)
        body = resource.marked(self.run, members)
        if name in self._unmarkable:
            body = dict(resource.create_body)
        identifiers, exchange = self._opened(resource, body)
        if identifiers is None and body != resource.create_body and exchange.response is not None:
            # It may be the marks that this target does not know.
            body = dict(resource.create_body)
            identifiers, exchange = self._opened(resource, body)
            if identifiers is not None:
                self._unmarkable.add(name)
        if identifiers is None:
            nothing = inconclusive(exchange, self.contract)
            what = exchange.failure or (exchange.response.summary if exchange.response else "no answer")
            raise SetupFailed(nothing or f"could not open a {name}: {resource.create} {what}")
        lasts_s = resource.lasts_s if body != resource.create_body else None
        renew_at = math.inf if lasts_s is None else time.monotonic() + lasts_s / 2
        # Its secrets are looked for as long as it lives.
        self._live[key] = _Shared(identifiers, renew_at, tuple(self._secrets)[-len(identifiers) :])
        return identifiers

    def _opened(self, resource: Resource, body: Mapping[str, Any]) -> tuple[dict[str, str] | None, Exchange]:
        request = Request(resource.create, body)
        exchange = self._exchange(request, encode(request, self.contract, {}))
        return self._created(exchange, resource), exchange

    def _after(self, exchange: Exchange, named: frozenset[str]) -> None:
        """Keep the books after a call: what it opened, issued, or made unfit for the next case."""
        if exchange.response is None or not 200 <= exchange.response.status < 300:
            return
        operation = self.contract.operations.get(exchange.operation or "")
        if operation is None:
            return
        resource = self.contract.created_by(operation.name)
        if resource is not None:
            identifiers = self._created(exchange, resource)
            if identifiers is not None:
                self._delete(resource, identifiers)
        else:
            self._note_secrets(exchange)
        if operation.spends in named:
            self.drop(str(operation.spends))

    def _created(self, exchange: Exchange, resource: Resource) -> dict[str, str] | None:
        identifiers = identifiers_in(exchange, resource)
        if identifiers is not None:
            self._note_secrets(exchange)
        return identifiers

    def _note_secrets(self, exchange: Exchange) -> None:
        for label, value in secrets_in(exchange, self.contract):
            if self._learn is not None:
                self._learn(value, label)
            self._secrets.append(value)

    def _delete(self, resource: Resource, identifiers: Mapping[str, str]) -> None:
        request = Request(resource.delete, resource.named(resource.delete_body, identifiers))
        exchange = self._exchange(request, encode(request, self.contract, {}), cleaning=True)
        if self._ledger is not None and gone(exchange, self.contract):
            self._ledger.closed(resource.name, identifiers)
