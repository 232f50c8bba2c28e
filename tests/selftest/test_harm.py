"""A run touches nothing foreign, whatever a hostile target returns, and sends no more than its budgets allow."""

from __future__ import annotations

import errno
import random
import threading
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fuzz_files import Kind, kinds, mutated, problem_of
from tunnelspec.client import Journal, journal_file
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.emulator.store import Tunnel
from tunnelspec.record import document as record
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.ownership import Ownership
from tunnelspec.runner.pace import Pace
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target

from .command import tunnelspec
from .test_sweep import KINDS, state

RUN = "8899aabbccddeeff"
FOREIGN = 300
_ELSEWHERE = "arn:aws:iot:eu-central-1:123456789012:tunnel/"


class Hostile(Emulator):
    """OpenTunnel returns identifiers of other people's tunnels. A tenth of these are closed."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        super().__init__(contract, **options)
        self.opens = 0
        self.chance = random.Random(11)
        self.foreign: list[Tunnel] = []
        for number in range(FOREIGN):
            members = dict(KINDS[number % len(KINDS)])
            output = super().open_tunnel(self.validate("OpenTunnel", members))
            tunnel = self.find(output["tunnelId"])
            tunnel.created_at -= 3600
            if number % 10 == 0:
                self.store.close(tunnel)
            self.foreign.append(tunnel)
        self.before = state(self)

    def open_tunnel(self, params: dict[str, Any]) -> dict[str, Any]:
        """Open a tunnel and return what `returned` makes of it."""
        self.opens += 1
        output = super().open_tunnel(params)
        output["tunnelId"], output["tunnelArn"] = self.returned(output["tunnelId"], output["tunnelArn"])
        return output

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """The identifiers that OpenTunnel returns in place of these."""
        other = self.chance.choice(self.foreign)
        return other.id, other.arn

    @property
    def touched(self) -> int:
        """How many foreign tunnels are not as they were."""
        after = state(self)
        return sum(after.get(name) != known for name, known in self.before.items())


class Closed(Hostile):
    """Closed ones only."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """One that is closed."""
        other = self.chance.choice(self.foreign[::10])
        return other.id, other.arn


class OnceInThree(Hostile):
    """Every third time."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """A foreign one each third time."""
        return (name, arn) if self.opens % 3 else super().returned(name, arn)


class Later(Hostile):
    """After a while."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """A foreign one once twelve were opened."""
        return (name, arn) if self.opens <= 12 else super().returned(name, arn)


class OtherArn(Hostile):
    """The id of the new tunnel, the ARN of another one."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """Half of each."""
        return name, super().returned(name, arn)[1]


class OtherId(Hostile):
    """The ARN of the new tunnel, the id of another one."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """Half of each."""
        return super().returned(name, arn)[0], arn


class TwoOthers(Hostile):
    """Id and ARN of two other tunnels."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """Half of each."""
        return super().returned(name, arn)[0], super().returned(name, arn)[1]


class OtherRegion(Hostile):
    """Tunnels of another region, which no list shows."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        super().__init__(contract, **options)
        for tunnel in self.foreign:
            tunnel.arn = _ELSEWHERE + tunnel.id
        self.before = state(self)

    def listed(self, thing: str | None) -> list[Tunnel]:
        """Those of this region."""
        return [tunnel for tunnel in super().listed(thing) if not tunnel.arn.startswith(_ELSEWHERE)]

    def find_arn(self, arn: str) -> Tunnel:
        """Found in every region: this target checks nothing."""
        return self.find(arn.rsplit("/", 1)[-1])


