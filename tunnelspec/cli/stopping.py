"""How a run ends when it is told to: at once for whoever insists, else with everything closed and reported."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NOTE = b"\ntunnelspec: stopping; what is open is being closed (once more: quit at once)\n"


@contextmanager
def stopping(stop: Callable[[str], None]) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM calls `stop` with a reason, any further one raises KeyboardInterrupt.

    A call that is under way is not cut short: its answer may be the only one to name a new tunnel.
    """
    told = False

    def handle(*_: object) -> None:
        nonlocal told
        if told:
            raise KeyboardInterrupt
        told = True
        stop("the run was interrupted")
        os.write(2, _NOTE)  # a signal may arrive while a stream's lock is held

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
