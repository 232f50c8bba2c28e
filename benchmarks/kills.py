"""Ends runs at random moments, sweeps after each, and counts what is left and what was touched.

    python -m benchmarks.kills [--kills N] [--terminations N] [--worker-kills N] [--workers N] [--hostile] [--seed N]

The emulator is an account with 300 tunnels of other people, some with tags that look like a run's. It takes its
time over OpenTunnel, so that requests are in flight when a run is killed. After every kill the sweep is tried
without --apply, which must change nothing, and then with it. A hostile emulator opens a tunnel for every third
OpenTunnel and then does something else: from row to row another of `WAYS`. A worker's kill ends one of a run's
processes alone: the run goes on.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.running import DIRECTORY, command
from tunnelspec.client import Journal, JournalEntry
from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, serve
from tunnelspec.emulator.server import Server

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
#: How long a run waits for a response, in seconds.
TIMEOUT_S = 2


def _lost(response: HttpResponse) -> None:
    raise ConnectionResetError


def _silent(response: HttpResponse) -> None:
    time.sleep(2 * TIMEOUT_S)
    raise ConnectionResetError


def _with(status: int, body: bytes) -> Callable[[HttpResponse], None]:
    def change(response: HttpResponse) -> None:
        response.status, response.body = status, body

    return change


#: What a hostile emulator does once it has opened a tunnel. `foreign` is somebody else's tunnel in the response.
WAYS: dict[str, Callable[[HttpResponse], None]] = {
    "foreign": lambda response: None,
    "reset": _lost,
    "500": _with(500, b"{}"),
    "503": _with(503, b""),
    "201": _with(201, b""),
    "garbage": _with(200, b"\x00garbage"),
    "nothing": _silent,
}


class Account:
    """An emulator in which others have tunnels. It is slow to open one, and hostile in one way at a time."""

    def __init__(self) -> None:
        self.emulator = Emulator(load())
        for number in range(FOREIGN):
            members = dict(KINDS[number % len(KINDS)])
            self.emulator.perform("OpenTunnel", self.emulator.validate("OpenTunnel", members))
        self.others = self.emulator.store.newest_first()
        for tunnel in self.others:
            tunnel.created_at -= 3600
            tunnel.closes_at += 24 * 3600  # none of them closes by itself meanwhile
        self.opens = 0
        self.way = ""

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond, and take time over an OpenTunnel before and after the tunnel is there."""
        if not request.headers.get("x-amz-target", "").endswith("OpenTunnel"):
            return self.emulator.handle(request)
        time.sleep(_SLOW_S)
        response = self.emulator.handle(request)
        time.sleep(_SLOW_S)
        if response.status == 200:
            self.opens += 1
            if self.way and self.opens % 3 == 0:
                self._be_hostile(response)
        return response

    def state(self) -> dict[str, str]:
        """Everything that the emulator knows of every tunnel."""
        with self.emulator.lock:
            return {tunnel.id: repr(tunnel) for tunnel in self.emulator.store.newest_first()}

    def _be_hostile(self, response: HttpResponse) -> None:
        if self.way == "foreign":
            other = self.others[self.opens % len(self.others)]
            members = json.loads(response.body) | {"tunnelId": other.id, "tunnelArn": other.arn}
            response.body = json.dumps(members).encode()
        WAYS[self.way](response)


def ended_run(
    account: Account, server: Server, folder: Path, delay_s: float, end: str, workers: int
) -> list[JournalEntry]:
    """Start a run, and end it so long after its first tunnel; the open entries of its journals."""
    options = ["--endpoint-url", server.url, "--workers", workers, "--timeout", TIMEOUT_S]
    opens = account.opens
    run = subprocess.Popen(command("run", *options), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while account.opens == opens and run.poll() is None:
        time.sleep(0.005)
    time.sleep(delay_s)
    started = workers_of(run.pid)
    if end == "worker":
        os.kill(started[0], signal.SIGKILL)
    else:
        run.send_signal(signal.Signals[end])
    run.wait()
    while any(map(_is_running, started)):  # they notice that nobody waits for them, and clean up
        time.sleep(0.05)
    finish(server)
    return [entry for path in journals(folder) for entry in Journal(path).read()]


def finish(server: Server) -> None:
    """Let the emulator serve every request that reached it: what is waiting is accepted in its order."""
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname, at.port)) as last:
        last.sendall(b"GET / HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionError):
            while last.recv(4096):
                pass
    while server.connections:
        time.sleep(0.02)


def workers_of(parent: int) -> list[int]:
    """The processes that share the cases of a run: what a child of it has forked."""
    return [worker for child in _children(parent) for worker in _children(child)]


def _children(parent: int) -> list[int]:
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for path in lists for child in path.read_text().split()]


def _is_running(pid: int) -> bool:
    """Whether a process has not ended: what is left of one that has, has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def journals(folder: Path) -> list[Path]:
    """The journals of a run: one of each unit of work."""
    return sorted((folder / DIRECTORY).glob("journal*.jsonl"))


def swept(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A sweep of everything in a folder."""
    return subprocess.run(
        command("sweep", *options), cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


def main(given: argparse.Namespace) -> bool:
    """Print a row for each moment; whether nothing of ours was left and nothing foreign touched."""
    chance, account = random.Random(given.seed), Account()
    foreign = account.state()
    left_in_all = touched_in_all = flying_in_all = 0
    ends = ["SIGKILL"] * given.kills + ["SIGTERM"] * given.terminations + ["worker"] * given.worker_kills
    ways = itertools.cycle(WAYS if given.hostile else [""])
    print("end      hostile    after   in flight  open then  unproven  left after sweep  foreign touched")
    with serve(account) as server, tempfile.TemporaryDirectory() as scratch:
        for end, way in zip(ends, ways, strict=False):
            account.way = way
            delay_s = chance.uniform(0, given.longest)
            earlier = account.state().keys()
            entries = ended_run(account, server, Path(scratch), delay_s, end, given.workers)
            account.way = ""
            flying = sum(not entry.identifiers and not entry.status for entry in entries)
            before = account.state()
            opened = len(before.keys() - earlier)
            assert opened <= len(entries), "the journal lacks what is open"
            swept(Path(scratch))
            assert account.state() == before, "a sweep without --apply changed something"
            swept(Path(scratch), "--apply", "--no-unanswered")
            unproven = len(account.state().keys() - earlier)
            done = swept(Path(scratch), "--apply")
            after = account.state()
            left = len(after.keys() - earlier)
            touched = sum(after.get(name) != before for name, before in foreign.items())
            left_in_all, touched_in_all = left_in_all + left, touched_in_all + touched
            flying_in_all += flying > 0
            print(
                f"{end:7}  {way:7}  {delay_s:5.2f} s  {flying:9}  {opened:9}  {unproven:8}"
                f"  {left:16}  {touched:15}  exit {done.returncode}",
                flush=True,
            )
            if left or done.returncode or done.stderr:
                print(done.stdout, done.stderr, flush=True)
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
