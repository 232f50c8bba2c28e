"""Identifiers outside the contract's pattern: what they name is tested and deleted, or reported as still open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunnelspec.client import Journal
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.emulator.store import Store
from tunnelspec.faults import seeded
from tunnelspec.faults.catalogue import combined
from tunnelspec.faults.stores import with_ids

from .command import record_of, tunnelspec

FORMS = ["a/b/{}", "t.{}", "t%20{}", "##vso[task.complete]{}", "é{}"]
LENIENT = [f"derived/{name}/tunnelId/pattern/dropped" for name in ("DescribeTunnel", "CloseTunnel")]
SELECTED = (
    "--select",
    "protocol/*/plain",
    "--select",
    "lifecycle/CloseTunnel/closed",
    "--select",
    "tags/TagResource/*",
)


def strange(form: str) -> type[Emulator]:
    """An emulator whose ids have this form, with the tunnel's number in it."""

    class Strange(Emulator):
        def make_store(self) -> Store:
            return with_ids(self, form.format)

    return Strange


def run(emulator: Emulator, cwd: Path) -> str:
    """Run some cases against it; what is printed."""
    with serve(emulator) as server:
        done = tunnelspec("run", "--endpoint-url", server.url, *SELECTED, cwd=cwd)
    return done.stdout + done.stderr


@pytest.mark.parametrize("form", FORMS[:-1])
def test_what_they_name_is_tested_and_deleted(form: str, contract: Contract, tmp_path: Path) -> None:
    """Where the target takes them itself."""
    emulator = combined(strange(form), seeded(contract, LENIENT))(contract)
    run(emulator, tmp_path)
    assert emulator.store.newest_first() == []
    outcomes = {case["id"]: case["outcome"] for case in record_of(tmp_path)["cases"]}
    assert outcomes["lifecycle/CloseTunnel/closed"] == "pass"
    assert "inconclusive" not in outcomes.values()


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_deleted_is_reported(form: str, contract: Contract, tmp_path: Path) -> None:
    """Where the target refuses what it issued, or what it issued may not be repeated: all of it is in the journal."""
    emulator = strange(form)(contract)
    printed = run(emulator, tmp_path)
    left = len(emulator.store.newest_first())
    assert left > 0
    assert "may still be open" in printed or "may have opened" in printed
    assert len(Journal(tmp_path / "tunnelspec-report/journal.jsonl").read()) >= left
