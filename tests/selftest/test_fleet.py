"""A run in parts, by processes and by shards, has the results of a run in one piece."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from tunnelspec.checks import CHECKS
from tunnelspec.checks.registry import CheckContext, Yielded
from tunnelspec.cli import main
from tunnelspec.client import Journal, Origin
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Params, Server, serve
from tunnelspec.faults import seeded
from tunnelspec.fleet import leftovers
from tunnelspec.fleet.leftovers import close_left
from tunnelspec.fleet.unit import Unit
from tunnelspec.record import document as record
from tunnelspec.record.merge import share
from tunnelspec.runner.settings import Settings

from . import forked
from .command import tunnelspec

#: One fault that shows in every list, whoever opened what it lists, and one of what calls do to one another.
FAULTS = ("shapes/iso-timestamps", "tags/added-twice")
#: Cases of every kind that are cheap together.
CASES = ("protocol/*/plain", "validation/*/tagKeys*", "lifecycle/*Tunnel/c*", "tags/*", "search/ListTunnels/valid")
SELECTED = [word for glob in CASES for word in ("--select", glob)]


@pytest.fixture
def target(contract: Contract) -> Iterator[Server]:
    """An emulator with these faults."""
    with serve(seeded(contract, FAULTS)(contract)) as server:
        yield server


def outcomes(path: Path) -> dict[str, str]:
    """The outcome of each case of a record."""
    return {case["id"]: case["outcome"] for case in record.read(path)["cases"]}


def test_parts_have_the_outcomes_of_the_whole(target: Server, tmp_path: Path) -> None:
    """The same cases, verdicts and exit status by one process, by two, and by three shards that are merged."""
    run = ["run", "--endpoint-url", target.url, "--seed", "7", "-q", *SELECTED]
    alone = tunnelspec(*run, "--report-dir", "alone", cwd=tmp_path)
    together = tunnelspec(*run, "--workers", 2, "--report-dir", "together", cwd=tmp_path)
    for number in (1, 2, 3):
        tunnelspec(*run, "--shard", f"{number}/3", "--report-dir", f"shard-{number}", cwd=tmp_path)
    shards = [f"shard-{number}" for number in (2, 3, 1)]
    merged = tunnelspec("report", "merge", *shards, "--report-dir", "merged", cwd=tmp_path)
    whole = outcomes(tmp_path / "alone" / "record.json")
    assert len(whole) > 70
    assert outcomes(tmp_path / "together" / "record.json") == whole
    assert outcomes(tmp_path / "merged" / "record.json") == whole
    assert {"pass", "fail"} <= set(whole.values())
    assert {alone.returncode, together.returncode, merged.returncode} == {1}


def test_shards_are_merged_only_whole(target: Server, tmp_path: Path) -> None:
    """Each refusal is one sentence, and exit status 2."""
    made: dict[str, record.Record] = {}
    for name, seed, shard in (("one", 7, "1/2"), ("two", 7, "2/2"), ("other", 8, "2/2"), ("third", 7, "3/3")):
        run = ["run", "--endpoint-url", target.url, "--select", "protocol/*/plain", "--seed", seed]
        tunnelspec(*run, "--shard", shard, "--report-dir", name, cwd=tmp_path)
        made[name] = record.read(tmp_path / name / "record.json")
    ids = [case["id"] for name in ("one", "two") for case in made[name]["cases"]]
    assert len(ids) == len(set(ids)) == 8
    assert all(share(case["id"], 2) == 1 for case in made["one"]["cases"])
    for names, words in (
        (["one"], "Shard 2/2 is missing."),
        (["one", "two", "two"], "Shard 2/2 is there twice: two/record.json and two/record.json."),
        (["one", "other"], "one/record.json and other/record.json are of different runs: run.seed is 7 and 8."),
        (["one", "third"], "These are shards of different runs: of 2 and of 3."),
    ):
        done = tunnelspec("report", "merge", *names, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, f"tunnelspec: {words}\n")
    done = tunnelspec("run", "--shard", "3/2", cwd=tmp_path)
    assert done.returncode == 2
    assert "'3/2' is no share such as 2/3" in done.stderr


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_what_units_left_is_settled_together(order: str, contract: Contract, tmp_path: Path) -> None:
    """What one unit's request opened is no reason to keep another's, which was rejected at the same moment."""
    emulator = seeded(contract, [])(contract)
    with serve(emulator) as server:
        for name in order:
            journal = Journal(tmp_path / name, Origin(f"8899aabbccddee{name * 2}".lower(), server.url, "us-east-1"))
            number = journal.creating("tunnel", b"{}" if name == "A" else b'{"description": "d"}')
            if name == "A":
                journal.unknown(number, "status 400", 400)
            else:
                emulator.open_tunnel({"description": "d"})
            journal.close()
        settled = close_left(Settings(server.url), contract, [tmp_path / name for name in order], None)
    assert emulator.store.newest_first() == []
    assert settled.left == ()
    assert settled.notes == []


def test_an_orphan_looks_again(contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At first its tunnel cannot be distinguished from another orphan's; while it waits, that one is closed."""
    emulator = Emulator(contract)

    def pause(seconds: float) -> None:
        if seconds:
            emulator.delete(emulator.store.newest_first()[0])

    monkeypatch.setattr(leftovers, "time", SimpleNamespace(sleep=pause))
    with serve(emulator) as server:
        unit = Unit(0, (), "quick", 0, Settings(server.url), tmp_path / "journal.jsonl", "8899aabbccddeeff")
        journal = Journal(unit.journal, Origin(unit.run, server.url, "us-east-1"))
        journal.creating("tunnel", b"{}")
        journal.close()
        for _ in range(2):
            emulator.open_tunnel({})
        assert leftovers.close_orphaned(unit, 0).left == ()
    assert emulator.store.newest_first() == []


