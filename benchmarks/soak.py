"""A long run against the emulator in a process of its own: does anything grow, leak, or stay open?

    python benchmarks/soak.py [requests]

Runs the suite again and again, each time with another seed, in one process and with one client, until so
many requests are sent. Memory and open files of both processes are read from /proc after each pass.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tunnelspec.contract import load
from tunnelspec.exchange import Request
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.target import Settings, open_target
from tunnelspec.suite import build

WORKERS = 2


def reading(pid: int) -> tuple[float, int, int]:
    """Resident memory in MB, open files, and how many of those are sockets."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    links = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(link))
        except OSError:
            continue  # closed meanwhile
    return kilobytes / 1024, len(links), sum(link.startswith("socket:") for link in links)


def main(requests: int) -> None:
    """Print a row for each tenth of the way."""
    contract = load()
    command = [sys.executable, "-P", "-m", "tunnelspec", "emulator", "--port", "0", "--until-eof"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        url = emulator.stdout.readline().split()[-1]
        started = time.monotonic()
        print("requests  seconds    client MB  files  sockets   emulator MB  files  sockets  not passed")
        with open_target(Settings(endpoint_url=url), contract) as target:
            sent = shown = seed = wrong = 0
            while sent < requests:
                cases = build(contract, depth="quick", seed=seed)
                run = run_cases(contract, cases, target.make_session, probes=presence_cases(contract))
                sent, seed = sent + run.requests, seed + 1
                wrong += len(run.results) - run.totals()["pass"]
                if seed == 1 or sent >= shown + requests / 10:
                    shown = sent
                    mine, its = reading(os.getpid()), reading(emulator.pid)
                    print(
                        f"{sent:8,}  {time.monotonic() - started:7.0f}    {mine[0]:9.1f}"
                        f"  {mine[1]:5}  {mine[2]:7}"
                        f"   {its[0]:11.1f}  {its[1]:5}  {its[2]:7}  {wrong:10}",
                        flush=True,
                    )
            session = target.make_session()
            listed = session.send(Request("ListTunnels", {}))
            target.settle()
            left = target.journal.own_entries()
        answer = listed.response.body.decode() if listed.response else "no answer"
        print(f"after the client was closed: {reading(os.getpid())[2]} sockets here")
        print(f"tunnels left: {answer}; the journal has {len(left)} open entries")
        emulator.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
