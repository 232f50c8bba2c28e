"""A long run against the emulator in a process of its own: does anything grow, leak, or stay open?

    python -m benchmarks.soak [requests] [depth]

Runs the suite again and again, each time with another seed, in one process and with one client, until so
many requests are sent. Memory and open files of both processes are read from /proc at the end of the case that
completes a tenth of them; `peak` is the most that this process has held at any time.
Exit status 1 where the peak is above 250 MB, or this process grows by more than a fifth after the first tenth.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.running import emulator, memory_mb
from tunnelspec.contract import load
from tunnelspec.runner.case import Result
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome

#: What a run may need, in MB.
LARGEST_MB = 250


def open_files(pid: int) -> tuple[int, int]:
    """Open files, and how many of those are sockets."""
    links = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(link))
        except OSError:
            continue  # closed meanwhile
    return len(links), sum(link.startswith("socket:") for link in links)


@dataclass
class Curve:
    """Prints a row after each tenth of the requests, and keeps the memory of this process, in MB."""

    requests: int
    emulator: int
    sent: int = 0
    shown: int = 0
    wrong: int = 0
    peak: float = 0.0
    memory: list[float] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def note(self, result: Result) -> None:
        """Count a result; print a row where a tenth is reached."""
        self.sent += result.requests
        self.wrong += result.outcome is not Outcome.PASS
        if self.sent >= self.shown + self.requests / 10 or not self.memory:
            self.shown = self.sent
            me, (mine, my_sockets), (its, its_sockets) = os.getpid(), open_files(os.getpid()), open_files(self.emulator)
            self.memory.append(memory_mb(me))
            self.peak = memory_mb(me, "VmHWM")
            print(
                f"{self.sent:8,}  {time.monotonic() - self.started:7.0f}    {self.memory[-1]:9.1f}  {self.peak:5.1f}"
                f"  {mine:5}  {my_sockets:7}   {memory_mb(self.emulator):11.1f}  {its:5}  {its_sockets:7}"
                f"  {self.wrong:10}",
                flush=True,
            )

    @property
    def is_flat(self) -> bool:
        """Whether the memory stays within the bounds; the first row is the start, the second the first tenth."""
        return self.peak <= LARGEST_MB and max(self.memory[1:]) <= self.memory[1] * 1.2


def main(requests: int, depth: str) -> int:
    """Send so many requests; the exit status."""
    contract = load()
    with emulator() as (url, process):
        print("requests  seconds    client MB   peak  files  sockets   emulator MB  files  sockets  not passed")
        curve = Curve(requests, process)
        with open_target(Settings(endpoint_url=url, max_requests=10 * requests), contract) as target:
            seed = 0
            while curve.sent < requests:
                probes = presence_cases(contract)
                # No name for the cases: those of one round would stay until the next are made.
                run_cases(
                    contract,
                    build(contract, depth=depth, seed=seed),
                    target.make_session,
                    probes=probes,
                    on_result=curve.note,
                )
                seed += 1
            target.settle()
            left = target.journal.own_entries()
        print(f"after the client was closed: {open_files(os.getpid())[1]} sockets here; {len(left)} open entries")
    return 0 if curve.is_flat and not left else 1


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(int(arguments[0]) if arguments else 100_000, arguments[1] if arguments[1:] else "deep"))
