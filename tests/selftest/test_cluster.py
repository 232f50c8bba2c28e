"""A run on a cluster: real Redis, a real Dask scheduler, and workers as processes, of which one is killed."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.faults import seeded
from tunnelspec.fleet.environment import REDIS_PASSWORD
from tunnelspec.record import document as record

from .clusters import SECRETS, Cluster, ending, needs_redis, wait_for
from .command import tunnelspec
from .forked import Program
from .test_fleet import outcomes
from .test_nights import SEARCHED_ON, assert_searched_on

#: Only the search finds it: no listed case sends such a description.
FAULT = "derived/OpenTunnel/description/type/dropped"
SEARCH = "search/OpenTunnel/broken"
SELECTED = ["--select", "protocol/*/plain", "--select", SEARCH, "--select", "tags/*", "--seed", "7"]
#: Calls of each operation in a second, of all workers together.
RATE = 12


pytestmark = needs_redis


class Watched(Emulator):
    """An emulator that writes down which call it got when, and the tokens that it issued."""

    calls: list[tuple[float, str, bytes]]
    tokens: list[str]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Write the call down."""
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        self.calls.append((time.monotonic(), operation, request.body))
        return super().handle(request)

    def new_token(self) -> str:
        """Write the token down."""
        self.tokens.append(super().new_token())
        return self.tokens[-1]


def make_emulator(contract: Contract) -> Watched:
    """With the fault, and a tunnel of somebody else."""
    made = type("FaultyWatched", (Watched, seeded(contract, [FAULT])), {"calls": [], "tokens": []})(contract)
    assert isinstance(made, Watched)
    made.open_tunnel(made.validate("OpenTunnel", {"description": "somebody else's"}))
    return made


@dataclass
class Interrupted:
    """An emulator, and what happens before it responds to a call of OpenTunnel: the one with this number."""

    emulator: Emulator
    number: int
    event: Callable[[], None]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond."""
        response = self.emulator.handle(request)
        if request.headers.get("x-amz-target", "").endswith(".OpenTunnel"):
            self.number -= 1
            if self.number == 0:
                self.event()
        return response


def has_opened_something(worker: Path) -> bool:
    """By the journal in the worker's directory: it is in the middle of a unit."""
    return any(b'"event":"created"' in path.read_bytes() for path in worker.rglob("journal-*.jsonl"))


@dataclass
class Night:
    """What came of a run on a cluster that lost a worker, of one after it, and of the same run by one process."""

    together: Path
    again: Path
    alone: Path
    status: int
    calls: list[tuple[float, str, bytes]]
    left: list[str]
    keys: set[bytes]
    replayed: list[bytes]
    written: bytes
    tokens: list[str]
    cluster: Cluster


