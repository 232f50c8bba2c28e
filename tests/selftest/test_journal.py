"""The journal: events, proofs, damage, and files that are none."""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tunnelspec.client import Journal, JournalBusy, JournalError, JournalUnwritable, Origin, Redactor, Sealer
from tunnelspec.client import journal as journal_module
from tunnelspec.client.journal_lines import decode_line, encode_line
from tunnelspec.contract import Contract
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target

from .accounts import RUN

_ID = {"tunnelId": "a", "tunnelArn": "arn:aws:iot:us-east-1:123456789012:tunnel/a"}


def _journal(path: Path, run: str = RUN) -> Journal:
    return Journal(path / "journal.jsonl", Origin(run, "http://x", "us-east-1"))


def test_an_entry_is_open_until_it_is_proved_closed(tmp_path: Path) -> None:
    """Only a proof closes it; what the next run reads says as much as the last one wrote."""
    journal = _journal(tmp_path)
    numbers = [journal.creating("tunnel", b'{"description": "x"}') for _ in range(5)]
    journal.not_created(numbers[0], "it was never sent")
    assert journal.created(numbers[1], _ID)
    journal.unknown(numbers[2], "status 500", 500)
    assert journal.created(numbers[3], {"tunnelId": "b"})
    journal.closing({"tunnelId": "b"})
    with pytest.raises(JournalBusy):
        _journal(tmp_path, "other").start()
    journal.close()
    entries = _journal(tmp_path).read()
    assert entries == journal.open_entries()
    assert [(e.number, dict(e.identifiers), e.status, e.closing) for e in entries] == [
        (2, _ID, 200, False), (3, {}, 500, False), (4, {"tunnelId": "b"}, 200, True), (5, {}, 0, False)
    ]  # fmt: skip
    assert all(entry.requested and set(entry.requested) == {"description"} for entry in entries)
    other = _journal(tmp_path, "third")
    other.start()
    other.closed(_ID, "the target has no such resource")
    for entry in entries[1:]:
        other.settle(entry, "a list")
    other.close()
    assert _journal(tmp_path).read() == []


