"""One worker's conversation with the target: resolves identifiers, sends, remembers what it opened.

Whatever the run opens is written to the journal the moment its answer arrives and is deleted as soon
as no case needs it, at the latest in `close`. Resources of others are never touched.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from tunnelspec.checks import judge, read, says_nothing
from tunnelspec.contract import Contract, classify
from tunnelspec.contract.document import Resource
from tunnelspec.engine.encode import encode, lives, smallest
from tunnelspec.engine.tally import Tally, TargetLost
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.verdict import Finding

#: How many issued secrets are looked for in later answers.
SECRETS_KEPT = 16


class Sender(Protocol):
    """What the engine needs of a client."""

    def send(self, raw: RawRequest) -> Exchange:
        """Send once and never raise for what the target does."""


class Ledger(Protocol):
    """Where opened resources are written down."""

    def opened(self, resource: str, identifiers: Mapping[str, str]) -> None:
        """Called the moment a resource exists."""

    def closed(self, resource: str, identifiers: Mapping[str, str]) -> None:
        """Called when it is known to be gone."""


class SetupFailed(Exception):
    """A case could not be set up; the argument says why."""


class Session:
    """One worker's conversation. Not shared between threads; `tally` and `ledger` are.

    `lacks` says of operations that the target does not implement what it does instead; `patience_s` is
    how long a read may lag behind a write before that is held against the target.
    `learn(value, label)` is told every sensitive value that the target issues, before anything of
    the answer can be written anywhere.
    """

    def __init__(
        self,
        contract: Contract,
        sender: Sender,
        *,
        tally: Tally | None = None,
        ledger: Ledger | None = None,
        learn: Any = None,
        patience_s: float = 0.0,
    ) -> None:
        self.contract = contract
        self.sender = sender
        self.tally = tally or Tally()
        self._ledger = ledger
        self._learn = learn
        self.patience_s = patience_s
        self.lacks: Mapping[str, str] = {}
        #: Called with each exchange that a case makes itself, but not with what sets up or cleans up.
        self.on_exchange: Callable[[Exchange], None] = lambda exchange: None
        #: What a case found out about the target and later ones ask, by name.
        self.found_out: dict[str, Any] = {}
        self._scripted: list[tuple[Resource, dict[str, str]]] = []
        self._live: dict[str, dict[str, str]] = {}
        self._secrets: deque[str] = deque(maxlen=SECRETS_KEPT)
        self._live_secrets: dict[str, list[str]] = {}
        self.sent = 0

    def send(self, request: Request) -> Exchange:
        """Send a request, opening the resources that it names; the exchange says what came back.

        The request's situation and broken constraints are read again from its body, so that the
        verdict rests on what was sent. Raises SetupFailed, TargetLost or BudgetSpent.
        """
        verdict = classify(self.contract, request.operation, request.body)
        request = replace(request, situation=verdict.situation, breaks=verdict.breaks)
        named = lives(request.body)
        for resource in named:
            self._need(resource)
        exchange = self._exchange(request, encode(request, self.contract, self._live))
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
            tally=self.tally,
            ledger=self._ledger,
            learn=self._learn,
            patience_s=self.patience_s,
        )
        made.lacks = self.lacks
        made.on_exchange = self.on_exchange
        return made

    def judge(self, exchange: Exchange) -> list[Finding]:
        """What the checks find wrong with an exchange."""
        return judge(exchange, self.contract)

    def alive(self, but: str | None = None) -> bool:
        """Whether the target answers a plain call at all right now, of an operation other than `but`."""
        # One that opens nothing; two, since a target may lack the first.
        others = [n for n in self.contract.operations if n != but and self.contract.created_by(n) is None]
        for name in others[:2]:
            if self.tally.silence.reason(name) is not None:
                continue
            raw = encode(replace(smallest(self.contract, name), body={}), self.contract, {})
            exchange = self._exchange(raw, raw)
            self._after(exchange, frozenset())
            if exchange.response is not None:
                return True
        return False

    def drop(self, resource: str) -> None:
        """Delete the live resource, so that the next case gets a new one."""
        self._live_secrets.pop(resource, None)
        identifiers = self._live.pop(resource, None)
        if identifiers is not None:
            self._delete(self.contract.resources[resource], identifiers)

    def close(self) -> None:
        """Delete whatever is still open, whatever the target answers to it."""
        steps: list[Callable[[], None]] = [self.discard]
        steps += [partial(self.drop, resource) for resource in list(self._live)]
        for clean in steps:
            try:
                clean()
            except TargetLost:
                # The journal still names what is left, so that a later sweep finds it.
                continue

    def _exchange(self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False) -> Exchange:
        given_up = None if cleaning else self.tally.silence.reason(raw.operation)
        if given_up is not None:
            raise SetupFailed(given_up)
        self.tally.take(cleaning=cleaning)
        self.sent += 1
        answered = self.sender.send(raw)
        self.tally.silence.note(answered)
        self.tally.answered(answered)
        return Exchange(request, raw, answered.response, answered.failure, self._issued())

    def _issued(self) -> frozenset[str]:
        live = (secret for secrets in self._live_secrets.values() for secret in secrets)
        return frozenset((*self._secrets, *live))

    def _need(self, name: str) -> None:
        if name in self._live:
            return
        resource = self.contract.resources[name]
        request = Request(resource.create, resource.create_body)
        exchange = self._exchange(request, encode(request, self.contract, {}))
        identifiers = self._created(exchange, resource)
        if identifiers is None:
            nothing = says_nothing(exchange, self.contract)
            what = exchange.failure or (read(exchange.response).summary if exchange.response else "no answer")
            raise SetupFailed(nothing or f"could not open a {name}: {resource.create} {what}")
        self._live[name] = identifiers
        # Those of a live resource are looked for as long as it lives.
        self._live_secrets[name] = list(self._secrets)[-len(identifiers) :]

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
        if exchange.response is None or exchange.response.status != 200:
            return None
        body = read(exchange.response).body
        if not isinstance(body, Mapping):
            return None
        identifiers = {
            name: body[member]
            for name, member in resource.identifiers.items()
            if isinstance(body.get(member), str)
        }
        if len(identifiers) < len(resource.identifiers):
            return None
        if self._ledger is not None:
            self._ledger.opened(resource.name, identifiers)
        self._note_secrets(exchange)
        return identifiers

    def _note_secrets(self, exchange: Exchange) -> None:
        operation = self.contract.operations.get(exchange.operation or "")
        if exchange.response is None or operation is None or operation.output is None:
            return
        body = read(exchange.response).body
        for label, value in _sensitive(operation.output, body):
            if self._learn is not None:
                self._learn(value, label)
            self._secrets.append(value)

    def _delete(self, resource: Resource, identifiers: Mapping[str, str]) -> None:
        body = {
            key: identifiers[value["$member"]] if isinstance(value, Mapping) else value
            for key, value in resource.delete_body.items()
        }
        request = Request(resource.delete, body)
        exchange = self._exchange(request, encode(request, self.contract, {}), cleaning=True)
        if self._ledger is not None and exchange.response and exchange.response.status < 500:
            self._ledger.closed(resource.name, identifiers)


def _sensitive(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, str]]:
    for member, inner in schema.get("properties", {}).items():
        found = value.get(member) if isinstance(value, Mapping) else None
        if inner.get("x-sensitive") and isinstance(found, str) and found:
            yield member, found
        elif isinstance(found, Mapping):
            yield from _sensitive(inner, found)
