"""The sweep closes what runs left open, and nothing else, whatever the target returns."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import finish
from tunnelspec.client import Journal, Origin
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, serve

from . import forked
from .accounts import KINDS, RUN, opened, state
from .command import record_of, tunnelspec

FOREIGN = 300


def test_the_sweep_closes_what_is_ours_and_nothing_else(tmp_path: Path, contract: Contract) -> None:
    """By journal, by tag and by the request that was cut off; 300 tunnels of others stay as they are."""
    emulator = Emulator(contract)
    for number in range(FOREIGN):
        opened(emulator, **KINDS[number % len(KINDS)])
    for tunnel in emulator.store.newest_first():
        tunnel.created_at -= 3600
    foreign = state(emulator)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.created(journal.creating("tunnel", b"{}"), opened(emulator))
        journal.created(journal.creating("tunnel", b"{}"), gone := opened(emulator))
        emulator.store.delete(emulator.find(gone["tunnelId"]))
        opened(emulator, tags=[{"key": "tunnelspec-run", "value": RUN}])
        journal.creating("tunnel", b'{"description":"cut off"}')
        opened(emulator, description="cut off")
        other = opened(emulator, description="somebody else's, at the same moment")
        journal.close()
        before = state(emulator)
        named = tunnelspec("sweep", "--journal", "j.jsonl", cwd=tmp_path)
        assert state(emulator) == before
        assert named.stdout.count("would be closed: ") == 3
        assert named.stdout.count("gone already: ") == 1
        careful = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", "--no-unanswered", cwd=tmp_path)
        assert careful.returncode == 1
        assert "not touched" in careful.stdout
        assert len(state(emulator)) == FOREIGN + 2
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
        assert done.returncode == 0
    after = state(emulator)
    assert after.pop(other["tunnelId"]) == before[other["tunnelId"]]
    assert after == foreign
    assert Journal(tmp_path / "j.jsonl").read() == []


def test_the_sweep_finds_old_runs_by_their_tag(tmp_path: Path, contract: Contract) -> None:
    """Without any journal: what is older than asked for, and what carries the named run's tag."""
    emulator = Emulator(contract)
    old = opened(emulator, tags=[{"key": "tunnelspec-run", "value": "aaaaaaaaaaaaaaaa"}])
    emulator.find(old["tunnelId"]).created_at -= 7200
    young = opened(emulator, tags=[{"key": "tunnelspec-run", "value": "bbbbbbbbbbbbbbbb"}])
    plain = opened(emulator)
    emulator.find(plain["tunnelId"]).created_at -= 7200
    with serve(emulator) as server:
        where = ("--endpoint-url", server.url, "--apply")
        assert tunnelspec("sweep", *where, "--older-than", "1h", cwd=tmp_path).returncode == 0
        assert set(state(emulator)) == {young["tunnelId"], plain["tunnelId"]}
        assert tunnelspec("sweep", *where, "--run-id", "b" * 16, cwd=tmp_path).returncode == 0
    assert set(state(emulator)) == {plain["tunnelId"]}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_run_that_is_ended_leaves_nothing(number: signal.Signals, tmp_path: Path, contract: Contract) -> None:
    """On a signal, it closes everything and reports; killed, the sweep closes everything."""
    emulator = Emulator(contract)
    opened(emulator)
    foreign = state(emulator)
    with serve(emulator) as server, open(os.devnull, "w") as nowhere:
        command = ("run", "--endpoint-url", server.url, "--depth", "standard")
        run = forked.Program("tunnelspec", *command, cwd=tmp_path, stdout=nowhere)
        while emulator.store._number < 40:
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(number)
        status = run.wait()
        if number is signal.SIGKILL:
            finish(server)  # the emulator may still be answering
            assert len(state(emulator)) > 1
            assert tunnelspec("sweep", "--apply", cwd=tmp_path).returncode == 0
        else:
            record = record_of(tmp_path)
            assert record["run"]["stopped"] == "the run was interrupted"
            assert record["totals"]["pass"] > 10
            assert status == 3
    assert state(emulator) == foreign


def test_requests_in_flight_are_matched_together(tmp_path: Path, contract: Contract) -> None:
    """Two alike whose responses never arrived: both tunnels are closed, and the journal is empty then."""
    emulator = Emulator(contract)
    other = opened(emulator)
    foreign = state(emulator)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.existing([other])
        for status in (0, 500, 0, 503):
            number = journal.creating("tunnel", b"{}")
            opened(emulator)
            if status:
                journal.unknown(number, f"status {status}", status)
        journal.close()
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
    assert (done.returncode, state(emulator)) == (0, foreign), done.stdout
    assert Journal(tmp_path / "j.jsonl").read() == []


def test_more_tunnels_than_requests_are_left_alone(tmp_path: Path, contract: Contract) -> None:
    """One of two may be somebody else's: neither is closed, the entry stays, and the exit status says so."""
    emulator = Emulator(contract)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.creating("tunnel", b"{}")
        opened(emulator), opened(emulator)
        journal.close()
        before = state(emulator)
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
    assert done.returncode == 1
    assert "none is touched" in done.stdout
    assert state(emulator) == before
    assert len(Journal(tmp_path / "j.jsonl").read()) == 1


