"""Decides whether something shows that a resource is a swept run's.

Three things show that a resource is a run's:

* the journal names it, and the target describes it by exactly these identifiers, created no earlier than the
  request;
* it carries the tag with the id of the run;
* a request's response never said what it created, and one resource alone was created at that time with all that
  the request said and nothing else. Where others create resources as well, that is no proof; the user decides
  whether it counts (on loopback, it does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.ownership.candidate import Candidate, Proof, SweepScope
from tunnelspec.ownership.inventory import Inventory, Listed
from tunnelspec.ownership.run_id import run_of_attempt
from tunnelspec.ownership.snapshot import Key, Snapshot, key
from tunnelspec.strict_json import Json

#: Of so many resources that are older than the runs it is looked whether they carry the runs' tags.
_OLDER = 3


@dataclass
class Provenance:
    """What is known of one endpoint and the runs that are swept there. `notes` are sentences for the user."""

    contract: Contract
    snapshot: Snapshot
    scope: SweepScope
    notes: list[str]
    #: By kind of resource, whether the target keeps the tags of each apart.
    _kept_apart: dict[str, bool] = field(default_factory=dict)

    def tagged(self, known: set[Key]) -> Iterator[Candidate]:
        """What carries the tag of a run. Which of its requests created it does not matter."""
        if not self.scope.runs and not self.scope.any_run:
            return
        for resource in self.contract.resources.values():
            if resource.find is None or not resource.tag or not self._are_tags_kept_apart(resource):
                continue
            for row in self.snapshot.listed(resource) or ():
                if key(row.identifiers) in known or self._is_older(row) or self.scope.is_doubtful(row.identifiers):
                    continue
                run = self.snapshot.run_of(resource, row)
                if self._is_swept(run) and not self.scope.existed_before(run, row.identifiers):
                    known.add(key(row.identifiers))
                    yield Candidate(resource, row.identifiers, Proof.TAG, run, row.created)

    def doubt(self, candidate: Candidate, inventory: Inventory, described: Mapping[str, Json]) -> str:
        """Why a resource that is still there is not shown to be the run's; empty if it is."""
        if self.scope.existed_before(candidate.run, candidate.identifiers):
            return "it existed before the run"
        if self.scope.is_doubtful(candidate.identifiers):
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
        if candidate.entry is not None and not self.scope.window.holds(candidate.entry, inventory.created(described)):
            return "it was created at another time than the request was sent"
        if candidate.evidence is Proof.REQUEST and not self.scope.guess:
            return "it may be somebody else's; --unanswered closes it"
        return ""

    def _is_swept(self, run: str) -> bool:
        """Whether the tag of this run, empty for no tag, is one of those that are swept."""
        return bool(run) and (self.scope.any_run or not self.scope.runs.isdisjoint((run, run_of_attempt(run))))

    def _is_older(self, row: Listed) -> bool:
        """Whether a resource was there before every run that is swept."""
        return not self.scope.any_run and all(
            self.scope.existed_before(run, row.identifiers) for run in self.scope.runs
        )

    def _are_tags_kept_apart(self, resource: Resource) -> bool:
        """Whether what existed before a run does without the run's tag; otherwise no tag proves anything."""
        if resource.name not in self._kept_apart:
            older = [row for row in self.snapshot.listed(resource) or () if self._is_older(row)][:_OLDER]
            apart = not any(self._is_swept(self.snapshot.run_of(resource, row)) for row in older)
            self._kept_apart[resource.name] = apart
            if not apart:
                self.notes.append(
                    f"A {resource.name} from before a run carries the run's tag: tags prove nothing here."
                )
        return self._kept_apart[resource.name]
