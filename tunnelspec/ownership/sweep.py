"""Finds what runs have left open, shows that it is theirs, and closes it.

What shows it is in `provenance`. Nothing else is changed. A journal's entry is closed by proof alone: the target says
that there is no such resource, or its list shows nothing that the request could have created.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tunnelspec.client import JournalEntry
from tunnelspec.contract import Contract
from tunnelspec.ownership.candidate import Candidate, Proof, SweepOutcome, SweepResult, SweepScope
from tunnelspec.ownership.deletion import delete
from tunnelspec.ownership.inventory import Send, Unreadable
from tunnelspec.ownership.provenance import Provenance
from tunnelspec.ownership.snapshot import Key, Snapshot, key
from tunnelspec.ownership.unanswered import Unanswered

_ELSEWHERE = "it is not found with these credentials, and was opened with those of another account"


class EntryLog(Protocol):
    """A journal, as far as a sweep writes it."""

    def identified(self, entry: JournalEntry, identifiers: Mapping[str, str]) -> bool:
        """An entry created this; whether its identifiers may be used."""

    def settle(self, entry: JournalEntry, proof: str) -> None:
        """Nothing is left of an entry."""


@dataclass
class Sweep:
    """A sweep of one endpoint.

    `entries` are the journals' for this endpoint. What was created after `before` is left alone. `logs` are journals;
    without any, nothing is written down. `account` is that of the sweep: what is not found here is not gone from
    another.
    """

    contract: Contract
    entries: Sequence[JournalEntry]
    send: Send
    scope: SweepScope
    before: datetime | None = None
    logs: Sequence[EntryLog] = ()
    apply: bool = False
    account: str = ""
    #: What could not be decided, in sentences.
    notes: list[str] = field(default_factory=list)
    #: Entries that may have created something that is still open.
    unresolved: list[JournalEntry] = field(default_factory=list)
    _decided: set[tuple[str, int]] = field(default_factory=set)
    _snapshot: Snapshot = field(init=False)
    _provenance: Provenance = field(init=False)
    _unanswered: Unanswered = field(init=False)

    def __post_init__(self) -> None:
        self._snapshot = Snapshot(self.contract, self.send, self.notes)
        self._provenance = Provenance(self.contract, self._snapshot, self.scope, self.notes)
        self._unanswered = Unanswered(self.contract, self._snapshot, self.scope)

    def run(self) -> Iterator[SweepResult]:
        """Sweep; each result as soon as it is known and written down.

        Raises what `send` raises; what was written down before stays.
        """
        self._wait()
        known: set[Key] = set()
        for candidate in self._candidates(known):
            if self.before is not None and (candidate.created is None or candidate.created > self.before):
                if candidate.entry is not None:
                    self._decided.add(candidate.entry.key)
                    self.unresolved.append(candidate.entry)
                continue
            result = self._handled(candidate)
            if candidate.evidence is Proof.REQUEST and result.outcome not in (SweepOutcome.CLOSED, SweepOutcome.GONE):
                # It is still there, and another request may have created it.
                known.discard(key(candidate.identifiers))
            yield result
        self._resolve(known)

    def _candidates(self, known: set[Key]) -> Iterator[Candidate]:
        for entry in self.entries:
            resource = self.contract.resources.get(entry.resource)
            if not entry.identifiers:
                continue
            if resource is None:
                self.unresolved.append(entry)
            elif key(entry.identifiers) not in known:
                known.add(key(entry.identifiers))
                yield Candidate(resource, entry.identifiers, Proof.JOURNAL, entry.origin.run, entry.at, entry)
        yield from self._provenance.tagged(known)
        waiting = [
            entry
            for entry in self.entries
            if not entry.identifiers and entry.resource in self.contract.resources and not self._is_elsewhere(entry)
        ]
        yield from self._unanswered.candidates(waiting, known, self.notes)

    def _handled(self, candidate: Candidate) -> SweepResult:
        try:
            result = self._closed(candidate)
        except Unreadable as problem:
            result = SweepResult(candidate, SweepOutcome.NOT_CLOSED, str(problem))
        entry = candidate.entry
        if entry is not None:
            self._decided.add(entry.key)
            if result.outcome in (SweepOutcome.CLOSED, SweepOutcome.GONE):
                self._settle(entry, f"the target has no such {candidate.resource.name}")
            else:
                self.unresolved.append(entry)
        return result

    def _closed(self, candidate: Candidate) -> SweepResult:
        inventory = self._snapshot.inventory(candidate.resource)
        described = inventory.one(candidate.identifiers)
        if described is None:
            if self._snapshot.shows(candidate.resource, candidate.identifiers):
                return SweepResult(
                    candidate, SweepOutcome.NOT_CLOSED, "it is not found by its name, but a list shows it"
                )
            if candidate.entry is not None and self._is_elsewhere(candidate.entry):
                return SweepResult(candidate, SweepOutcome.NOT_CLOSED, _ELSEWHERE)
            return SweepResult(candidate, SweepOutcome.GONE)
        doubt = self._provenance.doubt(candidate, inventory, described)
        if doubt:
            return SweepResult(candidate, SweepOutcome.DOUBTFUL, doubt)
        if not self.apply:
            return SweepResult(candidate, SweepOutcome.DUE)
        if candidate.entry is not None and not candidate.entry.identifiers:
            for log in self.logs:
                log.identified(candidate.entry, candidate.identifiers)
        resource = candidate.resource
        delete(self.contract, resource, candidate.identifiers, self.send)
        if inventory.one(candidate.identifiers) is None:
            return SweepResult(candidate, SweepOutcome.CLOSED)
        return SweepResult(candidate, SweepOutcome.NOT_CLOSED, f"{resource.delete} was sent, and it is still there")

    def _resolve(self, known: set[Key]) -> None:
        """Close the entries without identifiers of which a list shows that they left nothing."""
        self._snapshot.list_again()
        for entry in self.entries:
            if entry.identifiers or entry.key in self._decided:
                continue
            resource = self.contract.resources.get(entry.resource)
            over = entry.status or datetime.now(UTC) - entry.until >= self.scope.window.settles
            if (
                resource is None
                or not over
                or self._is_elsewhere(entry)
                or self._snapshot.listed(resource) is None
                or self._unanswered.may_have_left(entry, known)
            ):
                self.unresolved.append(entry)
            else:
                self._settle(entry, f"the list shows no {resource.name} that it could have created")

    def _is_elsewhere(self, entry: JournalEntry) -> bool:
        return entry.origin.is_of_other_account(self.account)

    def _settle(self, entry: JournalEntry, proof: str) -> None:
        for log in self.logs:
            log.settle(entry, proof)

    def _wait(self) -> None:
        """Let requests without a response have their effect, where that takes no longer than a moment."""
        if self.scope.window.alone:
            silent = [entry.until for entry in self.entries if not entry.identifiers and not entry.status]
            rest = max(silent) + self.scope.window.settles - datetime.now(UTC) if silent else timedelta()
            time.sleep(min(max(rest, timedelta()), self.scope.window.settles).total_seconds())
