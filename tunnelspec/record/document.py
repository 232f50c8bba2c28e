"""The run record: plain data that every report is made from, schema `tunnelspec.record/1`.

Fields may be added within version 1; none is renamed or removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tunnelspec.errors import UserError

Record: TypeAlias = dict[str, Any]
SCHEMA = "tunnelspec.record/1"


class RecordError(UserError):
    """A file is no run record; the message is one sentence."""


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write a record as UTF-8 JSON, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    # Escapes on purpose: a target may have sent lone surrogates, which UTF-8 cannot hold.
    partial.write_text(json.dumps(record, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
    os.replace(partial, path)


def read(path: Path) -> Record:
    """Read a record. Raises RecordError for what is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise RecordError(f"Cannot read {path}: {problem.strerror}.") from problem
    except ValueError as problem:
        raise RecordError(f"{path} is not JSON.") from problem
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise RecordError(f"{path} is not a run record ({SCHEMA}).")
    missing = {"suite", "target", "run", "totals", "cases"} - record.keys()
    if missing:
        raise RecordError(f"{path} is not a whole run record: it has no '{min(missing)}'.")
    return record


def printable(text: str) -> str:
    """Text with control, format and other invisible characters as `\\u{…}`, for eyes and XML.

    What a target sent may hold escape sequences for the terminal or turn the reading direction.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{{{ord(c):X}}}" for c in text)
