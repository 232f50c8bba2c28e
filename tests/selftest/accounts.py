"""Tunnels of an emulator, by which tests see whose are still there, and the journal of a run that opens some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tunnelspec.client import Journal, Origin
from tunnelspec.emulator import Emulator

#: The id of a run.
RUN = "00112233445566aa"
#: The identifiers of a tunnel.
NAMES = {"tunnelId": "a", "tunnelArn": "arn:aws:iot:us-east-1:123456789012:tunnel/a"}
#: What others' tunnels have: nothing, a text, and tags that resemble a run's.
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"description": "pump 7", "timeoutConfig": {"maxLifetimeTimeoutMinutes": 10}},
    {"tags": [{"key": "tunnelspec-run", "value": "nightly"}]},
    {"tags": [{"key": "Tunnelspec-Run", "value": RUN}]},
    {"tags": [{"key": "tunnelspec-run", "value": "ffffffffffffffff"}]},
)


def opened(emulator: Emulator, **members: Any) -> dict[str, str]:
    """Open a tunnel as somebody else would; its identifiers."""
    output = emulator.perform("OpenTunnel", emulator.validate("OpenTunnel", members))
    return {name: output[name] for name in ("tunnelId", "tunnelArn")}


def state(emulator: Emulator) -> dict[str, str]:
    """Everything that the emulator knows of every tunnel."""
    with emulator.lock:
        return {tunnel.id: repr(tunnel) for tunnel in emulator.store.newest_first()}


def journal_in(directory: Path, run: str = RUN) -> Journal:
    """The journal that runs at this place share."""
    return Journal(directory / "journal.jsonl", Origin(run, "http://x", "us-east-1"))
