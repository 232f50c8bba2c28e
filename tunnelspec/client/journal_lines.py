"""The lines of a journal: one JSON object a line, closed by a checksum of what precedes it.

A line that a kill cut short, or that a disk or an editor changed, fails its checksum; the lines around it
stay readable. The checksum detects damage, not forgery: whoever can write the file can write any line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from tunnelspec.strict_json import Json

#: The first line of every journal.
FORMAT, VERSION = "tunnelspec-journal", 2
#: The longest line that is written or read, in bytes.
LONGEST_LINE = 65_536
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_LINE = re.compile(rb'(\{.+),"sum":"([0-9a-f]{16})"\}')


def encode_line(members: Mapping[str, Json]) -> bytes:
    """A line with its checksum and line feed, in ASCII. `members` must not be empty."""
    rest = _ENCODER.encode(members).encode("ascii")[:-1]
    return rest + b',"sum":"' + _checksum(rest) + b'"}\n'


def decode_line(line: bytes) -> dict[str, Json] | None:
    """The members of a line without its checksum; None for a damaged line."""
    parts = _LINE.fullmatch(line.rstrip(b"\r\n"))
    if parts is None or _checksum(parts[1]) != parts[2]:
        return None
    try:
        members = json.loads(parts[1] + b"}")
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None


def header() -> bytes:
    """The first line of a journal."""
    return encode_line({"format": FORMAT, "version": VERSION})


def refusal(head: bytes) -> str:
    """Why a file that begins with these bytes is not a readable journal; empty if it is one.

    A damaged header is no reason, as long as a line with a correct checksum follows it. An empty file is an
    empty journal: a run may be killed between the creation of the file and the first line.
    """
    lines = head.splitlines(keepends=True)
    first = decode_line(lines[0]) if lines else {"format": FORMAT, "version": VERSION}
    if first is not None and first.get("format") == FORMAT:
        if first.get("version") == VERSION:
            return ""
        return f"is a journal of version {str(first.get('version'))[:20]!a}; this tunnelspec reads version {VERSION}"
    if any(decode_line(line) is not None for line in lines[1:]):
        return ""
    if b'"event"' in lines[0] and b'"at"' in lines[0]:
        return "is a journal of an earlier, unpublished format, which this tunnelspec does not read"
    return "is not a journal of tunnelspec"


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest()[:16].encode("ascii")
