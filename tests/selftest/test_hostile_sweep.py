"""A sweep touches nothing that existed before the run, whatever the target says of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tunnelspec.client import Journal, Origin
from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, Emulator, serve
from tunnelspec.emulator.protocol import Params
from tunnelspec.emulator.store import Tunnel
from tunnelspec.ownership.candidate import NEAR, SweepOutcome, SweepResult, SweepScope
from tunnelspec.ownership.sweep import Sweep
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.session import Session

from .accounts import KINDS, RUN, opened, state
from .command import tunnelspec

FOREIGN = 300


class Liar(Emulator):
    """Says of every tunnel what `lies` name."""

    lies: frozenset[str] = frozenset()

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        """The tag of the run."""
        return [{"key": "tunnelspec-run", "value": RUN}] if "tags" in self.lies else super().tags_of(tunnel)

    def shared_members(self, tunnel: Tunnel) -> Params:
        """Created this moment, or with the ARN of another."""
        members = super().shared_members(tunnel)
        if "times" in self.lies:
            members["createdAt"] = self.timestamp(self.clock())
        if "arns" in self.lies:
            members["tunnelArn"] = self.store.newest_first()[0].arn
        return members

    def description(self, tunnel: Tunnel) -> Params:
        """Without all that a request may say, as if none had said anything."""
        described = super().description(tunnel)
        return {k: v for k, v in described.items() if k != "description"} if "bare" in self.lies else described

    def find(self, tunnel_id: str) -> Tunnel:
        """Also by an id in other letters."""
        if "case" in self.lies:
            tunnel_id = next((t.id for t in self.store.newest_first() if t.id.lower() == tunnel_id.lower()), tunnel_id)
        return super().find(tunnel_id)


LIES = ["", "tags", "times", "tags times", "tags times bare", "tags times bare arns", "tags times bare case"]


def account(contract: Contract, lies: str) -> tuple[Liar, dict[str, str]]:
    """An emulator in which others have tunnels, and what it knows of them."""
    emulator = Liar(contract)
    for number in range(FOREIGN):
        opened(emulator, **KINDS[number % len(KINDS)])
    emulator.lies = frozenset(lies.split())
    return emulator, state(emulator)


def swept(contract: Contract, emulator: Emulator, journal: Journal) -> tuple[list[SweepResult], list[str]]:
    """Sweep a killed run's journal, and close all that it can show to be the run's; the results and the notes."""
    session = Session(contract, DirectSender(emulator))
    sweep = Sweep(
        contract,
        journal.start(),
        session.inspect,
        SweepScope(
            frozenset({RUN}),
            guess=True,
            window=replace(NEAR, settles=timedelta()),
            existed_before=journal.existed_before,
        ),
        logs=(journal,),
        apply=True,
    )
    return list(sweep.run()), sweep.notes


@pytest.mark.parametrize("lies", LIES)
def test_nothing_that_existed_before_is_touched(lies: str, tmp_path: Path, contract: Contract) -> None:
    """By journal, by tag or by an unanswered request; the journal names foreign tunnels as well, as after a response
    that did. What is the run's is closed, unless the target describes everything as something else."""
    emulator, foreign = account(contract, lies)
    journal = Journal(tmp_path / "j.jsonl", Origin(RUN, "http://x", "us-east-1"))
    journal.existing({"tunnelId": t.id, "tunnelArn": t.arn} for t in emulator.store.newest_first())
    others = emulator.store.newest_first()
    for other in others[:3]:
        journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": other.id, "tunnelArn": other.arn})
    shouted = others[4].id.upper()
    journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": shouted, "tunnelArn": f"arn:x/{shouted}"})
    own = {opened(emulator)["tunnelId"], opened(emulator)["tunnelId"]}
    for name in sorted(own):
        arn = emulator.find(name).arn
        journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": name, "tunnelArn": arn})
    for status in (0, 500, 503):
        journal.unknown(journal.creating("tunnel", b"{}"), "no response", status)
    journal.close()
    _, notes = swept(contract, emulator, journal)
    journal.close()
    after = state(emulator)
    assert {name: after.get(name) for name in foreign} == foreign
    if "arns" not in lies:
        assert not own & after.keys()
    if lies.startswith("tags"):
        assert any("tags prove nothing" in note for note in notes)
    assert len(journal.open_entries()) >= 3, "what may be somebody else's stays written down"


