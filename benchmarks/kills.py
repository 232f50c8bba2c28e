"""Ends runs at random moments, sweeps after each, and counts what is left and what was touched.

    python benchmarks/kills.py [kills] [seed] [SIGTERMs] [hostile: 0 or 1]

The emulator is an account with 300 tunnels of other people, some with tags that look like a run's. It takes its
time over OpenTunnel, so that requests are in flight when a run is killed. After every kill the sweep is tried
without --apply, which must change nothing, and then with it. A hostile emulator returns the identifiers of
somebody else's tunnel for every third OpenTunnel.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tunnelspec.client import Journal, JournalError
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
#: How long a run of the quick depth may take on a busy machine, in seconds.
_LONGEST_S = 8.0
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


def ended_run(emulator: Emulator, url: str, folder: Path, delay_s: float, number: signal.Signals) -> int:
    """Start a run, and end it so long after its first tunnel; how many creations were in flight."""
    command = [sys.executable, "-m", "tunnelspec", "run", "--endpoint-url", url]
    opened = emulator.store._number
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while emulator.store._number == opened and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(delay_s)
    run.send_signal(number)
    run.wait()
    time.sleep(0.2)  # the emulator may still be answering
    try:
        entries = Journal(folder / "tunnelspec-report" / "journal.jsonl").read()
    except JournalError:
        return 0
    return sum(not entry.identifiers and not entry.status for entry in entries)


def swept(folder: Path, *options: str) -> str:
    """What a sweep prints."""
    command = [sys.executable, "-m", "tunnelspec", "sweep", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return f"exit {done.returncode}" + (f" {done.stderr.strip()}" if done.stderr else "")


def main(kills: int, seed: int, terminations: int, hostile: int) -> None:
    """Print a row for each moment."""
    chance = random.Random(seed)
    emulator = account(hostile=bool(hostile))
    slow(emulator)
    foreign = state(emulator)
    left_in_all = touched_in_all = flying_in_all = 0
    print("signal    after   in flight  open then  unproven  left after sweep  foreign touched")
    with serve(emulator) as server, tempfile.TemporaryDirectory() as scratch:
        for number in (*[signal.SIGKILL] * kills, *[signal.SIGTERM] * terminations):
            delay_s = chance.uniform(0, _LONGEST_S)
            flying = ended_run(emulator, server.url, Path(scratch), delay_s, number)
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
                f"{number.name}  {delay_s:5.2f} s  {flying:9}  {len(before) - FOREIGN:9}  {unproven:8}"
                f"  {left:16}  {touched:15}  {status}",
                flush=True,
            )
    print(
        f"{kills + terminations} runs ended, {flying_in_all} with creations in flight: {left_in_all} of our tunnels"
        f" left, {touched_in_all} foreign ones touched"
    )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [20, 1, 10, 0][len(given) :]))
