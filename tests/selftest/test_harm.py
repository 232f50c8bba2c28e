"""A run touches nothing foreign, whatever a target returns, and loses nothing if a disk fills or a file is damaged."""

from __future__ import annotations

import errno
import random
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from benchmarks.fuzz_files import Kind, kinds, mutated, problem_of
from tunnelspec.client import journal_file
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.exchange import Request
from tunnelspec.faults import seeded
from tunnelspec.ownership.owned import Ownership
from tunnelspec.runner.case import Case
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.encode import encode
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target
from tunnelspec.schemathesis.target_session import TargetSession

from .accounts import RUN, state
from .hostile import FOREIGN, Closed, Hostile, Later, OnceInThree, OtherArn, OtherCase, OtherId, OtherRegion, TwoOthers

WAYS = [Hostile, Closed, OnceInThree, Later, OtherArn, OtherId, TwoOthers, OtherRegion, OtherCase]
SELECTIONS = ("validation/OpenTunnel/*", "journeys/*", "tags/*", "[lit]*/*/*")


def attacked(contract: Contract, cases: list[Case], emulator: Emulator) -> tuple[Run, Ownership]:
    """A run of these cases, whose sessions are all closed at its end."""
    sender, ownership = DirectSender(emulator), Ownership(RUN, "us-east-1")
    run = run_cases(
        contract,
        cases,
        lambda: Session(contract, sender, RunContext(ownership=ownership)),
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
        chosen = [replace(case, settings=replace(case.settings, examples=10)) for case in chosen]
    run, _ = attacked(contract, chosen, emulator)
    assert emulator.touched == 0
    rules = {item.finding.rule for result in run.results for item in result.evidence}
    assert "lifecycle/new" in rules
    assert not run.errors


@pytest.mark.parametrize("way", WAYS)
def test_calls_of_schemathesis_name_nothing_foreign(way: type[Hostile], contract: Contract) -> None:
    """Neither what OpenTunnel returned nor what a list showed; a run of its calls leaves all 300 as they were."""
    emulator = way(contract)
    with serve(emulator) as server, open_target(Settings(endpoint_url=server.url), contract) as target:
        shown = {name for tunnel in emulator.foreign for name in (tunnel.id, tunnel.arn)}
        hooks = TargetSession(contract, target, shown)
        for number, name in enumerate(sorted(shown)[::15]):
            is_arn = name.startswith("arn:")
            operation = "UntagResource" if is_arn else "CloseTunnel"
            given = {"resourceArn": name, "tagKeys": ["tunnelspec-run"]} if is_arn else {"tunnelId": name}
            body = hooks.named(operation, given)
            assert shown.isdisjoint(map(str, body.values()))
            # Schemathesis sends it, past everything that a session refuses.
            DirectSender(emulator).send(encode(Request(operation, body), contract, {}))
            if number % 3 == 0:
                hooks.discard()
    assert emulator.touched == 0


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


def test_a_body_that_is_left_unread_does_not_mislead_the_clean_up(
    tmp_path: Path, contract: Contract, cases: list[Case]
) -> None:
    """A server that takes the rest of a request for the next one: what is open is read on a fresh connection."""
    emulator = seeded(contract, ["http/body-left-unread"])(contract)
    served = serve(emulator, connection=emulator.connection())
    rejected = [case for case in cases if case.id == "validation/OpenTunnel/tags/maxItems/above"]
    with served as server, open_target(Settings(server.url), contract, tmp_path / "journal.jsonl") as target:
        run_cases(contract, rejected, target.make_session, probes=())
        assert len(target.journal.own_entries()) > 0
        target.settle()
    assert target.notes == []
    assert state(emulator) == {}
    assert target.journal.own_entries() == []


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
    for _ in range(50):
        path = kind.path(tmp_path)
        path.write_bytes(mutated(chance.choice(kind.seeds), chance))
        assert problem_of(kind, path) == ""
