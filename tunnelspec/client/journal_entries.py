"""The open entries of a journal: what its events add up to, in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from tunnelspec.client.fingerprint import Fingerprints, alike, fingerprint
from tunnelspec.client.sealing import is_sealed
from tunnelspec.strict_json import Json

#: A run's id, and the number of the request in the run.
Key: TypeAlias = "tuple[str, int]"
Line: TypeAlias = "dict[str, Json]"
#: So many digests of what existed before a run fit in a line.
_MARKS = 2000
#: Thousands of entries are of rejected requests, and have none.
_NO_IDENTIFIERS: Mapping[str, str] = MappingProxyType({})
_UNUSABLE = "it returned identifiers that may not be used"


@dataclass(frozen=True, slots=True)
class Origin:
    """Which run creates, and where. `lasting` is false for a target that ends with the run.

    `since` is when the run began, None where that is not known: what is older is not the run's. `account` is
    the account's id on AWS, elsewhere a digest of the access key; it is empty where that is not known.
    """

    run: str = ""
    endpoint: str = ""
    region: str = ""
    lasting: bool = True
    since: datetime | None = None
    account: str = ""

    def is_of_other_account(self, account: str) -> bool:
        """Whether it is known to differ from this account."""
        return bool(self.account and account) and self.account != account


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A request that could create something, and of which it is not proved that nothing of it is left.

    `identifiers` name what it created; they are empty where that is not known or may not be used. `requested`
    are digests of the request's members, None if its body was no JSON object. `at` is when the request was about
    to be sent, `until` the time of the last event. `why` says why it is not known what the request did, and
    `status` is the HTTP status of its response, 0 if there was none: the target may then still create something.
    `closing` is whether the deletion of what it created was requested.
    """

    origin: Origin
    number: int
    resource: str
    at: datetime
    until: datetime
    requested: Mapping[str, str] | None = None
    identifiers: Mapping[str, str] = field(default_factory=lambda: _NO_IDENTIFIERS)
    why: str = ""
    status: int = 0
    closing: bool = False

    @property
    def key(self) -> Key:
        """What names the request among all runs."""
        return self.origin.run, self.number


class OpenEntries:
    """Entries by key, in the order of their requests, and by identifiers; and for each run, digests of what existed
    before it. Its user holds a lock."""

    def __init__(self) -> None:
        self._existing: dict[str, set[str]] = {}
        self._by_key: dict[Key, JournalEntry] = {}
        #: By hash of the identifiers. What is deleted stays until a list shows that it is gone: thousands of entries.
        self._by_identifiers: dict[int, tuple[Key, ...]] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(list(self._by_key.values()))

    def get(self, key: Key) -> JournalEntry | None:
        """The open entry of a request, or None."""
        return self._by_key.get(key)

    def named(self, identifiers: Mapping[str, str]) -> list[JournalEntry]:
        """The open entries with exactly these identifiers."""
        entries = (self._by_key[key] for key in sorted(self._by_identifiers.get(_hash(identifiers), ())))
        return [entry for entry in entries if entry.identifiers == identifiers]

    def remove(self, key: Key) -> None:
        """Forget an entry, if it is open."""
        entry = self._by_key.pop(key, None)
        if entry is not None:
            self._forget_names(entry)

    def existed_before(self, run: str, identifiers: Mapping[str, str]) -> bool:
        """Whether one of these names something that existed before a run, for some targets at least."""
        return not self._existing.get(run, set()).isdisjoint(marks_of(identifiers))

    def forget_closed_runs(self) -> None:
        """Forget what existed before runs of which no entry is open."""
        runs = {run for run, _ in self._by_key}
        self._existing = {run: marks for run, marks in self._existing.items() if run in runs}

    def apply(self, line: Mapping[str, Json]) -> bool:
        """Carry an event out; false for a line that is none."""
        event, run, number, at = line.get("event"), line.get("run"), line.get("number"), _time(line.get("at"))
        if not isinstance(run, str) or not isinstance(number, int) or at is None:
            return False
        key = (run, number)
        entry = self.get(key)
        if event == "existing":
            marks = line.get("marks")
            if not isinstance(marks, list):
                return False
            self._existing.setdefault(run, set()).update(mark for mark in marks if isinstance(mark, str))
        elif event in ("not-created", "closed"):
            self.remove(key)
        elif event == "creating" or (event == "created" and entry is None):
            self._put(_entry(line, run, number, at))
        elif event == "created" and entry is not None:
            identifiers = _texts(line.get("identifiers"))
            if is_sealed(identifiers):
                self._put(replace(entry, until=at, identifiers={}, why=_UNUSABLE, status=200))
            else:
                self._put(replace(entry, until=at, identifiers=identifiers, why="", status=200))
        elif event == "unknown" and entry is not None:
            status = line.get("status")
            status = status if isinstance(status, int) else 0
            self._put(replace(entry, until=at, why=sys.intern(str(line.get("why", ""))), status=status))
        elif event == "closing" and entry is not None:
            self._put(replace(entry, until=at, closing=True))
        else:
            return event in ("unknown", "closing")
        return True

    def lines(self) -> Iterator[Line]:
        """The fewest events that add up to the same."""
        for run, marks in self._existing.items():
            at = datetime.now(UTC).isoformat()
            for some in in_lines(marks):
                yield {"event": "existing", "run": run, "number": 0, "at": at, "marks": some}
        for entry in self:
            common: Line = {"run": entry.origin.run, "number": entry.number, **where(entry)}
            requested: Json = None if entry.requested is None else dict(entry.requested)
            yield {"event": "creating", **common, "at": entry.at.isoformat(), "requested": requested}
            until = entry.until.isoformat()
            if entry.identifiers:
                yield {"event": "created", **common, "at": until, "identifiers": dict(entry.identifiers)}
            if entry.why:
                yield {"event": "unknown", **common, "at": until, "why": entry.why, "status": entry.status}
            if entry.closing:
                yield {"event": "closing", **common, "at": until}

    def _put(self, entry: JournalEntry) -> None:
        before = self.get(entry.key)
        if before is not None:
            self._forget_names(before)
        self._by_key[entry.key] = entry
        if entry.identifiers:
            names = _hash(entry.identifiers)
            self._by_identifiers[names] = (*self._by_identifiers.get(names, ()), entry.key)

    def _forget_names(self, entry: JournalEntry) -> None:
        names = _hash(entry.identifiers)
        keys = tuple(key for key in self._by_identifiers.pop(names, ()) if key != entry.key)
        if keys:
            self._by_identifiers[names] = keys


