"""Finds what runs have left open, shows that it is theirs, and closes it.

Three things show that a resource is a run's:

* the journal names it, and the target describes it by exactly these identifiers, created no earlier than the
  request;
* it carries the tag with the id of the run;
* a request's response never said what it created, and one resource alone was created at that time with all that
  the request said and nothing else. Where others create resources as well, that is no proof; the user decides
  whether it counts (on loopback, it does).

Nothing else is changed. A journal's entry is closed by proof alone: the target says that there is no such
resource, or its list shows nothing that the request could have created.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tunnelspec.client import JournalEntry
from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.exchange import Request
from tunnelspec.runner.candidate import FAR, Candidate, Proof, SweepOutcome, SweepResult, Window
from tunnelspec.runner.inventory import Inventory, Listed, Send, Unreadable
from tunnelspec.runner.run_id import run_of_attempt
from tunnelspec.runner.snapshot import Key, Snapshot, key
from tunnelspec.runner.unanswered import Unanswered
from tunnelspec.strict_json import Json

#: Of so many resources that are older than the runs it is looked whether they carry the runs' tags.
_OLDER = 3


class EntryLog(Protocol):
    """A journal, as far as a sweep writes it."""

    def identified(self, entry: JournalEntry, identifiers: Mapping[str, str]) -> bool:
        """An entry created this; whether its identifiers may be used."""

    def settle(self, entry: JournalEntry, proof: str) -> None:
        """Nothing is left of an entry."""


@dataclass
class Sweep:
    """A sweep of one endpoint.

    `entries` are the journals' for this endpoint. Resources with the tag of `runs`, or of attempts at them, are
    swept, with `any_run` those of every run; what was created after `before` is left alone. `guess` lets an
    unanswered request count as evidence. `existed_before` says whether identifiers name what was there before a run,
    and `is_doubtful` whether they are not provably a run's, as far as that is known. `logs` are journals; without any,
    nothing is written down.
    """

    contract: Contract
    entries: Sequence[JournalEntry]
    send: Send
    runs: frozenset[str] = frozenset()
    before: datetime | None = None
    any_run: bool = False
    guess: bool = False
    window: Window = FAR
    existed_before: Callable[[str, Mapping[str, str]], bool] = lambda run, identifiers: False
    is_doubtful: Callable[[Mapping[str, str]], bool] = lambda identifiers: False
    logs: Sequence[EntryLog] = ()
    apply: bool = False
    #: What could not be decided, in sentences.
    notes: list[str] = field(default_factory=list)
    #: Entries that may have created something that is still open.
    unresolved: list[JournalEntry] = field(default_factory=list)
    #: By kind of resource, whether the target keeps the tags of each apart.
    _kept_apart: dict[str, bool] = field(default_factory=dict)
    _decided: set[tuple[str, int]] = field(default_factory=set)
    _snapshot: Snapshot = field(init=False)
    _unanswered: Unanswered = field(init=False)

    def __post_init__(self) -> None:
        self._snapshot = Snapshot(self.contract, self.send, self.notes)
        self._unanswered = Unanswered(self.contract, self.window, self._snapshot, self._is_excluded)

    def leave_other_accounts(self, account: str) -> None:
        """Leave out what the journal names in other accounts: here, it would only seem to be gone."""
        same_account = [e for e in self.entries if not e.identifiers or _is_of_account(e, account)]
        if len(same_account) < len(self.entries):
            self.notes.append(f"{len(self.entries) - len(same_account)} of the journal are in another account.")
            self.unresolved += [entry for entry in self.entries if entry not in same_account]
        self.entries = same_account

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
        yield from self._tagged(known)
        waiting = [e for e in self.entries if not e.identifiers and e.resource in self.contract.resources]
        yield from self._unanswered.candidates(waiting, known, self.notes)

    def _tagged(self, known: set[Key]) -> Iterator[Candidate]:
        """What carries the tag of a run. Which of its requests created it does not matter."""
        if not self.runs and not self.any_run:
            return
        for resource in self.contract.resources.values():
            if resource.find is None or not resource.tag or not self._are_tags_kept_apart(resource):
                continue
            for row in self._snapshot.listed(resource) or ():
                if key(row.identifiers) in known or self._is_older(row) or self.is_doubtful(row.identifiers):
                    continue
                run = self._snapshot.run_of(resource, row)
                if self._is_swept(run) and not self.existed_before(run, row.identifiers):
                    known.add(key(row.identifiers))
                    yield Candidate(resource, row.identifiers, Proof.TAG, run, row.created)

    def _is_excluded(self, run: str, identifiers: Mapping[str, str]) -> bool:
        """Whether something existed before a run, or is not provably the run's."""
        return self.existed_before(run, identifiers) or self.is_doubtful(identifiers)

    def _is_swept(self, run: str) -> bool:
        """Whether the tag of this run, empty for no tag, is one of those that are swept."""
        return bool(run) and (self.any_run or not self.runs.isdisjoint((run, run_of_attempt(run))))

    def _is_older(self, row: Listed) -> bool:
        """Whether a resource was there before every run that is swept."""
        return not self.any_run and all(self.existed_before(run, row.identifiers) for run in self.runs)

    def _are_tags_kept_apart(self, resource: Resource) -> bool:
        """Whether what existed before a run does without the run's tag; otherwise no tag proves anything."""
        if resource.name not in self._kept_apart:
            older = [row for row in self._snapshot.listed(resource) or () if self._is_older(row)][:_OLDER]
            apart = not any(self._is_swept(self._snapshot.run_of(resource, row)) for row in older)
            self._kept_apart[resource.name] = apart
            if not apart:
                self.notes.append(
                    f"A {resource.name} from before a run carries the run's tag: tags prove nothing here."
                )
        return self._kept_apart[resource.name]

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
            return SweepResult(candidate, SweepOutcome.GONE)
        doubt = self._doubt(candidate, inventory, described)
        if doubt:
            return SweepResult(candidate, SweepOutcome.DOUBTFUL, doubt)
        if not self.apply:
            return SweepResult(candidate, SweepOutcome.DUE)
        if candidate.entry is not None and not candidate.entry.identifiers:
            for log in self.logs:
                log.identified(candidate.entry, candidate.identifiers)
        resource = candidate.resource
        self.send(Request(resource.delete, resource.named(resource.delete_body, candidate.identifiers)))
        if inventory.one(candidate.identifiers) is None:
            return SweepResult(candidate, SweepOutcome.CLOSED)
        return SweepResult(candidate, SweepOutcome.NOT_CLOSED, f"{resource.delete} was sent, and it is still there")

    def _doubt(self, candidate: Candidate, inventory: Inventory, described: Mapping[str, Json]) -> str:
        """Why a resource that is still there is not shown to be the run's; empty if it is."""
        if self.existed_before(candidate.run, candidate.identifiers):
            return "it existed before the run"
        if self.is_doubtful(candidate.identifiers):
            return "it is not provably the run's"
        if not inventory.names(described, candidate.identifiers):
            return "the target describes something else under this identifier"
        run = inventory.run_of(candidate.identifiers) if inventory.resource.tag else ""
        if run and run != candidate.run:
            return f"it carries the tag of run {run}"
        if run and self._are_tags_kept_apart(inventory.resource):
            return ""
        if candidate.evidence is Proof.TAG:
            return "it carries no tag any more"
        if candidate.evidence is Proof.JOURNAL and candidate.entry is not None and candidate.entry.why:
            return f"it is not provably the run's: {candidate.entry.why}"
        if candidate.entry is not None and not self.window.holds(candidate.entry, inventory.created(described)):
            return "it was created at another time than the request was sent"
        if candidate.evidence is Proof.REQUEST and not self.guess:
            return "it may be somebody else's; --unanswered closes it"
        return ""

    def _resolve(self, known: set[Key]) -> None:
        """Close the entries without identifiers of which a list shows that they left nothing."""
        self._snapshot.list_again()
        for entry in self.entries:
            if entry.identifiers or entry.key in self._decided:
                continue
            resource = self.contract.resources.get(entry.resource)
            over = entry.status or datetime.now(UTC) - entry.until >= self.window.settles
            if (
                resource is None
                or not over
                or self._snapshot.listed(resource) is None
                or self._unanswered.may_have_left(entry, known)
            ):
                self.unresolved.append(entry)
            else:
                self._settle(entry, f"the list shows no {resource.name} that it could have created")

    def _settle(self, entry: JournalEntry, proof: str) -> None:
        for log in self.logs:
            log.settle(entry, proof)

    def _wait(self) -> None:
        """Let requests without a response have their effect, where that takes no longer than a moment."""
        if self.window.alone:
            silent = [entry.until for entry in self.entries if not entry.identifiers and not entry.status]
            rest = max(silent) + self.window.settles - datetime.now(UTC) if silent else timedelta()
            time.sleep(min(max(rest, timedelta()), self.window.settles).total_seconds())


def _is_of_account(entry: JournalEntry, account: str) -> bool:
    return any(f":{account}:" in value for value in entry.identifiers.values())