def test_what_existed_before_a_run_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill, other runs in the file, and its replacement; as digests, and until nothing of it is open."""
    monkeypatch.setattr(journal_module, "_COMPACT_AT", 100_000)
    older = [{"tunnelId": f"old-{number}", "tunnelArn": f"arn:old/{number}"} for number in range(3000)]
    journal = _journal(tmp_path)
    journal.existing(older)
    journal.creating("tunnel", b"{}")
    journal.close()
    other = _journal(tmp_path, "other")
    other.existing([*older, _ID])
    for number in range(300):
        other.created(other.creating("tunnel", b"{}"), {"tunnelId": str(number)})
        other.closed({"tunnelId": str(number)}, "a list")
    other.close()
    reader = _journal(tmp_path)
    assert len(reader.read()) == 1
    assert reader.damaged == ()
    assert all(reader.existed_before(RUN, names) for names in older)
    assert reader.existed_before(RUN, {"tunnelId": "new", "tunnelArn": "arn:old/7"})
    assert reader.existed_before(RUN, {"tunnelId": "OLD-7"}), "some targets do not tell the cases apart"
    assert not reader.existed_before(RUN, _ID)
    assert not reader.existed_before("other", _ID), "nothing of that run is open"
    assert b"old-7" not in journal.path.read_bytes()
    (entry,) = reader.read()
    last = _journal(tmp_path, "last")
    last.start()
    last.settle(entry, "a list")
    last.close()
    assert _journal(tmp_path, "next").start() == []
    assert journal.path.stat().st_size < 200


def test_a_damaged_line_is_named_and_skipped(tmp_path: Path) -> None:
    """The lines around it are used; a line that a kill cut short is no damage."""
    journal = _journal(tmp_path)
    for name in "abc":
        journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": name})
    journal.close()
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"b"', b'"x"').replace(b'"number":2', b'"number":3')
    journal.path.write_bytes(b"".join(lines) + lines[-1][:40])
    reader = _journal(tmp_path)
    assert [e.identifiers.get("tunnelId") for e in reader.read()] == ["a", "b", "c"]
    assert reader.damaged == (4,)
    writer = _journal(tmp_path, "other")
    writer.start()
    writer.creating("tunnel", b"{}")
    writer.close()
    assert len(reader.read()) == 4
    assert reader.damaged == (4,)


def test_a_damaged_header_is_no_reason_to_forget(tmp_path: Path) -> None:
    """As long as a line of the journal follows."""
    journal = _journal(tmp_path)
    journal.created(journal.creating("tunnel", b"{}"), _ID)
    journal.close()
    journal.path.write_bytes(b"#" + journal.path.read_bytes())
    reader = _journal(tmp_path)
    assert [dict(entry.identifiers) for entry in reader.read()] == [_ID]
    assert reader.damaged == (1,)


def _symlink(path: Path) -> None:
    (path.parent / "precious").write_text("precious")
    path.symlink_to(path.parent / "precious")


def _sparse(path: Path) -> None:
    journal = Journal(path)
    journal.start()
    journal.close()
    with path.open("r+b") as file:
        file.truncate(8 * 2**30)


_NO_JOURNALS: list[tuple[str, Callable[[Path], object], str]] = [
    ("symbolic link", _symlink, "symbolic link"),
    ("directory", lambda path: path.mkdir(), "not a regular file"),
    ("fifo", lambda path: os.mkfifo(path), "not a regular file"),
    ("text", lambda path: path.write_text("precious\n"), "not a journal"),
    ("binary", lambda path: path.write_bytes(bytes(range(256)) * 1000), "not a journal"),
    ("one long line", lambda path: path.write_bytes(b"{" * 10**6), "not a journal"),
    ("gigabytes", _sparse, "MiB"),
    (
        "old format",
        lambda path: path.write_text('{"event": "opened", "at": "2026", "run": ""}\n'),
        "unpublished format",
    ),
    ("later version", lambda path: path.write_bytes(encode_line({"format": "tunnelspec-journal", "version": 9})), "9"),
]


@pytest.mark.parametrize(("make", "words"), [n[1:] for n in _NO_JOURNALS], ids=[n[0] for n in _NO_JOURNALS])
def test_what_is_no_journal_is_refused_and_left_as_it_is(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    """With one sentence, for reading and for writing."""
    path = tmp_path / "journal.jsonl"
    make(path)
    before = (os.lstat(path).st_size, os.lstat(path).st_mode)
    for use in (Journal(path).read, Journal(path).start, lambda: Journal(path).creating("tunnel", b"{}")):
        with pytest.raises(JournalError, match=words) as caught:
            use()
        assert str(caught.value).count("\n") == 0
    assert (os.lstat(path).st_size, os.lstat(path).st_mode) == before
    if (tmp_path / "precious").exists():
        assert (tmp_path / "precious").read_text() == "precious"


def test_devices_are_refused() -> None:
    """Reading one may never end."""
    for device in ("/dev/zero", "/dev/null", "/dev/full"):
        with pytest.raises(JournalError):
            Journal(Path(device)).start()


def test_mutated_journals_are_read_or_refused(tmp_path: Path) -> None:
    """Any bytes: an entry, a line that is named, or one sentence; nothing else."""
    journal = _journal(tmp_path)
    for number in range(8):
        journal.created(journal.creating("tunnel", b'{"tags": []}'), {"tunnelId": str(number)})
    journal.close()
    good, chance = journal.path.read_bytes(), random.Random(1)
    pieces = [b"\n", b"\0", b"{", b'"', b"[" * 200_000, b"9" * 6000, b"\xff\xfe", b"\\ud800", b"}", b"NaN"]
    outcomes = set()
    for _ in range(400):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.randint(0, 60)] = chance.choice(pieces)
        journal.path.write_bytes(data)
        reader = _journal(tmp_path)
        try:
            reader.read()
        except JournalError:
            outcomes.add("refused")
        else:
            outcomes.add("damaged" if reader.damaged else "read")
    assert outcomes >= {"damaged"}


def test_lines_with_a_correct_checksum_may_say_anything(tmp_path: Path) -> None:
    """Whoever writes them: members of other types, depths and lengths are damage, not an error."""
    journal = _journal(tmp_path)
    journal.start()
    journal.close()
    head = journal.path.read_bytes()
    odd = [
        {"event": "creating"},
        {"event": "creating", "run": 1, "number": "x", "at": "2026-01-01T00:00:00+00:00"},
        {"event": "creating", "run": "r", "number": 1, "at": "2026-01-01"},
        {"event": ["creating"], "run": "r", "number": 1, "at": "2026-01-01T00:00:00+00:00"},
        {"event": "created", "run": "r", "number": 1, "at": "2026-01-01T00:00:00+00:00", "identifiers": [1]},
    ]
    journal.path.write_bytes(head + b"".join(encode_line(line) for line in odd))  # type: ignore[arg-type]
    reader = _journal(tmp_path)
    assert [dict(entry.identifiers) for entry in reader.read()] == [{}]
    assert reader.damaged == (2, 3, 4, 5)
    assert decode_line(b'{"a":' + b"[" * 30_000 + b"1" + b"]" * 30_000 + b',"sum":"0000000000000000"}') is None


def test_a_long_run_keeps_a_small_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed entries are dropped from the file; open ones stay, also across the replacement."""
    monkeypatch.setattr(journal_module, "_COMPACT_AT", 50_000)
    journal = _journal(tmp_path)
    kept = journal.creating("tunnel", b"{}")
    journal.created(kept, {"tunnelId": "kept"})
    for number in range(1500):
        journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": str(number)})
        journal.closed({"tunnelId": str(number)}, "a list")
    with pytest.raises(JournalBusy):
        _journal(tmp_path, "other").start()
    assert journal.path.stat().st_size < 100_000
    journal.close()
    assert [entry.number for entry in _journal(tmp_path).read()] == [kept]


