"""Matches requests whose responses did not say what they created with what a target has.

A resource fits a request if it was created at that time, with all that the request said and nothing else, did not
exist before the run, and carries no other run's tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tunnelspec.client import JournalEntry
from tunnelspec.client.fingerprint import fingerprint
from tunnelspec.contract import Contract, Member
from tunnelspec.contract.resources import Resource
from tunnelspec.ownership.assignment import assignment, components
from tunnelspec.ownership.candidate import Candidate, Proof, SweepScope, Window
from tunnelspec.ownership.inventory import Listed
from tunnelspec.ownership.snapshot import Key, Snapshot, key
from tunnelspec.printable import counted
from tunnelspec.strict_json import Json

#: A member that is null, and one whose own members all are.
_NOTHING = (fingerprint(None), fingerprint({}))
#: Whatever zone a clock is set to, it is not off by more.
_ANY_ZONE = Window(timedelta(days=1), timedelta(days=1), timedelta())


@dataclass(frozen=True)
class Unanswered:
    """What requests without a usable response may have created."""

    contract: Contract
    snapshot: Snapshot
    scope: SweepScope

    def candidates(self, entries: Iterable[JournalEntry], known: set[Key], notes: list[str]) -> Iterator[Candidate]:
        """What the entries' requests created, each with an entry of its own that it fits; `known` is explained
        otherwise, and grows.

        Several resources may fit several requests alike. Where a resource would have no request of its own, one of
        them is somebody else's, and none is a candidate: `notes` says so.
        """
        by_key = {entry.key: entry for entry in entries}
        rows: dict[Key, Listed] = {}
        fits: dict[Key, list[tuple[str, int]]] = {}
        for entry in by_key.values():
            for row in self._fitting(entry, known):
                rows[key(row.identifiers)] = row
                fits.setdefault(key(row.identifiers), []).append(entry.key)
        for part in components(fits):
            matched = assignment(part)
            if matched is None:
                alike = {one for some in part.values() for one in some}
                notes.append(
                    f"{counted(len(part), 'resource')} may be those of {counted(len(alike), 'request')} that got no"
                    f" response, sent from {by_key[min(alike)].at:%H:%M:%S} UTC: none is touched."
                )
                continue
            for name, entry_key in matched.items():
                known.add(name)
                row, entry = rows[name], by_key[entry_key]
                resource = self.contract.resources[entry.resource]
                yield Candidate(resource, row.identifiers, Proof.REQUEST, entry.origin.run, row.created, entry)

    def may_have_left(self, entry: JournalEntry, known: set[Key]) -> bool:
        """Whether there is something that an entry's request could have created, and nothing else explains.

        A time that is wrong by hours is no proof of anything: a target may show local time, and clocks are set. What
        may not be touched, since two responses name it or none that can be used, may well be what was created.
        """
        resource = self.contract.resources[entry.resource]
        return any(
            (self.scope.window.alone and self.scope.window.holds(entry, row.created))
            or self._agrees(entry, resource, row)
            for row in self._possible(entry, known, _ANY_ZONE)
        )

    def _fitting(self, entry: JournalEntry, known: set[Key]) -> Iterator[Listed]:
        resource = self.contract.resources[entry.resource]
        if 400 <= entry.status < 500 and not self._says(entry, resource):
            return  # a rejected request that said nothing is no evidence of anything
        for row in self._possible(entry, known, self.scope.window):
            is_evidence = row.created is not None and not self.scope.is_doubtful(row.identifiers)
            if is_evidence and self._agrees(entry, resource, row):
                yield row

    def _possible(self, entry: JournalEntry, known: set[Key], window: Window) -> list[Listed]:
        """What an entry's request may have created in a window, and is not explained otherwise."""
        resource, run = self.contract.resources[entry.resource], entry.origin.run
        return [
            row
            for row in self.snapshot.listed(resource) or ()
            if key(row.identifiers) not in known
            and window.holds(entry, row.created)
            and not self.scope.existed_before(run, row.identifiers)
            and self.snapshot.run_of(resource, row) in ("", run)
        ]

    def _agrees(self, entry: JournalEntry, resource: Resource, row: Listed) -> bool:
        """Whether a resource is described with all that a request said, and with nothing that it did not say."""
        described = self.snapshot.described(resource, row)
        if described is None:
            return False
        requested = {name: value for name, value in (entry.requested or {}).items() if value not in _NOTHING}
        members = self.contract.operations[resource.create].input.properties
        for name, member in members.items():
            value = described.get(name)
            if name in requested:
                if fingerprint(value) != requested[name]:
                    return False
            elif value and not _is_default(member, value):
                return False
        return True

    def _says(self, entry: JournalEntry, resource: Resource) -> bool:
        """Whether a request said anything that what it created would show; null and unknown members do not."""
        members = self.contract.operations[resource.create].input.properties
        return any(name in members and value not in _NOTHING for name, value in (entry.requested or {}).items())


def _is_default(member: Member, value: Json) -> bool:
    """Whether a value is what the document says a member has where nothing was said."""
    if not isinstance(value, Mapping):
        return bool(value == member.default)
    inner = member.properties
    return all(name in inner and _is_default(inner[name], part) for name, part in value.items())
