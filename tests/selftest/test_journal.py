"""The journal: events, proofs, damage, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunnelspec.client import Journal, JournalBusy, Origin, Redactor, Sealer
from tunnelspec.client import journal as journal_module
from tunnelspec.contract import Contract
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target

from .accounts import NAMES, RUN, journal_in


def test_an_entry_is_open_until_it_is_proved_closed(tmp_path: Path) -> None:
    """Only a proof closes it; what the next run reads says as much as the last one wrote."""
    journal = journal_in(tmp_path)
    numbers = [journal.creating("tunnel", b'{"description": "x"}') for _ in range(5)]
    journal.not_created(numbers[0], "it was never sent")
    assert journal.created(numbers[1], NAMES)
    journal.unknown(numbers[2], "status 500", 500)
    assert journal.created(numbers[3], {"tunnelId": "b"})
    journal.closing({"tunnelId": "b"})
    with pytest.raises(JournalBusy):
        journal_in(tmp_path, "other").start()
    journal.close()
    entries = journal_in(tmp_path).read()
    assert entries == journal.open_entries()
    assert [(e.number, dict(e.identifiers), e.status, e.closing) for e in entries] == [
        (2, NAMES, 200, False), (3, {}, 500, False), (4, {"tunnelId": "b"}, 200, True), (5, {}, 0, False)
    ]  # fmt: skip
    assert all(entry.requested and set(entry.requested) == {"description"} for entry in entries)
    other = journal_in(tmp_path, "third")
    other.start()
    other.closed(NAMES, "the target has no such resource")
    for entry in entries[1:]:
        other.settle(entry, "a list")
    other.close()
    assert journal_in(tmp_path).read() == []


def test_what_existed_before_a_run_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill, other runs in the file, and its replacement; as digests, and until nothing of it is open."""
    monkeypatch.setattr(journal_module, "_COMPACT_AT", 100_000)
    older = [{"tunnelId": f"old-{number}", "tunnelArn": f"arn:old/{number}"} for number in range(3000)]
    journal = journal_in(tmp_path)
    journal.existing(older)
    journal.creating("tunnel", b"{}")
    journal.close()
    other = journal_in(tmp_path, "other")
    other.existing([*older, NAMES])
    for number in range(300):
        other.created(other.creating("tunnel", b"{}"), {"tunnelId": str(number)})
        other.closed({"tunnelId": str(number)}, "a list")
    other.close()
    reader = journal_in(tmp_path)
    assert len(reader.read()) == 1
    assert reader.damaged == ()
    assert all(reader.existed_before(RUN, names) for names in older)
    assert reader.existed_before(RUN, {"tunnelId": "new", "tunnelArn": "arn:old/7"})
    assert reader.existed_before(RUN, {"tunnelId": "OLD-7"}), "some targets do not tell the cases apart"
    assert not reader.existed_before(RUN, NAMES)
    assert not reader.existed_before("other", NAMES), "nothing of that run is open"
    assert b"old-7" not in journal.path.read_bytes()
    (entry,) = reader.read()
    last = journal_in(tmp_path, "last")
    last.start()
    last.settle(entry, "a list")
    last.close()
    assert journal_in(tmp_path, "next").start() == []
    assert journal.path.stat().st_size < 200


def test_a_long_run_keeps_a_small_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed entries are dropped from the file; open ones stay, also across the replacement."""
    monkeypatch.setattr(journal_module, "_COMPACT_AT", 50_000)
    journal = journal_in(tmp_path)
    kept = journal.creating("tunnel", b"{}")
    journal.created(kept, {"tunnelId": "kept"})
    for number in range(1500):
        journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": str(number)})
        journal.closed({"tunnelId": str(number)}, "a list")
    with pytest.raises(JournalBusy):
        journal_in(tmp_path, "other").start()
    assert journal.path.stat().st_size < 100_000
    journal.close()
    assert [entry.number for entry in journal_in(tmp_path).read()] == [kept]


def test_a_second_run_at_the_same_place_has_its_own_journal(tmp_path: Path, contract: Contract) -> None:
    """It is reported, and leaves nothing behind if nothing is open."""
    path = tmp_path / "journal.jsonl"
    settings = Settings(endpoint_url="http://127.0.0.1:9")
    with open_target(settings, contract, path) as first, open_target(settings, contract, path) as second:
        assert first.journal.path == path
        assert first.notes == []
        assert second.journal.path != path
        assert f"{path} is in use by another run" in second.notes[0]
    assert [file.name for file in tmp_path.iterdir()] == ["journal.jsonl"]


def test_identifiers_that_may_not_be_used_are_sealed(tmp_path: Path, contract: Contract) -> None:
    """A secret, an escape sequence, or a megabyte as an identifier: a digest is stored, and the entry has no name."""
    redactor = Redactor(contract.sensitive)
    secret = "SessionSecretHead/0123456789+SessionSecretTail=="
    redactor.learn(secret, "session-token")
    sealer = Sealer(redactor.holds_secret)
    journal = Journal(tmp_path / "journal.jsonl", Origin(RUN), sealer)
    for value in (secret, secret.encode().hex(), "a\x1b[31mb", "x" * 10**6, "a b", "", "é", "a\n"):
        number = journal.creating("tunnel", secret.encode())
        assert not journal.created(number, {"tunnelId": value, "tunnelArn": f"arn:{value}"})
    assert not journal.created(journal.creating("tunnel", b"{}"), {**NAMES, "tunnelArn": f"arn:{secret}"})
    assert journal.created(journal.creating("tunnel", b"{}"), {**NAMES, "tunnelId": secret[:12].replace("/", "")})
    journal.close()
    text = journal.path.read_bytes()
    assert len(text) < 20_000
    assert b"SessionSecretH" not in text.replace(b'"tunnelId":"SessionSecre"', b"")
    assert b"\x1b" not in text
    assert [bool(entry.identifiers) for entry in journal_in(tmp_path).read()] == [False] * 9 + [True]