@pytest.fixture(scope="module")
def night(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Kill one of two workers in the middle of a unit; then have a third one search with another seed."""
    place, emulator = tmp_path_factory.mktemp("night"), make_emulator(contract)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch, serve(emulator) as server:
        patch.setenv(REDIS_PASSWORD, SECRETS[REDIS_PASSWORD])
        cluster = Cluster(place, stack)
        redis = cluster.start_redis()
        cluster.start_scheduler()
        cluster.start_workers(2)
        run = ["run", "--endpoint-url", server.url, "-q"]
        shared = ["--scheduler", cluster.scheduler, "--redis", cluster.redis_url, "--rate", str(RATE)]
        command = [*run, *SELECTED, *shared, "--report-dir", "together"]
        with open(os.devnull, "w") as nowhere:
            process = Program("tunnelspec", *command, cwd=place, stdout=nowhere)
        stack.callback(process.kill)
        wait_for(lambda: process.poll() is not None or has_opened_something(place / "worker-0"))
        ending(cluster.workers[0])
        status, calls = process.wait(), list(emulator.calls)
        left = [str(tunnel.description) for tunnel in emulator.store.newest_first()]
        ending(cluster.workers[1])
        cluster.start_workers(1)
        emulator.calls.clear()
        tunnelspec(*run, "--select", SEARCH, "--seed", "8", *shared, "--report-dir", "again", cwd=place)
        replayed = [body for _, operation, body in emulator.calls if operation == "OpenTunnel"]
        tunnelspec(*run, *SELECTED, "--report-dir", "alone", cwd=place)
        written = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
        together, again, alone = (place / name / "record.json" for name in ("together", "again", "alone"))
        yield Night(
            together,
            again,
            alone,
            status,
            calls,
            left,
            set(redis.scan_iter("*")),
            replayed,
            written,
            emulator.tokens,
            cluster,
        )


def test_every_case_is_there_once_with_the_verdict_of_one_process(night: Night) -> None:
    """Though a worker was killed in the middle of its unit, which another has begun again."""
    runs = set(re.findall(rb'"run":"([0-9a-f]+)-([0-9a-f]+)"', night.written))
    assert sorted(Counter(unit for unit, _ in runs).values()) == [
        1,
        1,
        1,
        1,
        2,
    ]  # four units, and one of the run after it
    ids = [case["id"] for case in record.read(night.together)["cases"]]
    assert len(ids) == len(set(ids)) > 20
    assert outcomes(night.together) == outcomes(night.alone)
    assert night.status == 1


def test_nothing_is_left_open(night: Night) -> None:
    """Nor is closed what somebody else had open. Redis keeps what searches found, and nothing else of a run."""
    assert night.left == ["somebody else's"]
    assert night.keys
    assert {key.split(b":")[:2] != [b"tunnelspec", b"examples"] for key in night.keys} == {False}


def test_what_one_worker_found_is_sent_first_by_another(night: Night) -> None:
    """The second call shows that it shows again."""
    finding = {case["id"]: case["findings"] for case in record.read(night.together)["cases"]}[SEARCH]
    assert [item["constraint"] for item in finding] == ["OpenTunnel/description/type"]
    assert outcomes(night.again) == {SEARCH: "fail"}
    searched = [body for body in night.replayed if b"description" in body]
    assert 1 <= len(searched) <= 2
    assert night.replayed[-len(searched) :] == searched  # before it, only what every unit sends


def test_the_rate_is_that_of_all_workers_together(night: Night) -> None:
    """Counted at the target, where calls may come in a bunch; two rates would be twice as many."""
    for operation in ("OpenTunnel", "TagResource"):
        times = [at for at, called, _ in night.calls if called == operation]
        assert len(times) <= RATE * (max(times) - min(times) + 2)


def test_no_secret_is_in_logs_or_redis(night: Night) -> None:
    """Neither credentials nor access tokens are in any log, report, or what was ever written to Redis."""
    assert b"tunnelspec:" in night.written  # the log of what Redis has written is among them
    assert len(night.tokens) > 100
    for secret in (SECRETS["AWS_SECRET_ACCESS_KEY"], SECRETS[REDIS_PASSWORD], *night.tokens):
        assert secret.encode() not in night.written


@pytest.fixture(scope="module")
def two_workers(night: Night) -> Cluster:
    """The cluster of that night, with one more worker."""
    night.cluster.start_workers(1)
    return night.cluster


def test_each_worker_searches_on(two_workers: Cluster, contract: Contract, tmp_path: Path) -> None:
    """With the searches that it has, until its share of the budget is spent; `test_nights` has processes."""
    with serve(Emulator(contract)) as server:
        run = ["run", "--endpoint-url", server.url, "--scheduler", two_workers.scheduler, *SEARCHED_ON]
        done = tunnelspec(*run, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert_searched_on(tmp_path / "tunnelspec-report" / "record.json")


def test_a_lost_scheduler_is_no_verdict(two_workers: Cluster, contract: Contract, tmp_path: Path) -> None:
    """One sentence, exit status 3, and reports. A worker closes what it opened; of one that is lost as well, its
    journal says what to close. The last test, as it ends the cluster.
    """
    emulator = Emulator(contract)

    def end() -> None:
        ending(two_workers.processes["scheduler"])
        ending(two_workers.workers[-1])

    with serve(Interrupted(emulator, 12, end)) as server:
        shared = ["--scheduler", two_workers.scheduler, "--redis", two_workers.redis_url]
        done = tunnelspec("run", "--endpoint-url", server.url, "-q", "--select", "tags/*", *shared, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (3, "tunnelspec: the scheduler or its workers were lost\n")
        made = record.read(tmp_path / "tunnelspec-report" / "record.json")
        assert made["totals"]["inconclusive"] == len(made["cases"]) > 20
        wait_for(lambda: not emulator.store.newest_first())