def marks_of(identifiers: Mapping[str, str]) -> set[str]:
    """Digests that stand for these identifiers, the same for those that some targets do not tell apart."""
    return {fingerprint(alike(value)) for value in identifiers.values()}


def in_lines(marks: set[str]) -> Iterator[list[Json]]:
    """Digests, sorted, as many at a time as a line holds."""
    known = sorted(marks)
    for first in range(0, len(known), _MARKS):
        yield list(known[first : first + _MARKS])


def where(entry: JournalEntry) -> Line:
    """The members of a line that say what was created where; two events repeat them, as one may be damaged."""
    origin = entry.origin
    return {
        "resource": entry.resource,
        "endpoint": origin.endpoint,
        "region": origin.region,
        "lasting": origin.lasting,
        **({"since": origin.since.isoformat()} if origin.since is not None else {}),
        **({"account": origin.account} if origin.account else {}),
    }


def _entry(line: Mapping[str, Json], run: str, number: int, at: datetime) -> JournalEntry:
    endpoint, region, since, account = (str(line.get(name, "")) for name in ("endpoint", "region", "since", "account"))
    origin = _origin(run, endpoint, region, line.get("lasting") is not False, since, account)
    resource = sys.intern(str(line.get("resource", "")))
    entry = JournalEntry(origin, number, resource, at, at, _requested(line.get("requested")))
    if line.get("event") == "creating":
        return entry
    identifiers = _texts(line.get("identifiers"))
    if is_sealed(identifiers):
        return replace(entry, why=_UNUSABLE, status=200)
    return replace(entry, identifiers=identifiers, status=200)


@lru_cache(maxsize=64)
def _origin(run: str, endpoint: str, region: str, lasting: bool, since: str, account: str) -> Origin:
    """One for all entries of a run: a rejected request's stays until the run ends."""
    return Origin(run, endpoint, region, lasting, _time(since), account)


def _requested(value: Json) -> Mapping[str, str] | None:
    digests = _texts(value) if isinstance(value, dict) else None
    try:
        return None if digests is None else Fingerprints(digests)
    except ValueError:
        return digests  # whoever wrote this line, it agrees with no resource


def _hash(identifiers: Mapping[str, str]) -> int:
    return hash(frozenset(identifiers.items()))


def _texts(value: Json) -> dict[str, str]:
    return {name: inner for name, inner in value.items() if isinstance(inner, str)} if isinstance(value, dict) else {}


def _time(value: Json) -> datetime | None:
    """A time with its zone; None for anything else."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None
