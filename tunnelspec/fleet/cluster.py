"""The workers of a Dask cluster, as the coordinator of a run sees them."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor
from functools import partial
from pathlib import Path

from distributed import Client
from distributed.scheduler import KilledWorker

from tunnelspec.errors import UserError
from tunnelspec.fleet import cluster_worker
from tunnelspec.fleet.unit import SharedPlace, Unit, UnitResult

#: How long a scheduler may take to respond, and then to get its first worker, in seconds.
_CONNECT_S, _FIRST_WORKER_S = 10.0, 10.0
#: How often the workers are looked at, and for how long there may be none, in seconds.
_EVERY_S, _ALONE_S = 0.5, 30.0


class ClusterRefused(UserError):
    """A cluster cannot be used for this run."""


class Cluster:
    """The workers of a scheduler. A unit whose worker is lost is run again by another.

    Raises ClusterRefused for a scheduler that cannot be reached, that has no worker, or of whose workers one would
    run other cases than this machine.
    """

    #: What a unit's future raises where its result will never come.
    failures = (CancelledError, KilledWorker)
    loss = "the scheduler or its workers were lost"
    attempts = 1

    def __init__(
        self, address: str, document: Path | None, examples: Sequence[Path], shared: SharedPlace | None
    ) -> None:
        self._run = secrets.token_hex(8)
        self._level = 0
        self._ended = threading.Event()
        #: Addresses of workers that were there, and are not any more; that of the scheduler if it was lost.
        self.lost: set[str] = set()
        self._address = address
        self._client = _connected(address)
        try:
            self.workers = _checked(self._client, document, tuple(examples), shared)
        except OSError as problem:
            self._client.close()
            raise _unreachable(address, problem) from None
        except BaseException:
            self._client.close()
            raise
        # Not pure: two units are two results, however much they resemble one another.
        self.executor: Executor = self._client.get_executor(pure=False)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def work(self) -> Callable[[Unit], UnitResult]:
        """Runs a unit in one of the workers."""
        return partial(cluster_worker.work, self._run)

    def stop(self, level: int) -> None:
        """Let the units end early. Takes no lock: signal handlers call it."""
        self._level = max(self._level, level)

    def close(self) -> None:
        """Leave the cluster. Workers that still run a unit end it, and close what they opened."""
        self._ended.set()
        self._thread.join()
        if self._client.status != "running":
            self.lost.add(self._address)
        self._client.close()

    def _watch(self) -> None:
        """Pass on the level of stopping, and give up where there is no worker for too long."""
        known: set[str] = set()
        seen = time.monotonic()
        while not self._ended.wait(_EVERY_S) and self._client.status == "running":
            try:
                if self._level:
                    # Again and again: workers may come late.
                    self._client.run(cluster_worker.stop, self._run, self._level, on_error="ignore")
                now = set(self._client.nthreads())
            except (OSError, RuntimeError):
                continue  # the scheduler is lost: all futures are cancelled
            self.lost |= known - now
            known = now
            seen = time.monotonic() if now else seen
            if time.monotonic() - seen > _ALONE_S:
                self.executor.shutdown(wait=False)


def _connected(address: str) -> Client:
    # What Dask says of lost connections is said by this program, in one sentence.
    for name in ("distributed", "distributed.client", "distributed.core", "distributed.utils", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as problem:
        raise _unreachable(address, problem) from None


def _unreachable(address: str, problem: Exception) -> ClusterRefused:
    return ClusterRefused(f"The scheduler at {address} cannot be reached: {_first_line(problem)}.")


def _checked(client: Client, document: Path | None, examples: tuple[Path, ...], shared: SharedPlace | None) -> int:
    """The number of workers, of which each runs the cases that this machine would, one at a time."""
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER_S)
    except TimeoutError:
        raise ClusterRefused("The scheduler has no worker.") from None
    found = client.run(cluster_worker.facts, document, examples, shared, on_error="return")
    own = cluster_worker.facts(document, examples, shared)
    for worker, threads in client.nthreads().items():
        theirs = found.get(worker, own)
        if not isinstance(theirs, dict):
            raise ClusterRefused(f"Worker {worker} cannot run this suite: {_first_line(theirs)}.")
        for name in (name for name in own if theirs.get(name) != own[name]):
            raise ClusterRefused(f"Worker {worker} has {name} {theirs.get(name)}, and this machine {own[name]}.")
        if threads > 1:
            raise ClusterRefused(f"Worker {worker} has {threads} threads: start workers with --nthreads 1.")
    return len(found)


def _first_line(problem: object) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0].rstrip(".")
