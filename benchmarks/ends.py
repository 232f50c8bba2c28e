"""How long runs go on sending, and take to end, after a signal or --max-seconds.

    python -m benchmarks.ends [seed]

Each run is of depth deep, against an emulator in this process that notes when requests arrive. `sent for` is the
time from the signal to the last request that opens or changes anything but what is closed; `ended after` includes
the clean-up and the reports.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.running import DIRECTORY, REPORTS, command, recorded
from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, serve
from tunnelspec.emulator.messages import HttpRequest, HttpResponse

#: Selections that put a run into one phase, and how long it may have been in it, in seconds.
PHASES = (("*", 3.0), ("*", 30.0), ("search/*", 8.0), ("journeys/*", 8.0), ("validation/*", 8.0))


class Noting:
    """An emulator that notes when the last request of each operation arrived."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.last = 0.0

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond, and note the time of what is no clean-up."""
        if request.headers.get("x-amz-target", "").rpartition(".")[2] in ("OpenTunnel", "TagResource", "UntagResource"):
            self.last = time.monotonic()
        return self.emulator.handle(request)


def ended(number: signal.Signals | None, glob: str, delay_s: float) -> str:
    """Start a run and end it so many seconds after its first request; a row of figures."""
    noting = Noting(Emulator(load()))
    with serve(noting) as server, tempfile.TemporaryDirectory() as folder:
        options = ["--depth", "deep", "--select", glob, "--endpoint-url", server.url]
        if number is None:
            options += ["--max-seconds", f"{delay_s:.1f}"]
        run = subprocess.Popen(
            command("run", *options), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not noting.last and run.poll() is None:
            time.sleep(0.01)
        time.sleep(delay_s)
        signalled = time.monotonic()
        if number is not None:
            run.send_signal(number)
        code = run.wait(300)
        took_s = time.monotonic() - signalled
        reports = [name for name in REPORTS if (Path(folder) / DIRECTORY / name).exists()]
        record = recorded(Path(folder))
        left = len(noting.emulator.store.newest_first())
    name = number.name if number is not None else "seconds"
    return (
        f"{name:8} {glob:13} {delay_s:5.1f} s  {max(0.0, noting.last - signalled):8.2f} s  {took_s:11.2f} s  {code:4}"
        f"  {len(reports)} of {len(REPORTS)}  {record['run']['requests'] if record else 0:8}  {left:4}"
    )


def main(seed: int) -> None:
    """Print a row for each end."""
    chance = random.Random(seed)
    print("end      selected        after   sent for  ended after  exit  reports  requests  left")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, None):
        for glob, longest_s in PHASES:
            print(ended(number, glob, chance.uniform(0.3, longest_s)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