def test_a_full_disk_is_one_sentence_and_nothing_is_sent(tmp_path: Path) -> None:
    """An event that cannot be written raises, and the next one repairs the torn line."""
    journal = _journal(tmp_path)
    journal.creating("tunnel", b"{}")
    size = journal.path.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 30, limits[1]))
    try:
        with pytest.raises(JournalUnwritable, match="cannot be written"):
            journal.creating("tunnel", b"{}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.creating("tunnel", b"{}")
    journal.close()
    reader = _journal(tmp_path)
    assert len(reader.read()) == 2
    assert reader.damaged == ()


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
    assert not journal.created(journal.creating("tunnel", b"{}"), {**_ID, "tunnelArn": f"arn:{secret}"})
    assert journal.created(journal.creating("tunnel", b"{}"), {**_ID, "tunnelId": secret[:12].replace("/", "")})
    journal.close()
    text = journal.path.read_bytes()
    assert len(text) < 20_000
    assert b"SessionSecretH" not in text.replace(b'"tunnelId":"SessionSecre"', b"")
    assert b"\x1b" not in text
    assert [bool(entry.identifiers) for entry in _journal(tmp_path).read()] == [False] * 9 + [True]


def test_a_line_without_end_is_skipped(tmp_path: Path) -> None:
    """Twenty megabytes of it: one damaged line, and the others are read."""
    journal = _journal(tmp_path)
    for _ in range(50):
        journal.creating("tunnel", b"{}")
    journal.close()
    with journal.path.open("ab") as file:
        file.write(b"x" * (20 * 2**20) + b"\n")
    reader = _journal(tmp_path)
    assert len(reader.read()) == 50
    assert reader.damaged == (52,)
