"""An append-only file of what runs have opened and closed, on disk before anything else happens.

Each line is one JSON object with an `event`:

* `sending`: a request that could open something is about to be sent, with its body;
* `answered`: its answer says that it opened nothing;
* `opened`: something exists, with its identifiers, and which request that answers;
* `closed`: it is known to be gone.

A run that is killed leaves its lines; `tunnelspec sweep` reads them. While a journal is in use, its file
is locked, so that nothing that a run still needs is swept from under it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tunnelspec.errors import UserError

#: Longer bodies are not written down; a request is then known by its time only.
LONGEST_BODY = 65_536


class JournalBusy(UserError):
    """Another process is using this journal; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who opens, and where. `lasting` is false for a target that ends with the run."""

    run: str = ""
    endpoint: str = ""
    region: str = ""
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Something that was opened and not closed, or, without identifiers, a request that was never answered."""

    resource: str
    identifiers: Mapping[str, str]
    origin: Origin
    at: datetime
    body: str | None = None


class Journal:
    """Writes one JSON line for each event and flushes it to the disk; thread-safe.

    The file appears with `start` or the first line. Raises OSError where it cannot be written, and JournalBusy
    where another process writes it.
    """

    def __init__(self, path: Path, origin: Origin | None = None) -> None:
        self.path = path
        self.origin = origin or Origin()
        self._file: IO[str] | None = None
        self._lock = threading.Lock()
        self._number = 0

    def start(self) -> list[JournalEntry]:
        """Take the file for this process, and say what earlier runs left in it; left nothing, it is emptied."""
        with self._lock:
            self._opened()
        left = [*self.pending(), *self.unanswered()]
        if not left and self._file is not None:
            self._file.truncate(0)
        return left

    def sending(self, resource: str, body: bytes) -> int:
        """A request that could open a resource is about to be sent; the number that stands for it."""
        with self._lock:
            self._number += 1
            number = self._number
        text = body.decode("utf-8", "replace") if len(body) <= LONGEST_BODY else None
        self._write("sending", resource, number=number, body=text)
        return number

    def answered(self, number: int) -> None:
        """It opened nothing."""
        self._write("answered", number=number)

    def opened(self, resource: str, identifiers: Mapping[str, str], number: int = 0) -> None:
        """A resource exists from now on; `number` is that of the request which opened it."""
        self._write("opened", resource, identifiers=dict(identifiers), number=number)

    def closed(self, resource: str, identifiers: Mapping[str, str]) -> None:
        """A resource is known to be gone."""
        self._write("closed", resource, identifiers=dict(identifiers))

    def settle(self, entry: JournalEntry) -> None:
        """Nothing is left of this entry, which may be another run's."""
        if entry.identifiers:
            self.closed(entry.resource, entry.identifiers)
        else:
            self._write("settled", entry.resource, run=entry.origin.run, enabled=entry.at.isoformat())

    def pending(self) -> list[JournalEntry]:
        """What was opened and not closed, oldest first."""
        left: dict[str, JournalEntry] = {}
        for line in self._lines():
            if line["event"] in ("opened", "closed"):
                key = json.dumps([line.get("resource"), line.get("identifiers")], sort_keys=True)
                if line["event"] == "opened":
                    left[key] = _entry(line)
                else:
                    left.pop(key, None)
        return [entry for entry in left.values() if entry.origin.lasting]

    def unanswered(self) -> list[JournalEntry]:
        """Requests that could open something, of which it is not known whether they did, oldest first."""
        left: dict[tuple[str, int], JournalEntry] = {}
        for line in self._lines():
            key = (str(line.get("run")), line.get("number", 0))
            if line["event"] == "sending":
                left[key] = _entry(line)
            elif line["event"] in ("answered", "opened"):
                left.pop(key, None)
            elif line["event"] == "settled":
                enabled = (line.get("run"), line.get("asked"))
                left = {k: e for k, e in left.items() if (e.origin.run, e.at.isoformat()) != enabled}
        return [entry for entry in left.values() if entry.origin.lasting]

    def close(self) -> None:
        """Close the file and let others have it."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        for text in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue  # a line that a kill cut short
            if isinstance(line, dict) and "event" in line:
                yield line

    def _opened(self) -> IO[str]:
        if self._file is None:
            file = self.path.open("a+", encoding="utf-8")
            if not _locked(file):
                file.close()
                raise JournalBusy(f"{self.path} is in use by another run.")
            if file.tell() and not _ends_a_line(self.path):
                file.write("\n")  # what a kill cut short shall not spoil the next line
            self._file = file
        return self._file

    def _write(self, event: str, resource: str = "", **members: Any) -> None:
        origin = self.origin
        line: dict[str, Any] = {"event": event, "at": datetime.now(UTC).isoformat(), "run": origin.run}
        if event in ("opened", "sending"):
            line |= {"endpoint": origin.endpoint, "region": origin.region, "lasting": origin.lasting}
        if resource:
            line["resource"] = resource
        text = json.dumps({**line, **members})
        with self._lock:
            file = self._opened()
            file.write(text + "\n")
            file.flush()
            if event == "opened":
                # A tunnel that nobody remembers stays open for half a day.
                os.fsync(file.fileno())


def _entry(line: Mapping[str, Any]) -> JournalEntry:
    origin = Origin(
        str(line.get("run", "")),
        str(line.get("endpoint", "")),
        str(line.get("region", "")),
        bool(line.get("lasting", True)),
    )
    return JournalEntry(
        str(line.get("resource", "")),
        dict(line.get("identifiers") or {}),
        origin,
        datetime.fromisoformat(line["at"]),
        line.get("body"),
    )


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _locked(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:
        return True  # this system has no such locks
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
