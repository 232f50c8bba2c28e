"""Units in processes of this machine."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import forkserver, get_all_start_methods, get_context, parent_process
from typing import Protocol

from tunnelspec.fleet.leftovers import close_orphaned
from tunnelspec.fleet.parent import end_with_parent
from tunnelspec.fleet.unit import Unit, UnitResult, run_unit
from tunnelspec.fleet.watching import watched


class _Level(Protocol):
    value: int


#: Not forked off this process, which has threads, but where the system can, off one that has loaded what units need.
_METHOD = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"

#: In a worker: what the process that started it has set, and whether this one is to end.
_level: _Level | None = None
_terminated = threading.Event()
#: Held while a unit runs.
_busy = threading.Lock()


class Processes:
    """A pool of so many processes. `stop` level 1: only the clean-up goes on, 2: not even that."""

    #: A pool is broken as soon as one of its processes has died.
    failures = (BrokenExecutor,)
    loss = "worker processes ended in the middle of their work"
    attempts = 2

    def __init__(self, count: int) -> None:
        load()
        context = get_context(_METHOD)
        self._level: _Level = context.Value("i", 0, lock=False)
        self.executor: Executor = ProcessPoolExecutor(count, context, _begin, (self._level,))

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


def load() -> None:
    """Begin to load what workers need, while this process goes on. Not to be called from another thread than the main
    one."""
    if _METHOD == "forkserver":
        forkserver.set_forkserver_preload([__name__])
        # What a terminal sends to all processes must not end the one that all workers come from.
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            forkserver.ensure_running()
        finally:
            signal.signal(signal.SIGHUP, before)


def _begin(level: _Level) -> None:
    """Make this process a worker. What a terminal sends to all processes is the business of the one that started it."""
    global _level
    _level = level
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
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
