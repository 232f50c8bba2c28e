"""A cluster against a target that takes 50 ms to respond: measured with one and two workers, simulated with more.

    python -m benchmarks.cluster

Measured are runs of depth quick by real workers, with a real scheduler and Redis. From them come the seconds of a
request and those of a unit before its first case; the simulation gives the units that a run is really cut into, with
what their cases are known to send, to the worker that is free first.
"""

from __future__ import annotations

import heapq
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from distributed import LocalCluster

from benchmarks.running import run
from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, serve
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.fleet.coordinator import RunSpec, units_of
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.settings import Settings
from tunnelspec.suite import build, cost, enabled

LATENCY_S = 0.05
WORKERS = (1, 2, 4, 8, 16, 32, 64)
BUILDS = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """What a run is made of, in seconds: a request, and what a unit and a run take besides."""

    request_s: float
    unit_s: float
    run_s: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A run: from start to exit, of that the testing, and the requests."""

    wall_s: float
    tested_s: float
    requests: int


class Slow:
    """The reference emulator, behind a network."""

    def __init__(self) -> None:
        self._emulator = Emulator(load())

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond after a while."""
        time.sleep(LATENCY_S)
        return self._emulator.handle(request)


def _serve(port: int) -> None:
    with serve(Slow(), port=port):
        time.sleep(10_000)


@contextmanager
def processes(workers: int) -> Iterator[list[str]]:
    """A slow target, Redis, and a cluster of so many workers: the options that name them."""
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            ports.append(free.getsockname()[1])
    target = get_context("spawn").Process(target=_serve, args=(ports[0],), daemon=True)
    target.start()
    command = ["redis-server", "--port", str(ports[1]), "--save", "", "--bind", "127.0.0.1"]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
            endpoint = ["--endpoint-url", f"http://127.0.0.1:{ports[0]}"]
            yield [*endpoint, "--scheduler", cluster.scheduler_address, "--redis", f"redis://127.0.0.1:{ports[1]}"]
    finally:
        for process in (target, redis):
            process.terminate()
            process.wait() if isinstance(process, subprocess.Popen) else process.join()


def measured(workers: int) -> Measured:
    """Run depth quick with so many workers, that have run something before."""
    with processes(workers) as options:
        for selection in (("--select", "protocol/*/plain"), ()):
            ran = run(*options, "--seed", "7", *selection)
            if ran.status:
                sys.exit(f"the reference emulator does not conform: {ran.output}{ran.errors}")
    return Measured(ran.wall_s, ran.record["run"]["duration_s"], ran.record["run"]["requests"])


def unit_requests(workers: int, depth: str) -> list[int]:
    """How many requests each unit of a run sends, in the order in which they are handed out."""
    contract = load()
    cases = {case.id: sum(cost(case).calls.values()) for case in enabled(build(contract, depth=depth, seed=7))}
    probes = sum(sum(cost(case).calls.values()) for case in presence_cases(contract))
    whole = RunSpec(tuple(cases), depth, 7, Settings(), Path(), costs=tuple(cases.values()))
    return sorted((unit.cost + probes for unit in units_of(whole, workers)), reverse=True)


def makespan_s(durations: Iterable[float], workers: int) -> float:
    """When the last unit ends, if each goes to the worker that is free first."""
    free = [0.0] * workers
    for duration in durations:
        heapq.heapreplace(free, free[0] + duration)
    return max(free)


def simulated(workers: int, depth: str, pace: Pace) -> tuple[float, float, float]:
    """Seconds of one build, and hours of all: one after the other, and as many runs at once as there are workers."""
    units = [requests * pace.request_s + pace.unit_s for requests in unit_requests(workers, depth)]
    one_s = pace.run_s + makespan_s(units, workers)
    # A run for each worker: each is cut into units for all of them, and its own start hides behind the others' units.
    all_s = makespan_s([unit for _ in range(BUILDS) for unit in units], workers) + pace.run_s
    return one_s, BUILDS * one_s / 3600, all_s / 3600


def pace_of(one: Measured) -> Pace:
    """From a run by one worker, whose two units send as much as the simulation says."""
    unit_s = 1.0
    return Pace((one.tested_s - 2 * unit_s) / one.requests, unit_s, one.wall_s - one.tested_s)


def rows(depth: str, pace: Pace) -> Iterator[str]:
    """The table of a depth, as Markdown."""
    for workers in WORKERS:
        one_s, serial_h, parallel_h = simulated(workers, depth, pace)
        yield f"| {depth} | {workers} | {one_s:,.0f} s | {serial_h:,.1f} h | {parallel_h:,.1f} h |"


def main() -> None:
    """Measure, simulate, print."""
    if shutil.which("redis-server") is None:
        sys.exit("there is no redis-server")
    print("| workers | requests | testing | whole run | simulated |\n| --- | --- | --- | --- | --- |")
    with ThreadPoolExecutor() as pool:
        # At once: whatever else the machine does slows both.
        found = dict(zip((1, 2), pool.map(measured, (1, 2)), strict=True))
    pace = pace_of(found[1])
    for workers, one in found.items():
        one_s, _, _ = simulated(workers, "quick", pace)
        print(f"| {workers} | {one.requests:,} | {one.tested_s:.1f} s | {one.wall_s:.1f} s | {one_s:.1f} s |")
    print(f"\n{1000 * pace.request_s:.1f} ms a request, {pace.run_s:.1f} s for the start and end of a run\n")
    print("| depth | workers | one build | 1,000 builds, one after the other | 1,000 builds, many at once |")
    print("| --- | --- | --- | --- | --- |")
    for depth in ("quick", "standard"):
        print("\n".join(rows(depth, pace)))


if __name__ == "__main__":
    main()
