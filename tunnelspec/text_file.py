"""Reads a text file that a user names: regular, of bounded size, in UTF-8. A FIFO or a device costs no time."""

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
