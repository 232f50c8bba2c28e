"""Journals that are damaged, or none: what can be read is read, and the rest is named."""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tunnelspec.client import Journal, JournalError, JournalUnwritable
from tunnelspec.client.journal_lines import decode_line, encode_line
from tunnelspec.strict_json import Json

from .accounts import NAMES, journal_in


def test_a_damaged_line_is_named_and_skipped(tmp_path: Path) -> None:
    """The lines around it are used; a line that a kill cut short is no damage."""
    journal = journal_in(tmp_path)
    for name in "abc":
        journal.created(journal.creating("tunnel", b"{}"), {"tunnelId": name})
    journal.close()
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"b"', b'"x"').replace(b'"number":2', b'"number":3')
    journal.path.write_bytes(b"".join(lines) + lines[-1][:40])
    reader = journal_in(tmp_path)
    assert [e.identifiers.get("tunnelId") for e in reader.read()] == ["a", "b", "c"]
    assert reader.damaged == (4,)
    writer = journal_in(tmp_path, "other")
    writer.start()
    writer.creating("tunnel", b"{}")
    writer.close()
    assert len(reader.read()) == 4
    assert reader.damaged == (4,)


def test_a_damaged_header_is_no_reason_to_forget(tmp_path: Path) -> None:
    """As long as a line of the journal follows."""
    journal = journal_in(tmp_path)
    journal.created(journal.creating("tunnel", b"{}"), NAMES)
    journal.close()
    journal.path.write_bytes(b"#" + journal.path.read_bytes())
    reader = journal_in(tmp_path)
    assert [dict(entry.identifiers) for entry in reader.read()] == [NAMES]
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
    journal = journal_in(tmp_path)
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
        reader = journal_in(tmp_path)
        try:
            reader.read()
        except JournalError:
            outcomes.add("refused")
        else:
            outcomes.add("damaged" if reader.damaged else "read")
    assert outcomes >= {"damaged"}


def test_lines_with_a_correct_checksum_may_say_anything(tmp_path: Path) -> None:
    """Whoever writes them: members of other types, depths and lengths are damage, not an error."""
    journal = journal_in(tmp_path)
    journal.start()
    journal.close()
    head = journal.path.read_bytes()
    odd: list[dict[str, Json]] = [
        {"event": "creating"},
        {"event": "creating", "run": 1, "number": "x", "at": "2026-01-01T00:00:00+00:00"},
        {"event": "creating", "run": "r", "number": 1, "at": "2026-01-01"},
        {"event": ["creating"], "run": "r", "number": 1, "at": "2026-01-01T00:00:00+00:00"},
        {"event": "created", "run": "r", "number": 1, "at": "2026-01-01T00:00:00+00:00", "identifiers": [1]},
    ]
    journal.path.write_bytes(head + b"".join(encode_line(line) for line in odd))
    reader = journal_in(tmp_path)
    assert [dict(entry.identifiers) for entry in reader.read()] == [{}]
    assert reader.damaged == (2, 3, 4, 5)
    assert decode_line(b'{"a":' + b"[" * 30_000 + b"1" + b"]" * 30_000 + b',"sum":"0000000000000000"}') is None


def test_a_full_disk_is_one_sentence_and_nothing_is_sent(tmp_path: Path) -> None:
    """An event that cannot be written raises, and the next one repairs the torn line."""
    journal = journal_in(tmp_path)
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
    reader = journal_in(tmp_path)
    assert len(reader.read()) == 2
    assert reader.damaged == ()


def test_a_line_without_end_is_skipped(tmp_path: Path) -> None:
    """Twenty megabytes of it: one damaged line, and the others are read."""
    journal = journal_in(tmp_path)
    for _ in range(50):
        journal.creating("tunnel", b"{}")
    journal.close()
    with journal.path.open("ab") as file:
        file.write(b"x" * (20 * 2**20) + b"\n")
    reader = journal_in(tmp_path)
    assert len(reader.read()) == 50
    assert reader.damaged == (52,)
