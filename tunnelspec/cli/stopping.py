"""How a run ends when a signal asks for it: everything closed and reported, unless the user insists."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

#: What the first and the second signal print.
_NOTES = (
    b"\ntunnelspec: stopping; closing what is open (once more: leave it open)\n",
    b"\ntunnelspec: stopping; what is still open stays open, and the journal names it (once more: quit at once)\n",
)
#: SIGHUP: the terminal was closed. Windows does not have it.
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def stopping(stop: Callable[[str], None], abandon: Callable[[], None]) -> Iterator[None]:
    """The first signal calls `stop` with a reason, the second `abandon`, any further one raises KeyboardInterrupt.

    A signal that the process ignores, as under nohup, stays ignored.
    """
    count = 0

    def handle(*_: object) -> None:
        nonlocal count
        count += 1
        if count > len(_NOTES):
            raise KeyboardInterrupt
        if count == 1:
            stop("the run was interrupted")
        else:
            abandon()
        with suppress(OSError):  # the terminal may be gone
            os.write(2, _NOTES[count - 1])  # a signal may arrive while a stream's lock is held

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {n: signal.signal(n, handle) for n in numbers if signal.getsignal(n) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
