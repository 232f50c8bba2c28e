"""How a run ends early: the first signal closes and reports everything, the second shortens that."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NOTE = b"\ntunnelspec: stopping; closing what is open (a second signal shortens this)\n"
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def stopping(stop: Callable[[str], None]) -> Iterator[None]:
    """The first Ctrl-C, SIGTERM or SIGHUP calls `stop` with a reason; a further one raises KeyboardInterrupt.

    A call that is under way is not cut short: its response may be the only one to name a new tunnel.
    """
    stopped = False

    def handle(*_: object) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        stop("the run was interrupted")
        with contextlib.suppress(OSError):  # the terminal may be gone
            os.write(2, _NOTE)  # a signal may arrive while a stream's lock is held

    # What is ignored from the start, as under nohup, stays ignored.
    handled = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
