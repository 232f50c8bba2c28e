"""What a sweep decides about: the runs, resources that they may have left, what shows it, and the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tunnelspec.client import JournalEntry
from tunnelspec.contract.resources import Resource


@dataclass(frozen=True, slots=True)
class Window:
    """When a request may have created something, by the target's clock: so long before it was sent, and after.

    `settles` is how long after the last sign of a request without a response its resource may still appear.
    `alone` is whether nobody else is expected to create anything at the same time.
    """

    before: timedelta
    after: timedelta
    settles: timedelta
    alone: bool = False

    def holds(self, entry: JournalEntry, created: datetime | None) -> bool:
        """Whether an entry's request may have created something at this time; an unknown time may be any."""
        if created is None:
            return True
        since = entry.origin.since
        if self.alone and since is not None and created < since:
            return False
        return entry.at - self.before <= created <= entry.until + self.after


#: On this machine there is one clock, and what is older than the run is not the run's. Times may be in whole seconds.
NEAR = Window(timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=2), alone=True)
FAR = Window(timedelta(seconds=10), timedelta(seconds=60), timedelta(seconds=60))


@dataclass(frozen=True, slots=True)
class SweepScope:
    """Which runs a sweep is about, and what counts as evidence that something is theirs.

    Resources with the tag of `runs`, or of attempts at them, are swept, with `any_run` those of every run. `guess` lets
    an unanswered request count as evidence. `existed_before` says whether identifiers name what was there before a run,
    and `is_doubtful` whether they are not provably a run's, as far as that is known.
    """

    runs: frozenset[str] = frozenset()
    any_run: bool = False
    guess: bool = False
    window: Window = FAR
    existed_before: Callable[[str, Mapping[str, str]], bool] = lambda run, identifiers: False
    is_doubtful: Callable[[Mapping[str, str]], bool] = lambda identifiers: False


class Proof(StrEnum):
    """What shows that a resource is a run's."""

    JOURNAL = "journal"
    TAG = "tag"
    REQUEST = "unanswered request"


class SweepOutcome(StrEnum):
    """The outcome for one candidate."""

    CLOSED = "closed"
    GONE = "gone already"
    DUE = "would be closed"
    NOT_CLOSED = "not closed"
    DOUBTFUL = "not touched"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that a run may have left, with the journal's entry that it belongs to, if there is one."""

    resource: Resource
    identifiers: Mapping[str, str]
    evidence: Proof
    run: str
    created: datetime | None
    entry: JournalEntry | None = None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """The outcome for a candidate, with the reason where it is still there."""

    candidate: Candidate
    outcome: SweepOutcome
    reason: str = ""
