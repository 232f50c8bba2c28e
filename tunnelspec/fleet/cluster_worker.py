"""Units in a worker of a Dask cluster: what runs there, and how it notices that it should stop."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

from dask.typing import Key
from distributed import Worker, get_worker
from distributed.core import Status

from tunnelspec import __version__
from tunnelspec.contract import load
from tunnelspec.fleet.unit import SharedPlace, Unit, UnitResult, run_unit
from tunnelspec.fleet.watching import watched
from tunnelspec.ownership.run_id import attempt

#: By id of a run, what its coordinator has asked of this worker: 1 to end early, 2 to leave out the clean-up.
_levels: dict[str, int] = {}


def facts(document: Path | None, examples: Sequence[Path], shared: SharedPlace | None) -> dict[str, str]:
    """What must be the same on all machines for a case to be the same, by what it is called.

    Raises UserError for a document or shared state that cannot be used, and OSError for a file of examples.
    """
    if shared is not None:
        shared.open()
    return {
        "tunnelspec": __version__,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{package: version(package) for package in ("hypothesis", "schemathesis", "distributed")},
        "contract document": load(document).digest,
        "files of examples": " ".join(f"{crc32(path.read_bytes()):08x}" for path in examples) or "none",
    }


def stop(run: str, level: int) -> None:
    """End the units of a run in this worker."""
    _levels[run] = max(_levels.get(run, 0), level)


def work(run: str, unit: Unit) -> UnitResult:
    """Run a unit of a run, with a journal on this machine.

    Another worker may have begun it, and may still go on: each attempt has an id of its own.
    """
    worker = get_worker()
    asked = partial(_asked, worker, worker.get_current_task(), run)
    with tempfile.TemporaryDirectory() as scratch:
        journal = Path(scratch) / unit.journal.name
        part = run_unit(replace(unit, run=attempt(unit.run), journal=journal), partial(watched, asked))
        return replace(part, left=(), journal=journal.read_bytes())


def _asked(worker: Worker, task: Key, run: str) -> int:
    """The level of stopping: also 1 where the scheduler is gone, or has given the unit to another worker."""
    state = worker.state.tasks.get(task)
    is_cancelled = state is None or state.state == "cancelled"
    is_ending = worker.status not in (Status.running, Status.paused)
    return max(_levels.get(run, 0), int(is_cancelled or is_ending))
