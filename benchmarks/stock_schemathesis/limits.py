"""Runs a command within a budget of processor time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.running import cpu_s


@dataclass
class Spent:
    """What a process has used of the processor, in seconds, as it went on."""

    seen: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])

    @property
    def total(self) -> float:
        """All of it."""
        return self.seen[-1][1]

    def by(self, moment: float) -> float:
        """What had been used by then."""
        return next((used for at, used in self.seen if at >= moment), self.total)


def limited(
    command: list[str], environment: dict[str, str], where: Path, seconds: float, over: Callable[[], bool]
) -> Spent:
    """Run a command until it ends, has used so many seconds of the processor, or `over` says so.

    CPU time, since it is the same on a busy machine. A process that hangs uses none, so ten times as much wall
    time ends it too.
    """
    spent = Spent()
    with (where / "output.txt").open("w") as output:
        process = subprocess.Popen(command, env=environment, cwd=where, stdout=output, stderr=output)
        end = time.monotonic() + 10 * seconds
        try:
            while process.poll() is None and spent.total < seconds and time.monotonic() < end and not over():
                time.sleep(0.05)
                spent.seen.append((time.time(), cpu_s(process.pid) or spent.total))
        finally:
            process.kill()
            process.wait()
    return spent
