"""One worker's conversation with the target: resolves identifiers, sends, keeps track of what it opened.

Whatever the run may open is written to the journal before the request is sent, and is deleted as soon as no case
needs it, at the latest in `close`. Resources of others are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Self

from tunnelspec.checks import check
from tunnelspec.contract import Contract, classify
from tunnelspec.contract.minimal import with_live_identifiers
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import PLAIN, Exchange, RawRequest, Request, Wire
from tunnelspec.ownership.deletion import delete
from tunnelspec.ownership.identifiers import created_identifiers
from tunnelspec.ownership.owned import Foreign
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.creations import Creations
from tunnelspec.runner.encode import encode, lives
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.liveness import Liveness
from tunnelspec.runner.pool import ResourcePool
from tunnelspec.runner.response_class import ResponseShape
from tunnelspec.runner.traffic import Sender, Traffic
from tunnelspec.verdict import Finding, Outcome


class Session:
    """One worker's conversation. Not shared between threads; its `context` is."""

    def __init__(self, contract: Contract, sender: Sender, context: RunContext | None = None) -> None:
        self.contract = contract
        self.sender = sender
        self.context = context = context or RunContext()
        self.budget = context.budget
        self.ownership = context.ownership
        #: The steps of scenarios that found everything as required: they need not be made again under another name.
        self.clean: set[Callable[..., None]] = set()
        #: By operation that the target does not implement, what it responds instead.
        self.unimplemented: Mapping[str, str] = {}
        #: Called with each exchange that a case makes itself, but not with what sets up or cleans up.
        self.on_exchange: Callable[[Exchange], None] = lambda exchange: None
        #: Whether the target verifies signatures, as an outcome and a reason, once that is found out.
        self.verifies: tuple[Outcome, str] | None = None
        #: How the target responds to an operation that cannot exist, once that is found out.
        self.impossible: ResponseShape | None = None
        #: What cases have prepared at the beginning of the run, by their names.
        self.prepared: Mapping[str, object] = {}
        self.pool = ResourcePool(contract, self.ownership, partial(self._call, cleaning=False), self._delete)
        self._creations = Creations(contract, context, self._call)
        self.traffic = Traffic(contract, sender, context, self._creations, lambda: self.pool.secrets, self._after)
        self._liveness = Liveness(contract, self.traffic, self.budget.breaker, self._after)
        self._scripted: list[tuple[Resource, dict[str, str]]] = []
        self._held: list[tuple[Resource, dict[str, str]]] = []

    def send(self, request: Request, *, fresh: bool = False) -> Exchange:
        """Send a request, opening the resources that it names. `fresh` uses a new connection.

        The request's situation and violated constraints are read again from its body, so that the verdict rests
        on what was sent. Raises NotSent.
        """
        verdict = classify(self.contract, request.operation, request.body)
        if (request.situation, request.breaks) != (verdict.situation, verdict.breaks):
            request = replace(request, situation=verdict.situation, breaks=verdict.breaks)
        raw = self.prepared_request(request)
        if fresh:
            raw = replace(raw, fresh_connection=True)
        return self._finish(self._exchange(request, raw), lives(request.body))

    def prepared_request(self, request: Request) -> RawRequest:
        """The bytes of a request, for which the resources that it names are opened. Raises NotSent."""
        members = self.contract.operations[request.operation].input.properties
        live = {resource: self.pool.acquire(resource, members) for resource in lives(request.body)}
        return encode(request, self.contract, live)

    def send_raw(self, raw: RawRequest, *, fresh: bool = False) -> Exchange:
        """Send bytes as they are. Raises NotSent."""
        if fresh and not raw.fresh_connection:
            raw = replace(raw, fresh_connection=True)
        return self._finish(self._exchange(raw, raw), frozenset())

    def send_pipelined(self, first: RawRequest, second: RawRequest) -> tuple[Exchange, Exchange]:
        """Send two requests in one segment, neither of which creates anything. Raises NotSent."""
        return self.traffic.pipelined(first, second)

    def resend(self, exchange: Exchange) -> Exchange:
        """Send a request once more, by itself: on a fresh connection and about fresh resources. Raises NotSent."""
        if isinstance(exchange.request, RawRequest):
            return self.send_raw(exchange.request, fresh=True)
        request = exchange.request
        if lives(request.body) - self.contract.resources.keys():
            # A step of a scenario names what the scenario opened, which is gone.
            structure = self.contract.operations[request.operation].input
            request = replace(request, body=with_live_identifiers(structure, request.body))
        for resource in lives(request.body):
            self.pool.drop(resource)
        return self.send(request, fresh=True)

    def step(
        self, request: Request, names: Mapping[str, Mapping[str, str]], *, fresh: bool = False, wire: Wire = PLAIN
    ) -> Exchange:
        """Send one call of a scenario, whose placeholders are read from `names`. `fresh` uses a new connection.

        What it opens stays until `discard` or `close`. Raises Unresolved and NotSent.
        """
        raw = replace(encode(request, self.contract, names), fresh_connection=fresh, wire=wire)
        exchange = self._exchange(request, raw)
        self.on_exchange(exchange)
        resource = self.contract.created_by(request.operation)
        identifiers = created_identifiers(exchange, resource) if resource is not None else None
        if resource is not None and identifiers is not None and self.ownership.may_touch(identifiers):
            self._scripted.append((resource, identifiers))
        return exchange

    def inspect(self, request: Request) -> Exchange:
        """Send a request that settles what is open, also after the run was stopped. Raises TargetLost.

        On a fresh connection: on another, what a server left unread of a request before would get the response.
        """
        raw = replace(encode(request, self.contract, {}), fresh_connection=True)
        return self._exchange(request, raw, cleaning=True)

    def list_existing(self) -> None:
        """List what exists before the run creates anything, if that was not done yet. Raises NotSent."""
        for resource in self.contract.resources.values():
            self._creations.list_existing(resource)

    def discard(self) -> None:
        """Delete what scenarios have opened, whatever became of it meanwhile. Raises TargetLost."""
        while self._scripted:
            self._delete(*self._scripted.pop())

    def hold(self) -> None:
        """Keep what scenarios have opened until `close`."""
        self._held += self._scripted
        self._scripted = []

    def fork(self) -> Self:
        """A session of its own for another thread, with the same budget and journal. Its user closes it."""
        other = type(self)(self.contract, self.sender, self.context)
        other.unimplemented = self.unimplemented
        other.on_exchange, other.traffic.responses = self.on_exchange, self.traffic.responses
        return other

    def check(self, exchange: Exchange) -> list[Finding]:
        """What the checks find in an exchange, and that what it created is not new."""
        findings = check(exchange, self.contract)
        if exchange.not_new:
            findings.append(Foreign(exchange.not_new).finding(str(exchange.operation)))
        return findings

    def responds(self, operation: str | None = None) -> bool:
        """Whether the target responds to a plain call right now: of this operation, or of two that change nothing."""
        return self._liveness.responds(operation)

    def leave_connection(self) -> None:
        """Make a plain call on a fresh connection: what else arrives on this one is not the next case's fault."""
        self.responds()

    def close(self) -> None:
        """Delete whatever is still open, whatever the target responds."""
        self._scripted, self._held = self._scripted + self._held, []
        steps: Iterable[Callable[[], None]] = [
            self.discard,
            *(partial(self.pool.close, key) for key in self.pool.live),
        ]
        for clean_up in steps:
            try:
                clean_up()
            except NotSent:
                # The journal still names what is left, so that a later sweep finds it.
                continue

    def _exchange(self, request: Request | RawRequest, raw: RawRequest, *, cleaning: bool = False) -> Exchange:
        self._liveness.refuse_misunderstood(raw)
        exchange = self.traffic.exchange(request, raw, cleaning=cleaning)
        if exchange.failure is not None and not cleaning:
            self._liveness.doubt(exchange)
        return exchange

    def _finish(self, exchange: Exchange, named: frozenset[str]) -> Exchange:
        self.on_exchange(exchange)
        self._after(exchange, named)
        return exchange

    def _after(self, exchange: Exchange, named: frozenset[str] = frozenset()) -> None:
        """Delete what a call opened, and drop what it made unfit for the next case."""
        operation = self.contract.operations.get(exchange.operation or "")
        if exchange.response is None or not exchange.response.accepted or operation is None:
            return
        resource = self.contract.created_by(operation.name)
        identifiers = created_identifiers(exchange, resource) if resource is not None else None
        if resource is not None and identifiers is not None and self.ownership.may_touch(identifiers):
            self._delete(resource, identifiers)
        if operation.spends in named:
            self.pool.drop(str(operation.spends))

    def _delete(self, resource: Resource, identifiers: Mapping[str, str], has_tag: bool = False) -> None:
        try:
            if self._creations.may_delete(resource, identifiers, has_tag=has_tag):
                self._creations.deleting(identifiers)
                exchange = delete(self.contract, resource, identifiers, partial(self._call, cleaning=True))
                self._creations.deleted(exchange, resource, identifiers)
        finally:
            self.budget.closed()

    def _call(self, request: Request, *, cleaning: bool) -> Exchange:
        return self._exchange(request, encode(request, self.contract, {}), cleaning=cleaning)
