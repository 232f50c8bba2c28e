"""A log of what runs create and delete, on disk before a request that could create something is sent.

The first line names the format; every other line is one event of one request, with the run's id and the
request's number in the run:

* `existing`: what is there before the run creates anything, as digests: a sweep never touches it;
* `creating`: the request is about to be sent, with digests of its members;
* `not-created`: it is proved to have created nothing;
* `unknown`: it may have created something: an error, a timeout, a reset, a response without identifiers;
* `created`: it created something, with its identifiers;
* `closing`: its deletion is about to be sent;
* `closed`: what it created is proved to be gone;
* `torn`: the line before was cut short by a kill.

An entry is open from `creating` until `not-created` or `closed`, which take a proof: a list that does not show
it, or the target's response that there is no such thing. A run that is killed leaves its open entries;
`tunnelspec sweep` resolves them. While a journal is in use its file is locked.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from tunnelspec.client import journal_file
from tunnelspec.client.fingerprint import fingerprints
from tunnelspec.client.journal_entries import JournalEntry, Key, Line, OpenEntries, Origin, in_lines, marks_of, where
from tunnelspec.client.journal_file import JournalUnwritable
from tunnelspec.client.journal_lines import decode_line, encode_line, header
from tunnelspec.client.sealing import Sealer, is_sealed
from tunnelspec.strict_json import Json

#: A journal of this size is compacted to its open entries, in bytes.
_COMPACT_AT = 4 * 2**20


class Journal:
    """Appends events and knows the open entries of its file, whichever run wrote them; thread-safe.

    The file is taken by `start` or by the first event. Raises JournalBusy where another process uses it,
    JournalError where it is no journal, and JournalUnwritable where `creating` cannot be written. Any other event
    happened already: where it cannot be written it counts for this process, so that the clean-up goes on, and
    `problem` is the sentence about it. The file then has an entry too many and never one too few.
    A `private` journal is deleted when it is closed without an open entry. `mirror` gets each line before the file
    does, and raises OSError where it cannot keep it.
    """

    def __init__(
        self,
        path: Path,
        origin: Origin | None = None,
        sealer: Sealer | None = None,
        *,
        private: bool = False,
        mirror: Callable[[bytes], None] = lambda line: None,
    ) -> None:
        self.path = path
        self.origin = origin or Origin()
        #: The numbers of lines that cannot be read, apart from those that a kill cut short.
        self.damaged: tuple[int, ...] = ()
        self.problem = ""
        self._sealer = sealer or Sealer()
        self._private = private
        self._mirror = mirror
        self._open = OpenEntries()
        self._lock = threading.RLock()
        self._descriptor: int | None = None
        self._number = 0
        self._torn = False
        self._size = 0
        self._compact_at = _COMPACT_AT

    def start(self) -> list[JournalEntry]:
        """Take the file for this process; the entries that earlier runs left open in it."""
        with self._lock:
            self._take()
            return list(self._open)

    def read(self) -> list[JournalEntry]:
        """The open entries of the file as it is now, without taking it. Raises JournalError."""
        descriptor = journal_file.open_reading(self.path)
        try:
            with self._lock:
                self._load(descriptor)
                return list(self._open)
        finally:
            os.close(descriptor)

    def existing(self, identifiers: Iterable[Mapping[str, str]]) -> None:
        """These resources exist before the run creates anything. Raises JournalUnwritable."""
        marks = {mark for names in identifiers for mark in marks_of(names)}
        with self._lock:
            for some in in_lines(marks):
                self._append("existing", (self.origin.run, 0), {"marks": some})

    def existed_before(self, run: str, identifiers: Mapping[str, str]) -> bool:
        """Whether one of these names something that was there before a run of this journal."""
        with self._lock:
            return self._open.existed_before(run, identifiers)

    def creating(self, resource: str, body: bytes) -> int:
        """A request that could create a resource is about to be sent; its number. Synced to the disk."""
        requested = fingerprints(body)
        with self._lock:
            self._take()  # it may hold entries of this run already
            self._number += 1
            number, origin = self._number, self.origin
            now = datetime.now(UTC)
            members = where(JournalEntry(origin, number, resource, now, now))
            members["requested"] = None if requested is None else dict(requested)
            # What ends with the run is not worth the milliseconds.
            self._append("creating", (origin.run, number), members, sync=origin.lasting)
        return number

    def created(self, number: int, identifiers: Mapping[str, str]) -> bool:
        """The request created something; whether its identifiers may be used. Sealed ones may not."""
        return self._created((self.origin.run, number), identifiers)

    def not_created(self, number: int, proof: str) -> None:
        """The request is proved to have created nothing."""
        self._event("not-created", (self.origin.run, number), {"proof": proof})

    def unknown(self, number: int, why: str, status: int = 0) -> None:
        """The request may have created something; its response does not say what. `status` is 0 without one."""
        self._event("unknown", (self.origin.run, number), {"why": why, "status": status})

    def doubted(self, identifiers: Mapping[str, str], why: str) -> None:
        """What names one of these is not provably the run's: a sweep closes it by its tag alone."""
        values = set(identifiers.values())
        for entry in self.own_entries():
            if not values.isdisjoint(entry.identifiers.values()):
                self._event("unknown", entry.key, {"why": why, "status": entry.status})

    def closing(self, identifiers: Mapping[str, str]) -> None:
        """The deletion of a resource is about to be sent."""
        for entry in self._named(identifiers):
            self._event("closing", entry.key, {})

    def closed(self, identifiers: Mapping[str, str], proof: str) -> None:
        """A resource is proved to be gone."""
        for entry in self._named(identifiers):
            self.settle(entry, proof)

    def identified(self, entry: JournalEntry, identifiers: Mapping[str, str]) -> bool:
        """An entry of any run without identifiers turned out to have created this; as `created`."""
        return self._created(entry.key, identifiers)

    def settle(self, entry: JournalEntry, proof: str) -> None:
        """Nothing is left of this entry, which may be another run's. Does nothing for one that is not open here."""
        self._event("closed" if entry.identifiers else "not-created", entry.key, {"proof": proof})

    def open_entries(self) -> list[JournalEntry]:
        """What may have been created and is not proved to be gone, in the order of the requests."""
        with self._lock:
            return list(self._open)

    def own_entries(self) -> list[JournalEntry]:
        """The open entries of this run."""
        return [entry for entry in self.open_entries() if entry.origin.run == self.origin.run]

    def close(self) -> None:
        """Close the file and let others have it. The open entries can still be read."""
        with self._lock:
            if self._descriptor is not None:
                is_empty = not self._open and not self.damaged
                if self._private and is_empty and journal_file.is_still_at(self.path, self._descriptor):
                    self.path.unlink(missing_ok=True)
                os.close(self._descriptor)
                self._descriptor = None

    def _created(self, key: Key, identifiers: Mapping[str, str]) -> bool:
        stored = self._sealer.sealed(identifiers)
        with self._lock:
            entry = self._open.get(key)
            if entry is not None:
                self._event("created", key, {**where(entry), "identifiers": dict(stored)})
        return not is_sealed(stored)

    def _named(self, identifiers: Mapping[str, str]) -> list[JournalEntry]:
        with self._lock:
            return self._open.named(identifiers)

    def _event(self, event: str, key: Key, members: Mapping[str, Json]) -> None:
        with self._lock:
            if self._open.get(key) is None:
                return
            try:
                self._append(event, key, members)
            except JournalUnwritable as problem:
                self.problem = str(problem)
                self._open.apply(_line(event, key, members))

    def _take(self) -> int:
        if self._descriptor is None:
            descriptor = journal_file.open_locked(self.path)
            try:
                self._load(descriptor)
                if not self._open and not self.damaged:
                    journal_file.start(descriptor)
                self._torn = not journal_file.ends_in_a_line(descriptor)
                self._size = os.fstat(descriptor).st_size
            except OSError as problem:
                os.close(descriptor)
                raise self._unwritable(problem) from None
            self._descriptor = descriptor
        return self._descriptor

    def _append(self, event: str, key: Key, members: Mapping[str, Json], *, sync: bool = False) -> None:
        line = _line(event, key, members)
        descriptor = self._take()
        content = encode_line(line)
        try:
            self._mirror(content)
        except OSError as problem:
            raise self._unwritable(problem) from None
        if self._torn:
            content = b"\n" + encode_line({"event": "torn"}) + content
        self._torn = True  # until all of it is written: a signal may raise anywhere
        try:
            journal_file.write(descriptor, content)
            if sync:
                os.fsync(descriptor)
        except OSError as problem:
            raise self._unwritable(problem) from None
        self._torn = False
        self._size += len(content)
        self._open.apply(line)
        if self._size > self._compact_at:
            self._compact()

    def _compact(self) -> None:
        """Replace the file by one of its open entries, so that a long run's journal stays small."""
        if self.damaged or self._descriptor is None:
            return
        if not journal_file.is_still_at(self.path, self._descriptor):
            self._compact_at *= 2  # what is there now is somebody else's
            return
        try:
            descriptor = journal_file.replace(self.path, chain([header()], map(encode_line, self._open.lines())))
        except OSError:
            self._compact_at *= 2  # the long file is as good
            return
        os.close(self._descriptor)
        self._descriptor, self._size = descriptor, os.fstat(descriptor).st_size
        self._compact_at = max(_COMPACT_AT, 2 * self._size)

    def _load(self, descriptor: int) -> None:
        """Read the open entries, and skip what is damaged."""
        self._open = OpenEntries()
        damaged: list[int] = []
        last = 0
        for number, text in journal_file.lines(descriptor):
            line = decode_line(text)
            if line is None:
                damaged.append(number)
            elif number == 1 and "format" in line:
                continue
            elif line.get("event") == "torn" and damaged and damaged[-1] == number - 1:
                damaged.pop()
            elif not self._open.apply(line):
                damaged.append(number)
            last = number
        if damaged and damaged[-1] == last and not journal_file.ends_in_a_line(descriptor):
            damaged.pop()
        self.damaged = tuple(damaged)
        for entry in self._open:
            if not entry.origin.lasting:
                self._open.remove(entry.key)
        self._open.forget_closed_runs()
        numbers = [entry.number for entry in self._open if entry.origin.run == self.origin.run]
        self._number = max(self._number, *numbers, 0)

    def _unwritable(self, problem: OSError) -> JournalUnwritable:
        return JournalUnwritable(f"The journal {self.path} cannot be written: {problem.strerror}.")


def _line(event: str, key: Key, members: Mapping[str, Json]) -> Line:
    run, number = key
    return {"event": event, "run": run, "number": number, "at": datetime.now(UTC).isoformat(), **members}