@pytest.mark.parametrize("body", [b"{}", b'{"a":1}', b'{"description":null}'])
def test_a_rejected_request_that_said_nothing_is_no_evidence(body: bytes, tmp_path: Path, contract: Contract) -> None:
    """Nor one that said what no tunnel has: somebody else's bare tunnel of the same moment is not touched."""
    emulator = Emulator(contract)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.unknown(journal.creating("tunnel", body), "status 400", 400)
        opened(emulator)
        journal.close()
        before = state(emulator)
        tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
    assert state(emulator) == before


@pytest.mark.parametrize(
    "members",
    [
        {"description": "d", "timeoutConfig": {"maxLifetimeTimeoutMinutes": None}},
        {"description": "d", "timeoutConfig": None},
        {"destinationConfig": {"services": ["SSH"], "thingName": None}},
        {"description": "d", "tags": None, "destinationConfig": None},
    ],
    ids=["inner default", "default", "inner", "others"],
)
def test_null_members_of_a_request_are_absent(members: dict[str, Any], tmp_path: Path, contract: Contract) -> None:
    """A tunnel is recognised by what its request said, and null says nothing, at any depth."""
    emulator = Emulator(contract)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.creating("tunnel", json.dumps(members).encode())
        opened(emulator, **members)
        journal.close()
        assert tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path).returncode == 0
    assert state(emulator) == {}


@pytest.mark.parametrize("kind", ["older", "other arn", "other run's tag"])
def test_what_the_journal_names_is_verified_first(kind: str, tmp_path: Path, contract: Contract) -> None:
    """A target may have returned a foreign tunnel's identifiers: it is described before it is deleted."""
    emulator = Emulator(contract)
    tags = [{"key": "tunnelspec-run", "value": "f" * 16}] if kind == "other run's tag" else []
    foreign = opened(emulator, **({"tags": tags} if tags else {}))
    if kind == "older":
        emulator.find(foreign["tunnelId"]).created_at -= 3600
    if kind == "other arn":
        foreign = {**foreign, "tunnelArn": opened(emulator)["tunnelArn"]}
    before = state(emulator)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.created(journal.creating("tunnel", b"{}"), foreign)
        journal.close()
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert "not touched" in done.stdout
    assert state(emulator) == before
    assert len(Journal(tmp_path / "j.jsonl").read()) == 1


def test_a_deletion_that_does_nothing_is_reported(tmp_path: Path, contract: Contract) -> None:
    """An accepted CloseTunnel is no proof: the tunnel is described once more, and the entry stays."""
    emulator = Emulator(contract)
    emulator.operations["CloseTunnel"] = lambda params: {}
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        journal.created(journal.creating("tunnel", b"{}"), opened(emulator))
        journal.close()
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
    assert done.returncode == 1
    assert "not closed: " in done.stdout
    assert len(Journal(tmp_path / "j.jsonl").read()) == 1


class _Failing(Emulator):
    """Responds to so many requests."""

    left = 8

    def handle(self, request: HttpRequest) -> HttpResponse:
        self.left -= 1
        if self.left < 0:
            raise ConnectionAbortedError
        return super().handle(request)


def test_an_endpoint_that_stops_responding_loses_nothing(tmp_path: Path, contract: Contract) -> None:
    """What was closed before is written down; the rest stays open in the journal."""
    emulator = _Failing(contract)
    with serve(emulator) as server:
        journal = Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))
        for _ in range(6):
            journal.created(journal.creating("tunnel", b"{}"), opened(emulator))
        journal.close()
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
        assert done.returncode in (1, 3)
        assert "Traceback" not in done.stderr
        left = {entry.identifiers["tunnelId"] for entry in Journal(tmp_path / "j.jsonl").read()}
        assert 0 < len(left) < 6
        assert set(state(emulator)) <= left
        emulator.left = 1000
        assert tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path).returncode == 0
    assert state(emulator) == {}


class _OpensAndSays(Emulator):
    """Opens a tunnel, and responds with something else."""

    status, body = 200, b""

    def handle(self, request: HttpRequest) -> HttpResponse:
        answer = super().handle(request)
        if request.operation == "OpenTunnel" and answer.status == 200:
            answer.status, answer.body = self.status, self.body
        return answer


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (201, b""), (200, b"\x00garbage"), (400, b'{"__type":"X"}')],
)
def test_a_target_that_opens_and_says_otherwise(status: int, body: bytes, tmp_path: Path, contract: Contract) -> None:
    """After the run and the sweep no tunnel of the run is left, and no foreign one is touched.

    A rejected request that said nothing shows nothing about a tunnel without any mark: that one is left, and
    the exit status and the journal say so.
    """
    emulator = _OpensAndSays(contract)
    emulator.status, emulator.body = status, body
    for number in range(20):
        opened(emulator, **KINDS[number % len(KINDS)])
    for tunnel in emulator.store.newest_first():
        tunnel.created_at -= 3600
    foreign = state(emulator)
    with serve(emulator) as server:
        where = ("--endpoint-url", server.url, "--select", "validation/OpenTunnel/description/*")
        tunnelspec("run", *where, "--timeout", 2, cwd=tmp_path)
        done = tunnelspec("sweep", "--apply", cwd=tmp_path)
    after = state(emulator)
    assert {name: after.get(name) for name in foreign} == foreign
    left = Journal(tmp_path / "tunnelspec-report/journal.jsonl").read()
    assert (len(after) == len(foreign)) == (done.returncode == 0) == (left == []), done.stdout
    assert status == 400 or done.returncode == 0, done.stdout