class _Slow(Emulator):
    """A tunnel is there a moment after the request: no run has ended before it is stopped, and what is stopped
    meanwhile has opened it all the same."""

    seconds = 0.3

    def open_tunnel(self, params: Params) -> Params:
        if self.store.newest_first():
            time.sleep(self.seconds)
        return super().open_tunnel(params)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers in /proc")
@pytest.mark.parametrize("event", ["worker killed", "interrupted", "killed"])
def test_nothing_is_lost_or_left(event: str, contract: Contract, tmp_path: Path) -> None:
    """A worker that dies is replaced, and its cases are run again; a signal ends all workers, with reports; and no
    worker outlives the process that started it."""
    emulator = _Slow(contract)
    with serve(emulator) as server:
        command = ["run", "--endpoint-url", server.url, "--workers", "2", "--select", "validation/OpenTunnel/*"]
        process = forked.Program("tunnelspec", *command, cwd=tmp_path)
        while not emulator.store.newest_first():
            assert process.poll() is None
            time.sleep(0.02)
        workers = [*map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())]
        if event == "interrupted":
            process.send_signal(signal.SIGINT)
        else:
            os.kill(process.pid if event == "killed" else workers[0], signal.SIGKILL)
        if event == "worker killed":
            emulator.seconds = 0  # the rest goes to its end
        # The output ends when no process has it open any more, the workers among them.
        output = process.output.read()
        status = process.wait()
        if event == "killed" and emulator.store.newest_first():
            # What one worker had in flight may look like the other's as long as that takes to close it.
            assert tunnelspec("sweep", "--apply", cwd=tmp_path).returncode == 0
    assert emulator.store.newest_first() == []
    if event == "killed":
        return
    made = record.read(tmp_path / "tunnelspec-report" / "record.json")
    ids = [case["id"] for case in made["cases"]]
    assert len(ids) == len(set(ids)) > 100
    if event == "interrupted":
        assert status == 3, output
        assert made["run"].get("stopped") == "the run was interrupted"
    else:
        assert status == 0, output
        assert made["totals"]["pass"] == len(ids)


def test_a_failure_of_our_own_is_no_verdict(
    contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 3, one sentence, and a file to send, without the secrets that the target issued."""

    def failing(context: CheckContext) -> Iterator[Yielded]:
        raise ZeroDivisionError(str(context.exchange.response.body if context.exchange.response else ""))
        yield

    name = "protocol/content-type"
    monkeypatch.setitem(CHECKS, name, replace(CHECKS[name], function=failing))
    with serve(seeded(contract, [])(contract)) as server:
        arguments = ["--endpoint-url", server.url, "--select", "lifecycle/OpenTunnel/*", "--report-dir", str(tmp_path)]
        done = CliRunner().invoke(main, ["run", *arguments])
    assert done.exit_code == 3
    assert "tunnelspec itself failed; the target is not to blame." in done.output
    sent = (tmp_path / "internal-errors.txt").read_text()
    assert "ZeroDivisionError" in sent
    assert "<redacted:sourceAccessToken>" in sent
