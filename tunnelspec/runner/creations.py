"""Tracks what a run creates: what exists before it, what each response names, and what may be changed.

One instance belongs to one session; ownership, ledger and budget are shared by all sessions of a run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

from tunnelspec.client import JournalUnwritable
from tunnelspec.contract import Contract
from tunnelspec.contract.document import Effect
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.ownership.identifiers import created_identifiers, is_unknown
from tunnelspec.ownership.inventory import Inventory, Unreadable
from tunnelspec.ownership.owned import Foreign, Owned
from tunnelspec.ownership.settlement import settle_deleted
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.encode import lives, smallest
from tunnelspec.runner.errors import ExistingUnknown, JournalLost, NotSent, SetupFailed

#: Failures before a request was on its way.
NEVER_SENT = frozenset({"refused", "tls"})
_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"')
#: So many deletions are left open until a list is read: a run of hours would remember hundreds of thousands.
_SETTLED_AT = 2000


class Send(Protocol):
    """Sends a read: within the budget, or as part of the clean-up, whose requests are kept in reserve."""

    def __call__(self, request: Request, *, cleaning: bool) -> Exchange: ...


class Creations:
    """What a session creates. Not thread-safe."""

    def __init__(self, contract: Contract, context: RunContext, send: Send) -> None:
        self._contract = contract
        self._budget = context.budget
        self._ledger = context.ledger
        self._ownership = context.ownership
        self._run = context.ownership.run
        self._send = send
        self._identifying: dict[str, frozenset[str]] = {}
        self._deletions = 0

    def list_existing(self, resource: Resource) -> None:
        """Before the first creation of the run, list what exists.

        Where it cannot be listed that is noted, and a strict ownership raises ExistingUnknown. Raises NotSent, and
        JournalLost where it cannot be written down.
        """
        ownership = self._ownership
        with ownership.listing:
            if resource.name in ownership.listed:
                return
            requests = self._budget.requests
            try:
                rows = self._inventory(resource, cleaning=False).all()
                self._note_existing([row.identifiers for row in rows])
            except (Unreadable, SetupFailed) as problem:
                if ownership.strict:
                    raise ExistingUnknown(str(problem)) from None
                ownership.notes.append(f"What existed before the run is not known: {str(problem).rstrip('.')}.")
            ownership.listed.add(resource.name)
            # The clean-up reads the same list again.
            self._budget.reserve(self._budget.requests - requests)

    def refuse_foreign(self, raw: RawRequest) -> None:
        """Raises SetupFailed for a request that could change a resource which is not provably the run's."""
        operation = self._contract.operations.get(raw.operation or "")
        if operation is not None and operation.effect in (Effect.READ, Effect.CREATE):
            return
        if self._ownership.is_foreign(self._named(raw)):
            raise SetupFailed("the call names a resource that is not provably this run's, and is not sent")

    def sending(self, resource: Resource, body: bytes) -> int:
        """Write down a request that could create something before it is sent; its number. Raises JournalLost."""
        try:
            return self._ledger.creating(resource.name, body) if self._ledger is not None else 0
        except JournalUnwritable as problem:
            raise JournalLost(str(problem)) from None

    def received(self, exchange: Exchange, resource: Resource, number: int) -> Exchange:
        """Write down what came of it, before anything else can happen; the exchange with `not_new`."""
        identifiers = created_identifiers(exchange, resource)
        if identifiers is None:
            self._unnamed(exchange, number)
            return exchange
        verdict = self._ownership.register(identifiers)
        doubt, is_finding = (verdict.reason, verdict.is_finding) if isinstance(verdict, Foreign) else ("", False)
        if doubt and self._run and self._run.encode() in exchange.sent.body:
            # Nobody else knows the run's id: it proves what the identifiers do not.
            verdict = self.confirm(resource, identifiers)
        if isinstance(verdict, Foreign):
            if self._ledger is not None:
                self._ledger.unknown(number, verdict.reason, 200)
                self._ledger.doubted(identifiers, verdict.reason)
        elif self._ledger is not None and not self._ledger.created(number, identifiers):
            self._ownership.refuse(identifiers)
        else:
            self._budget.opened()
        if exchange.reconnected and self._ledger is not None:
            # Of two requests that were sent, the one without a response may have created something as well.
            self._ledger.unknown(self._ledger.creating(resource.name, exchange.sent.body), "reset", 0)
            self._budget.may_have_opened()
        return replace(exchange, not_new=doubt) if doubt and is_finding else exchange

    def may_delete(self, resource: Resource, identifiers: Mapping[str, str], *, has_tag: bool) -> bool:
        """Whether a resource may be deleted. Its tag is confirmed before the first deletion, and in doubt."""
        ownership = self._ownership
        if has_tag and self._run and (ownership.is_first(resource.name) or not ownership.may_touch(identifiers)):
            self.confirm(resource, identifiers)
        if ownership.may_touch(identifiers):
            return True
        if self._ledger is not None:
            self._ledger.doubted(identifiers, "it is not provably this run's")
        return False

    def deleting(self, identifiers: Mapping[str, str]) -> None:
        """Write down that a resource is about to be deleted."""
        if self._ledger is not None:
            self._ledger.closing(identifiers)

    def deleted(self, exchange: Exchange, resource: Resource, identifiers: Mapping[str, str]) -> None:
        """Write down what came of a deletion. That it was accepted is no proof: a list decides, in the end or
        after many deletions."""
        if self._ledger is None:
            return
        if is_unknown(exchange, self._contract):
            self._ledger.closed(identifiers, "the target has no such resource")
        self._deletions += 1
        if self._deletions % _SETTLED_AT == 0:
            with suppress(Unreadable, NotSent):  # it is tried again in the end
                settle_deleted(self._ledger, self._inventory(resource, cleaning=False))

    def confirm(self, resource: Resource, identifiers: Mapping[str, str]) -> Owned | Foreign:
        """Decide by the tag that a resource was created with."""
        try:
            tag = self._inventory(resource, cleaning=True).run_of(identifiers)
        except (Unreadable, SetupFailed):
            tag = ""
        return self._ownership.confirm(identifiers, tag)

    def _note_existing(self, identifiers: list[Mapping[str, str]]) -> None:
        self._ownership.before(identifiers)
        try:
            if self._ledger is not None:
                self._ledger.existing(identifiers)
        except JournalUnwritable as problem:
            raise JournalLost(str(problem)) from None

    def _unnamed(self, exchange: Exchange, number: int) -> None:
        if self._ledger is None:
            return
        if exchange.failure in NEVER_SENT and not exchange.reconnected:
            self._ledger.not_created(number, f"it was never sent ({exchange.failure})")
        else:
            # Also a rejected request may have created something: a list decides.
            status = exchange.response.status if exchange.response is not None else 0
            if not 400 <= status < 500:
                self._budget.may_have_opened()
            self._ledger.unknown(number, exchange.failure or f"status {status}", status)

    def _inventory(self, resource: Resource, *, cleaning: bool) -> Inventory:
        return Inventory(self._contract, resource, partial(self._send, cleaning=cleaning))

    def _named(self, raw: RawRequest) -> Iterable[str]:
        """The texts in a request that name a resource; every text where the body is no JSON object."""
        try:
            body = json.loads(raw.body)
        except (ValueError, RecursionError):
            body = None
        if raw.operation is None or raw.operation not in self._contract.operations or not isinstance(body, dict):
            return [match[1].decode("utf-8", "replace") for match in _STRING.finditer(raw.body)]
        members = self._identifying.get(raw.operation)
        if members is None:
            least = smallest(self._contract, raw.operation).body
            members = frozenset(name.lower() for name, value in least.items() if lives(value))
            self._identifying[raw.operation] = members
        return [value for name, value in body.items() if name.lower() in members and isinstance(value, str)]
