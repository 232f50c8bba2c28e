"""Kills runs at random moments, sweeps after each, and counts what is left and what was touched.

    python benchmarks/kills.py [moments] [seed]

The emulator is an account with 300 tunnels of other people, some with tags that look like a run's. After
every kill the sweep is tried without --apply, which must change nothing, and then with it.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, serve

FOREIGN = 300
#: What others' tunnels have: nothing, a text, and tags that resemble ours but are none.
KINDS: tuple[dict[str, object], ...] = (
    {},
    {"description": "pump 7", "timeoutConfig": {"maxLifetimeTimeoutMinutes": 10}},
    {"tags": [{"key": "tunnelspec-run", "value": "nightly"}]},
    {"tags": [{"key": "Tunnelspec-Run", "value": "0123456789abcdef"}]},
    {"tags": [{"key": "tunnelspec-run", "value": "0123456789abcdef"}]},
)
#: How long a run of the quick depth may take on a busy machine, in seconds.
_LONGEST_S = 6.0


def account() -> Emulator:
    """An emulator in which others have tunnels."""
    emulator = Emulator(load())
    for number in range(FOREIGN):
        members = dict(KINDS[number % len(KINDS)])
        emulator.perform("OpenTunnel", emulator.validate("OpenTunnel", members))
    return emulator


def state(emulator: Emulator) -> dict[str, str]:
    """Everything that the emulator knows of every tunnel."""
    with emulator.lock:
        return {tunnel.id: repr(tunnel) for tunnel in emulator.store.newest_first()}


def killed_run(emulator: Emulator, url: str, folder: Path, delay_s: float) -> None:
    """Start a run, and kill it so long after its first tunnel."""
    command = [sys.executable, "-m", "tunnelspec", "run", "--endpoint-url", url]
    opened = emulator.store._number
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while emulator.store._number == opened and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(delay_s)
    run.send_signal(signal.SIGKILL)
    run.wait()
    time.sleep(0.2)  # the emulator may still be answering


def swept(folder: Path, *options: str) -> str:
    """What a sweep prints."""
    command = [sys.executable, "-m", "tunnelspec", "sweep", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return f"exit {done.returncode}" + (f" {done.stderr.strip()}" if done.stderr else "")


def main(moments: int, seed: int) -> None:
    """Print a row for each kill."""
    chance = random.Random(seed)
    emulator = account()
    foreign = state(emulator)
    left_in_all = touched_in_all = 0
    print("killed after  open then  named only by the journal's requests  left after sweep  foreign touched")
    with serve(emulator) as server, tempfile.TemporaryDirectory() as scratch:
        for _ in range(moments):
            delay_s = chance.uniform(0, _LONGEST_S)
            killed_run(emulator, server.url, Path(scratch), delay_s)
            before = state(emulator)
            swept(Path(scratch))
            assert state(emulator) == before, "a sweep without --apply changed something"
            swept(Path(scratch), "--apply", "--no-unanswered")
            unproven = len(state(emulator)) - FOREIGN
            status = swept(Path(scratch), "--apply")
            after = state(emulator)
            left = len(after) - FOREIGN
            touched = sum(after.get(name) != told for name, told in foreign.items())
            left_in_all, touched_in_all = left_in_all + left, touched_in_all + touched
            print(
                f"{delay_s:10.2f} s  {len(before) - FOREIGN:9}  {unproven:36}  {left:16}  {touched:15}  {status}",
                flush=True,
            )
    print(f"{moments} kills: {left_in_all} of our tunnels left, {touched_in_all} foreign ones touched")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(given[0] if given else 10, given[1] if len(given) > 1 else 1)
