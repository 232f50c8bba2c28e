"""Units in processes of this machine."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from typing import Protocol

from tunnelspec.fleet.leftovers import close_orphaned
from tunnelspec.fleet.parent import end_with_parent
from tunnelspec.fleet.unit import Unit, UnitResult, run_unit
from tunnelspec.fleet.watching import watched


class _Level(Protocol):
    value: int


#: In a worker: what the process that started it has set, and whether this one is to end.
_level: _Level | None = None
_terminated = threading.Event()
#: Held while a unit runs.
_busy = threading.Lock()


class Processes:
    """A pool of so many processes. `stop` level 1: only the clean-up goes on, 2: not even that.

    They are forked, and have everything loaded, if it is made on Linux while this process has no other thread.
    """

    #: A pool is broken as soon as one of its processes has died.
    failures = (BrokenExecutor,)
    loss = "worker processes ended in the middle of their work"
    attempts = 2

    def __init__(self, count: int) -> None:
        # What another thread has locked stays locked in a fork; macOS cannot fork safely.
        can_fork = sys.platform == "linux" and threading.active_count() == 1
        context = get_context("fork" if can_fork else "spawn")
        self._level: _Level = context.Value("i", 0, lock=False)
        self.executor: Executor = ProcessPoolExecutor(count, context, _begin, (self._level,))
        # Now they fork: the pool has no threads yet.
        self.executor.submit(os.getpid)

    @property
    def work(self) -> Callable[[Unit], UnitResult]:
        """Runs a unit in one of the processes."""
        return _work

    def stop(self, level: int) -> None:
        """Let the units end early. Takes no lock: signal handlers call it."""
        self._level.value = max(self._level.value, level)

    def close(self) -> None:
        """End the processes; units that have not begun are left out."""
        self.executor.shutdown(wait=True, cancel_futures=True)


def _begin(level: _Level) -> None:
    """Make this process a worker. What a terminal sends to all processes is the business of the one that started it."""
    global _level
    _level = level
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # A fork has its parent's handler.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(_busy)


def _work(unit: Unit) -> UnitResult:
    """Run a unit. The pool terminates the workers that are left when one has died: they clean up first, and end
    without a result, which nobody would read any more."""
    signal.signal(signal.SIGTERM, lambda *_: _terminated.set())
    with _busy:
        part = run_unit(unit, partial(watched, _asked))
        if _is_orphan():
            close_orphaned(unit, part.record["run"]["requests"])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _terminated.is_set():
        os._exit(1)
    return part


def _asked() -> int:
    """The level of stopping: also 1 where nobody is left who waits for this process."""
    is_alone = _terminated.is_set() or _is_orphan()
    return max(_level.value if _level is not None else 0, int(is_alone))


def _is_orphan() -> bool:
    """Whether the process that started this one has ended."""
    parent = parent_process()
    return parent is None or not parent.is_alive()
