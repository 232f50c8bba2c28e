"""Opens the file of a journal safely: nothing but a regular file, through no symbolic link, and locked.

Whatever else lies under the name is refused with one sentence before anything of it is changed or read
beyond its first lines. A file of gigabytes, a FIFO or a device costs no more time than a missing one.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from tunnelspec.client.journal_lines import LONGEST_LINE, header, refusal
from tunnelspec.errors import UserError

#: A larger file is refused, in bytes. Journals are compacted long before.
LARGEST = 64 * 2**20
_ANYWHERE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_ANYWHERE |= getattr(os, "O_BINARY", 0)
#: A file that is replaced while it is opened is opened again, so often at most.
_ATTEMPTS = 5
#: The machine cannot write; any other error of a new file is one of its name.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})


class JournalError(UserError):
    """A journal cannot be used; the message is one sentence."""


class JournalBusy(JournalError):
    """Another process uses this journal."""


class JournalUnwritable(JournalError):
    """The journal cannot be written any more, so that nothing may be created."""

    no_verdict = True


def open_reading(path: Path) -> int:
    """A descriptor for reading an existing journal. Raises JournalError."""
    return _existing(path, os.O_RDONLY)


def open_locked(path: Path) -> int:
    """A descriptor for appending, locked for this process; the file is created where there is none.

    Raises JournalBusy where another process holds the lock, JournalError for anything that is no journal.
    """
    for _ in range(_ATTEMPTS):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | _ANYWHERE, 0o600)
        except FileExistsError:
            descriptor = _existing(path, os.O_RDWR | os.O_APPEND)
        except OSError as problem:
            kind = JournalUnwritable if problem.errno in _FULL else JournalError
            raise kind(f"The journal {path} cannot be created: {problem.strerror}.") from None
        if not _lock(descriptor):
            os.close(descriptor)
            raise JournalBusy(f"The journal {path} is in use by another run.")
        if is_still_at(path, descriptor):
            return descriptor
        os.close(descriptor)
    raise JournalError(f"The journal {path} is being replaced again and again.")


def lines(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, in bounded memory: one that is too long is empty."""
    position = number = 0
    pending, skipping = b"", False
    while block := _read(descriptor, position, 2**18):
        position += len(block)
        parts = (pending + block).split(b"\n")
        pending = parts.pop()
        for part in parts:
            number += 1
            yield number, b"" if skipping else part
            skipping = False
        if len(pending) > LONGEST_LINE:
            pending, skipping = b"", True
    if pending or skipping:
        yield number + 1, pending


def replace(path: Path, content: Iterable[bytes]) -> int:
    """Replace a journal by one of these lines at once; the descriptor of the new file, locked. Raises OSError."""
    other = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(other, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | _ANYWHERE, 0o600)
    try:
        _lock(descriptor)
        with open(descriptor, "ab", closefd=False) as file:
            file.writelines(content)
        os.fsync(descriptor)
        os.replace(other, path)
    except OSError:
        os.close(descriptor)
        other.unlink(missing_ok=True)
        raise
    return descriptor


def write(descriptor: int, content: bytes) -> None:
    """Write all of it. Raises OSError."""
    while content:
        content = content[os.write(descriptor, content) :]


def start(descriptor: int) -> None:
    """Make it an empty journal. Raises OSError."""
    os.ftruncate(descriptor, 0)
    write(descriptor, header())


def ends_in_a_line(descriptor: int) -> bool:
    """Whether the last line is complete."""
    size = os.fstat(descriptor).st_size
    return size == 0 or _read(descriptor, size - 1, 1) == b"\n"


def is_still_at(path: Path, descriptor: int) -> bool:
    """Whether the name still leads to the file that was opened: another run may have replaced it meanwhile."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


def _existing(path: Path, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | _ANYWHERE)
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise JournalError(f"{path} is a symbolic link; a journal is read and written in its own place.") from None
        if problem.errno in (errno.EISDIR, errno.ENXIO):
            raise JournalError(f"{path} is not a regular file, so it is no journal.") from None
        raise JournalError(f"The journal {path} cannot be opened: {problem.strerror}.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise JournalError(f"{path} is not a regular file, so it is no journal.")
        wrong = refusal(_read(descriptor, 0))
        if wrong:
            raise JournalError(f"{path} {wrong}.")
        if status.st_size > LARGEST:
            raise JournalError(f"{path} has more than {LARGEST // 2**20} MiB, which no journal of tunnelspec has.")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _read(descriptor: int, position: int, length: int = LONGEST_LINE) -> bytes:
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, length)


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return True  # this system has no such locks
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
