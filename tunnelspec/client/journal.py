"""An append-only file of what a run has opened and closed, on disk before anything else happens."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO


class Journal:
    """Writes one JSON line for each event and flushes it to the disk; thread-safe.

    The file appears with the first line. Raises OSError where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._lock = threading.Lock()

    def opened(self, resource: str, identifiers: Mapping[str, str]) -> None:
        """A resource exists from now on."""
        self._write("opened", resource, identifiers)

    def closed(self, resource: str, identifiers: Mapping[str, str]) -> None:
        """A resource is known to be gone."""
        self._write("closed", resource, identifiers)

    def pending(self) -> list[tuple[str, dict[str, str]]]:
        """What was opened and not closed, oldest first."""
        left: dict[str, tuple[str, dict[str, str]]] = {}
        if not self.path.exists():
            return []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a line that a kill cut short
            key = json.dumps([entry["resource"], entry["identifiers"]], sort_keys=True)
            if entry["event"] == "opened":
                left[key] = (entry["resource"], entry["identifiers"])
            else:
                left.pop(key, None)
        return list(left.values())

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, event: str, resource: str, identifiers: Mapping[str, str]) -> None:
        line = json.dumps({"event": event, "resource": resource, "identifiers": dict(identifiers)})
        with self._lock:
            if self._file is None:
                self._file = self.path.open("a", encoding="utf-8")
            self._file.write(line + "\n")
            self._file.flush()
            if event == "opened":
                # A tunnel that nobody remembers stays open for half a day.
                os.fsync(self._file.fileno())
