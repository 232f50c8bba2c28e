"""Ends runs at random moments, sweeps after each, and counts what is left and what was touched.

    python benchmarks/kills.py [--kills N] [--terminations N] [--worker-kills N] [--workers N] [--hostile] [--seed N]

The emulator is an account with 300 tunnels of other people, some with tags that look like a run's. It takes its
time over OpenTunnel, so that requests are in flight when a run is killed. After every kill the sweep is tried
without --apply, which must change nothing, and then with it. A hostile emulator returns the identifiers of
somebody else's tunnel for every third OpenTunnel. A worker's kill ends one of a run's processes alone: the run goes on.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tunnelspec.client import Journal, JournalEntry, JournalError
from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, serve
from tunnelspec.emulator.protocol import Params
from tunnelspec.emulator.store import Tunnel

FOREIGN = 300
#: What others' tunnels have: nothing, a text, and tags that resemble ours but are none.
KINDS: tuple[dict[str, object], ...] = (
    {},
    {"description": "pump 7", "timeoutConfig": {"maxLifetimeTimeoutMinutes": 10}},
    {"tags": [{"key": "tunnelspec-run", "value": "nightly"}]},
    {"tags": [{"key": "Tunnelspec-Run", "value": "0123456789abcdef"}]},
    {"tags": [{"key": "tunnelspec-run", "value": "0123456789abcdef"}]},
)
#: How long OpenTunnel takes before and after the tunnel is there, in seconds.
_SLOW_S = 0.02


class Hostile(Emulator):
    """Returns a foreign tunnel's identifiers for every third OpenTunnel once `foreign` is filled."""

    foreign: Sequence[Tunnel] = ()

    def open_tunnel(self, params: Params) -> Params:
        """Open a tunnel, and name it or another one."""
        output = super().open_tunnel(params)
        number = self.store.newest_first()[0].number
        if self.foreign and number % 3 == 0:
            other = self.foreign[number % len(self.foreign)]
            output |= {"tunnelId": other.id, "tunnelArn": other.arn}
        return output


def account(*, hostile: bool) -> Emulator:
    """An emulator in which others have tunnels."""
    emulator = Hostile(load()) if hostile else Emulator(load())
    for number in range(FOREIGN):
        members = dict(KINDS[number % len(KINDS)])
        emulator.perform("OpenTunnel", emulator.validate("OpenTunnel", members))
    if isinstance(emulator, Hostile):
        emulator.foreign = emulator.store.newest_first()
    return emulator


def state(emulator: Emulator) -> dict[str, str]:
    """Everything that the emulator knows of every tunnel."""
    with emulator.lock:
        return {tunnel.id: repr(tunnel) for tunnel in emulator.store.newest_first()}


def slow(emulator: Emulator) -> None:
    """Let OpenTunnel take its time, and the tunnels of others be old."""
    handle = emulator.handle

    def handled(call: HttpRequest) -> HttpResponse:
        opens = call.headers.get("x-amz-target", "").endswith("OpenTunnel")
        time.sleep(_SLOW_S * opens)
        answer = handle(call)
        time.sleep(_SLOW_S * opens)
        return answer

    emulator.handle = handled  # type: ignore[method-assign, assignment]
    for tunnel in emulator.store.newest_first():
        tunnel.created_at -= 3600
        tunnel.closes_at += 24 * 3600  # none of them closes by itself meanwhile


def ended_run(emulator: Emulator, url: str, folder: Path, delay_s: float, end: str, workers: int) -> int:
    """Start a run, and end it so long after its first tunnel; how many creations were in flight."""
    command = [sys.executable, "-m", "tunnelspec", "run", "--endpoint-url", url, "--workers", str(workers)]
    opened = emulator.store._number
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while emulator.store._number == opened and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(delay_s)
    if end == "worker":
        for pid in workers_of(run.pid)[:1]:
            os.kill(pid, signal.SIGKILL)
    else:
        run.send_signal(signal.Signals[end])
    run.wait()
    while workers_of(run.pid):  # they notice that nobody waits for them, and clean up
        time.sleep(0.05)
    time.sleep(0.2)  # the emulator may still be answering
    entries = [entry for path in journals(folder) for entry in read(path)]
    return sum(not entry.identifiers and not entry.status for entry in entries)


def workers_of(parent: int) -> list[int]:
    """The processes that share the cases of a run, also when it is gone: they know it by its number."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue  # ended meanwhile
        if b"spawn_main" in words and b"parent_pid=%d" % parent in words:
            found.append(int(path.parent.name))
    return sorted(found)


def journals(folder: Path) -> list[Path]:
    """The journals of a run: one of each unit of work."""
    return sorted((folder / "tunnelspec-report").glob("journal*.jsonl"))


def read(path: Path) -> list[JournalEntry]:
    """The open entries of a journal; none where it is damaged."""
    try:
        return Journal(path).read()
    except JournalError:
        return []


def swept(folder: Path, *options: str) -> str:
    """What a sweep prints."""
    command = [sys.executable, "-m", "tunnelspec", "sweep", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return f"exit {done.returncode}" + (f" {done.stderr.strip()}" if done.stderr else "")


def main(given: argparse.Namespace) -> bool:
    """Print a row for each moment; whether nothing of ours was left and nothing foreign touched."""
    chance = random.Random(given.seed)
    emulator = account(hostile=given.hostile)
    slow(emulator)
    foreign = state(emulator)
    left_in_all = touched_in_all = flying_in_all = 0
    ends = ["SIGKILL"] * given.kills + ["SIGTERM"] * given.terminations + ["worker"] * given.worker_kills
    print("end       after   in flight  open then  unproven  left after sweep  foreign touched")
    with serve(emulator) as server, tempfile.TemporaryDirectory() as scratch:
        for end in ends:
            delay_s = chance.uniform(0, given.longest)
            flying = ended_run(emulator, server.url, Path(scratch), delay_s, end, given.workers)
            before = state(emulator)
            swept(Path(scratch))
            assert state(emulator) == before, "a sweep without --apply changed something"
            swept(Path(scratch), "--apply", "--no-unanswered")
            unproven = len(state(emulator)) - FOREIGN
            status = swept(Path(scratch), "--apply")
            after = state(emulator)
            left = len(after) - FOREIGN
            touched = sum(after.get(name) != before for name, before in foreign.items())
            left_in_all, touched_in_all = left_in_all + left, touched_in_all + touched
            flying_in_all += flying > 0
            print(
                f"{end:7}  {delay_s:5.2f} s  {flying:9}  {len(before) - FOREIGN:9}  {unproven:8}"
                f"  {left:16}  {touched:15}  {status}",
                flush=True,
            )
    print(
        f"{len(ends)} runs ended, {flying_in_all} with creations in flight: {left_in_all} of our tunnels"
        f" left, {touched_in_all} foreign ones touched"
    )
    return not left_in_all and not touched_in_all


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser()
    for name, usual in (("kills", 20), ("terminations", 10), ("worker-kills", 0), ("workers", 1), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--longest", type=float, default=8.0, help="The latest end, in seconds after the first tunnel.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(not main(arguments()))
