"""Progress of a run: a live bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from tunnelspec.verdict import Outcome

if TYPE_CHECKING:
    from rich.progress import Progress

#: Seconds between two lines where there is no terminal.
_EVERY_S = 10.0


class Counts:
    """How far a run is. Thread-safe: a thread of its own shows it."""

    def __init__(self, total: int) -> None:
        self._total, self._started = total, time.monotonic()
        self._done = self._requests = self.failed = 0
        self._area = ""
        self._lock = threading.Lock()

    def add(self, area: str, outcome: str, requests: int) -> None:
        """Count a case that has ended."""
        with self._lock:
            self._done += 1
            self._requests += requests
            self.failed += outcome == Outcome.FAIL
            self._area = area

    def state(self) -> str:
        """The failures so far, the area under test, the rate and the time left."""
        with self._lock:
            seconds = max(time.monotonic() - self._started, 1e-3)
            parts = [f"{self.failed} failed", self._area, f"{self._requests / seconds:.0f} requests/s"]
            if self._done:
                parts.append(f"{seconds / self._done * (self._total - self._done):.0f} s left")
            return ", ".join(part for part in parts if part)

    def line(self) -> str:
        """The whole state on one line."""
        return f"{self._done} of {self._total} cases, {self.state()}"


def progress_bar(console: Console) -> Progress:
    """A bar that shows on a terminal only, and goes when it ends."""
    # Half of Rich is imported for it.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[str, str, int], None]]:
    """Show progress for as long as the context lasts; call what it gives with the area, outcome and requests of each
    case that ends."""
    counts = Counts(total)
    if console.is_terminal:
        with progress_bar(console) as bar:
            task = bar.add_task("", total=total)

            def show(area: str, outcome: str, requests: int) -> None:
                counts.add(area, outcome, requests)
                bar.update(task, advance=1, description=counts.state())

            yield show
        return
    ended = threading.Event()
    thread = threading.Thread(target=_print_lines, args=(console, counts, ended), daemon=True)
    thread.start()
    try:
        yield counts.add
    finally:
        ended.set()
        thread.join()


def _print_lines(console: Console, counts: Counts, ended: threading.Event) -> None:
    while not ended.wait(_EVERY_S):
        try:
            console.print(counts.line(), soft_wrap=True)
        except OSError:
            return  # the run goes on, and reports this when it prints its result
