"""Reads a text file that a user names, regular, of bounded size and in UTF-8: a FIFO or a device costs no time. Writes
one, with its directory.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


class UnreadableFile(Exception):
    """The file cannot be read; the message is a clause without its name."""


def read_text(path: Path, largest: int) -> str:
    """The text of a file of at most so many bytes. Raises UnreadableFile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableFile("it is not a regular file")
            data = file.read(largest + 1)
    except OSError as problem:
        raise UnreadableFile(problem.strerror or type(problem).__name__) from None
    except ValueError:
        raise UnreadableFile("its name is no file name") from None
    if len(data) > largest:
        raise UnreadableFile(f"it is larger than {largest // 1_000_000} MB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise UnreadableFile(f"line {line} is not UTF-8 text") from None


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8; a lone surrogate, which UTF-8 cannot hold, as an escape. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_whole(path: Path, text: str) -> None:
    """Write a file likewise, whole or not at all. Raises OSError."""
    partial = path.with_name(path.name + ".partial")
    write_text(partial, text)
    os.replace(partial, path)
