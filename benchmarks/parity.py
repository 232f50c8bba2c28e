"""A run in parts against a run in one piece: the same outcomes, and the same requests for the same seed.

    python -m benchmarks.parity [--depth standard] [--faults 10] [--seed 7] [--latency-ms 20]

Each target is tested by one process, by two workers, and by three shards that are merged: the reference emulator, and
emulators with faults that are spread over the catalogue. Prints a table; exits with 1 where outcomes differ.
Cases that prepare something when a run begins are left out: it depends on the run's duration whether they are skipped.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.running import recorded, tunnelspec
from tunnelspec.contract import Contract, load
from tunnelspec.emulator import Emulator, serve
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.faults import all_faults
from tunnelspec.suite import build

_SHARDS = 3
#: What differs between two runs of one seed: what holds an identifier or a mark of a run, and what lists continue with.
_VARIABLE = re.compile(rb'"[^"]*[0-9a-fA-F]{8}[^"]*"|(?<="nextToken":)"[^"]*"')


@dataclass
class Recorded:
    """An emulator that responds after a while, and keeps what it was sent, without what differs from run to run."""

    emulator: Emulator
    latency_s: float = 0.0
    requests: set[tuple[str, bytes]] = field(default_factory=set)
    count: int = 0

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond to one request."""
        self.count += 1
        self.requests.add((request.headers.get("x-amz-target", ""), _VARIABLE.sub(b"*", request.body)))
        if self.latency_s:
            time.sleep(random.uniform(0.5, 1.5) * self.latency_s)
        return self.emulator.handle(request)


@dataclass(frozen=True, slots=True)
class Ran:
    """A run: outcomes by case, and what the target was sent."""

    outcomes: dict[str, str]
    requests: frozenset[tuple[str, bytes]]
    count: int

    def differs_from(self, other: Ran) -> list[str]:
        """The cases whose outcome is another."""
        names = sorted(self.outcomes.keys() | other.outcomes.keys())
        return [name for name in names if self.outcomes.get(name) != other.outcomes.get(name)]


def ran(contract: Contract, fault: str | None, latency_s: float, run: Sequence[object], shards: int = 1) -> Ran:
    """Test an emulator of its own, in one run or in shards."""
    emulator = (all_faults(contract)[fault] if fault else Emulator)(contract)
    target = Recorded(emulator, latency_s)
    with serve(target) as server, tempfile.TemporaryDirectory() as folder:
        parts = [f"{folder}/{number}" for number in range(1, shards + 1)]
        options = ["run", "--endpoint-url", server.url, "-q", *run]
        if shards == 1:
            commands = [options]
        else:
            commands = [
                [*options, "--shard", f"{number}/{shards}", "--report-dir", part]
                for number, part in enumerate(parts, 1)
            ]
            commands.append(["report", "merge", *parts])
        for arguments in commands:
            ended = tunnelspec(*arguments, folder=Path(folder))
            if ended.returncode not in (0, 1):
                sys.exit(f"{arguments}: {ended.stdout}{ended.stderr}")
        record = recorded(Path(folder))
        assert record is not None
        rows = record["cases"]
    untimed = {case.id for case in build(contract) if case.prepare is None}
    outcomes = {row["id"]: row["outcome"] for row in rows if row["id"] in untimed}
    return Ran(outcomes, frozenset(target.requests), target.count)


def compared(contract: Contract, fault: str | None, latency_s: float, run: Sequence[object]) -> bool:
    """Test one target in the three ways, and print its row; whether all outcomes are the same."""
    whole = ran(contract, fault, latency_s, run)
    workers = ran(contract, fault, latency_s, [*run, "--workers", 2])
    shards = ran(contract, fault, latency_s, run, _SHARDS)
    failed = sum(outcome == "fail" for outcome in whole.outcomes.values())
    cells = [str(fault or "none"), len(whole.outcomes), failed]
    for part in (workers, shards):
        differing = part.differs_from(whole)
        missing, more = whole.requests - part.requests, part.requests - whole.requests
        cells += [len(differing), len(missing), len(more)]
        for name in differing:
            print(f"{name}: {whole.outcomes.get(name)}, {part.outcomes.get(name)}", file=sys.stderr)
        for sign, found in (("-", missing), ("+", more)):
            for operation, body in sorted(found)[:5]:
                print(sign, operation, body[:160], file=sys.stderr)
    counts = "/".join(f"{part.count:,}" for part in (whole, workers, shards))
    print("|", " | ".join(map(str, (*cells, counts))), "|", flush=True)
    return workers.outcomes == shards.outcomes == whole.outcomes


def main() -> None:
    """Compare, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depth", default="quick")
    parser.add_argument("--faults", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    asked = parser.parse_args()
    contract = load()
    names = sorted(name for name, fault in all_faults(contract).items() if not (fault.verifying or fault.served))
    faults = [names[number * len(names) // asked.faults] for number in range(asked.faults)]
    print(
        "| fault | cases | failed | workers: outcomes | requests less | more | shards: outcomes | less | more | sent |"
    )
    print("| --- |" + " ---: |" * 9)
    run = ["--depth", asked.depth, "--seed", asked.seed]
    same = [compared(contract, fault, asked.latency_ms / 1000, run) for fault in (None, *faults)]
    sys.exit(not all(same))


if __name__ == "__main__":
    main()