def _never(emulator: Liar) -> None:
    """Nothing is changed."""


def _lists_nothing(emulator: Liar) -> None:
    emulator.operations["ListTunnels"] = lambda params: {"tunnelSummaries": []}


def _describes_others(emulator: Liar) -> None:
    emulator.operations["DescribeTunnel"] = lambda params: {
        "tunnel": emulator.description(emulator.store.newest_first()[-1])
    }


@pytest.mark.parametrize("change", [_never, _lists_nothing, _describes_others])
def test_what_the_journal_names_is_closed_by_its_own_name_only(
    change: Callable[[Liar], None], tmp_path: Path, contract: Contract
) -> None:
    """Whatever lists show; where a description is of another tunnel, nothing is closed, and the entry stays."""
    emulator, foreign = account(contract, "")
    journal = Journal(tmp_path / "j.jsonl", Origin(RUN, "http://x", "us-east-1"))
    journal.existing({"tunnelId": t.id, "tunnelArn": t.arn} for t in emulator.store.newest_first())
    own = opened(emulator)
    journal.created(journal.creating("tunnel", b"{}"), own)
    journal.close()
    change(emulator)
    results, _ = swept(contract, emulator, journal)
    after = state(emulator)
    assert {name: after.get(name) for name in foreign} == foreign
    if change is _describes_others:
        assert [result.outcome for result in results] == [SweepOutcome.DOUBTFUL]
        assert own["tunnelId"] in after
        assert len(journal.own_entries()) == 1
    else:
        assert [result.outcome for result in results] == [SweepOutcome.CLOSED]
        assert own["tunnelId"] not in after
    journal.close()


@pytest.mark.parametrize("member", ["tunnelId", "nextToken"])
def test_a_list_of_gigabytes_is_not_kept(member: str, contract: Contract) -> None:
    """Each page has a new tunnel and a new token, one of them of a megabyte."""
    emulator, pages = Emulator(contract), 0

    def listed(params: Params) -> Params:
        nonlocal pages
        pages += 1
        texts = {"tunnelId": f"t{pages}", "nextToken": f"p{pages}"}
        texts[member] += "x" * 2**20
        summary = {"tunnelId": texts["tunnelId"], "tunnelArn": f"arn:x/{pages}"}
        return {"tunnelSummaries": [summary], "nextToken": texts["nextToken"]}

    emulator.operations["ListTunnels"] = listed
    emulator.validators["ListTunnels"] = dict
    session = Session(contract, DirectSender(emulator))
    session.list_existing()
    assert session.ownership.notes == ["What existed before the run is not known: ListTunnels has no last page."]
    assert pages < 100


class _Hidden(Emulator):
    """Finds no tunnel that it lists."""

    def find(self, tunnel_id: str) -> Tunnel:
        raise ApiError("ResourceNotFoundException", f"Tunnel {tunnel_id} not found")


def test_what_a_list_shows_is_not_gone(tmp_path: Path, contract: Contract) -> None:
    """Though the target does not find it by its name: the journal's entry stays open."""
    emulator = _Hidden(contract)
    with serve(emulator) as server:
        with closing(Journal(tmp_path / "j.jsonl", Origin(RUN, server.url, "us-east-1"))) as journal:
            journal.created(journal.creating("tunnel", b"{}"), opened(emulator))
        done = tunnelspec("sweep", "--journal", "j.jsonl", "--apply", cwd=tmp_path)
    assert done.returncode == 1
    assert "not found by its name, but a list shows it" in " ".join(done.stdout.split())
    assert len(Journal(tmp_path / "j.jsonl").read()) == 1