class OtherCase(Hostile):
    """New identifiers that name, in this target, an existing tunnel: their id in the ARN of another account."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """An ARN of another account."""
        return name, super().returned(name, arn)[1].replace("123456789012", "999999999999")

    def find_arn(self, arn: str) -> Tunnel:
        """Found in every account: this target checks nothing."""
        return self.find(arn.rsplit("/", 1)[-1])


WAYS = [Hostile, Closed, OnceInThree, Later, OtherArn, OtherId, TwoOthers, OtherRegion, OtherCase]
SELECTIONS = ("validation/OpenTunnel/*", "journeys/*", "tags/*", "[lit]*/*/*")


def attacked(contract: Contract, cases: list[Case], emulator: Emulator) -> tuple[Run, Ownership]:
    """A run of these cases, whose sessions are all closed at its end."""
    sender, ownership = DirectSender(emulator), Ownership(RUN, "us-east-1")
    run = run_cases(
        contract,
        cases,
        lambda: Session(contract, sender, ownership=ownership, run=RUN),
        probes=presence_cases(contract),
    )
    return run, ownership


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("glob", SELECTIONS)
def test_no_foreign_tunnel_is_touched(way: type[Hostile], glob: str, contract: Contract, cases: list[Case]) -> None:
    """Not one of 300 is deleted, closed, tagged or rotated, and the response is a MUST finding."""
    emulator = way(contract)
    chosen = [case for case in cases if fnmatchcase(case.id, glob)]
    if glob == "journeys/*":
        chosen = [replace(case, settings={**case.settings, "examples": 20}) for case in chosen]
    run, _ = attacked(contract, chosen, emulator)
    assert emulator.touched == 0
    rules = {item.finding.rule for result in run.results for item in result.evidence}
    assert "lifecycle/new" in rules
    assert not run.errors


def test_the_target_itself_is_not_flagged(contract: Contract, cases: list[Case]) -> None:
    """300 tunnels of others, and the reference emulator: nothing is found, all of ours is closed."""

    class Peaceful(Hostile):
        def returned(self, name: str, arn: str) -> tuple[str, str]:
            return name, arn

    emulator = Peaceful(contract)
    run, _ = attacked(contract, [case for case in cases if fnmatchcase(case.id, "[lit]*")], emulator)
    assert run.totals()["fail"] == run.totals()["warn"] == 0
    assert emulator.touched == 0
    assert len(state(emulator)) == FOREIGN


@pytest.mark.parametrize("lines", [0, 1, 2, 9, 40])
def test_a_disk_that_fills_ends_the_run_and_leaves_nothing(
    lines: int, tmp_path: Path, contract: Contract, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever line of the journal is the first that cannot be written; the file has an entry too many at most."""
    emulator, write, written = Emulator(contract), journal_file.write, 0

    def full(descriptor: int, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > lines:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(descriptor, content)

    with serve(emulator) as server, open_target(Settings(server.url), contract, tmp_path / "journal.jsonl") as target:
        monkeypatch.setattr(journal_file, "write", full)
        run = run_cases(contract, cases, target.make_session, probes=presence_cases(contract))
        target.settle()
        monkeypatch.setattr(journal_file, "write", write)
    assert run.stopped.endswith("cannot be written: No space left on device.")
    assert run.errors == []
    assert state(emulator) == {}
    assert target.journal.own_entries() == []


class Proxy:
    """Counts what arrives at an emulator; may throttle, break connections, or respond with 500 after opening."""

    def __init__(self, emulator: Emulator, trouble: str) -> None:
        self.emulator, self.trouble = emulator, trouble
        self.requests = self.creates = 0
        self.lock = threading.Lock()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Count a request, and respond."""
        target = request.headers.get("x-amz-target", "")
        with self.lock:
            self.requests += 1
            self.creates += target.endswith(".OpenTunnel")
            number = self.requests
        if self.trouble == "throttles" and number % 7 == 0:
            body = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
            return HttpResponse(400, [("Content-Type", "application/x-amz-json-1.1")], body)
        if self.trouble == "breaks" and number % 5 == 0:
            raise ConnectionResetError
        response = self.emulator.handle(request)
        if self.trouble == "opens and fails" and target.endswith(".OpenTunnel"):
            return HttpResponse(500, [("Content-Type", "application/x-amz-json-1.1")], b"{}")
        if self.trouble == "opens and breaks" and target.endswith(".OpenTunnel"):
            raise ConnectionResetError
        return response


@pytest.mark.parametrize("trouble", ["", "throttles", "breaks", "opens and fails", "opens and breaks"])
@pytest.mark.parametrize(
    "budget",
    [Settings(max_requests=45), Settings(max_requests=160), Settings(max_creates=12), Settings(max_seconds=0.3)],
)
def test_a_proxy_counts_what_the_run_counts(
    trouble: str, budget: Settings, tmp_path: Path, contract: Contract, cases: list[Case]
) -> None:
    """Retries, probes, confirmation, resends and clean-up among them; no budget is exceeded, nothing is left."""
    proxy = Proxy(Emulator(contract), trouble)
    chosen = [case for case in cases if case.area in ("protocol", "lifecycle", "tags")]
    with serve(proxy) as server:
        settings = replace(budget, endpoint_url=server.url)
        with open_target(settings, contract, tmp_path / "journal.jsonl") as target:
            target.budget.pace = Pace(sleep=lambda seconds: None)
            run_cases(contract, chosen, target.make_session, probes=presence_cases(contract))
            target.settle()
            left = target.journal.own_entries()
        assert target.budget.requests == proxy.requests
        assert proxy.requests <= (budget.max_requests or proxy.requests)
        assert proxy.creates <= (budget.max_creates or proxy.creates)
    assert len(state(proxy.emulator)) <= len(left)
    if trouble not in ("breaks", "opens and breaks"):
        assert state(proxy.emulator) == {}


@pytest.mark.parametrize(
    ("trouble", "budget"),
    [("", ("--max-requests", 150)), ("opens and fails", ("--max-tunnels", 30)), ("", ("--max-seconds", 2))],
)
def test_a_proxy_counts_what_all_workers_count(
    trouble: str, budget: tuple[str, int], tmp_path: Path, contract: Contract
) -> None:
    """Two processes, and what closes their leftovers at the end, are one run with one count and one budget."""
    proxy = Proxy(Emulator(contract), trouble)
    select = [word for glob in ("protocol/*", "lifecycle/*", "tags/*") for word in ("--select", glob)]
    with serve(proxy) as server:
        tunnelspec("run", "--endpoint-url", server.url, "--workers", 2, *budget, *select, cwd=tmp_path)
    made = record.read(tmp_path / "tunnelspec-report" / "record.json")
    assert made["run"]["requests"] == proxy.requests
    assert budget[0] != "--max-requests" or proxy.requests <= budget[1]
    assert budget[0] != "--max-tunnels" or proxy.creates <= budget[1]
    assert budget[0] != "--max-tunnels" or proxy.creates > 5
    left = [entry for path in (tmp_path / "tunnelspec-report").glob("journal*") for entry in Journal(path).read()]
    assert len(state(proxy.emulator)) <= len(left)
    assert trouble or left == []


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kind]:
    """Every reader of files, by the name of what it reads."""
    return {kind.name: kind for kind in kinds(tmp_path_factory.mktemp("files"))}


@pytest.mark.parametrize("name", ["journal", "record", "baseline", "examples", "document", "settings", "project"])
def test_mutated_files_are_read_or_refused(name: str, tmp_path: Path, readers: dict[str, Kind]) -> None:
    """By the reader's own error, in one sentence that names the file, and in bounded time.

    `nox -s fuzz_files` tries many thousands.
    """
    kind, chance = readers[name], random.Random(17)
    for _ in range(100):
        path = kind.path(tmp_path)
        path.write_bytes(mutated(chance.choice(kind.seeds), chance))
        assert problem_of(kind, path) == ""
