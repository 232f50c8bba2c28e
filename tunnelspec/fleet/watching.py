"""Stops a unit from outside: a thread looks at what whoever started it asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tunnelspec.runner.target import OpenTarget

#: How often a unit looks whether it is to stop, in seconds.
_EVERY_S = 0.1


@contextmanager
def watched(level: Callable[[], int], target: OpenTarget) -> Iterator[None]:
    """Stop the run once `level` is 1, and let it leave out the clean-up once it is 2."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY_S):
            asked = level()
            if asked:
                target.budget.stop("the run was interrupted")
            if asked > 1:
                target.budget.abandon()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
