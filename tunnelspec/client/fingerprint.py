"""Digests of what a request or a response says, member by member.

They show whether two say the same, without being readable: a journal holds no value of a request.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from urllib.parse import unquote

from tunnelspec.strict_json import Json

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
#: More members than this are not noted.
_MOST_MEMBERS = 32
#: Larger bodies are not read, in bytes: a request is then known by its time alone.
_LARGEST = 2**20


def fingerprint(value: Json) -> str:
    """The digest of a JSON value. Lists are sets here, since a service may return them in any order, and members of
    objects that are null are absent."""
    return hashlib.sha256(json.dumps(_ordered(value), sort_keys=True).encode()).hexdigest()[:16]


def fingerprints(body: bytes) -> dict[str, str] | None:
    """The digests of a body's members by name; None for a body that is no JSON object."""
    if len(body) > _LARGEST:
        return None
    try:
        members = json.loads(body or b"{}")
        if not isinstance(members, dict):
            return None
        names = [name for name in members if _NAME.fullmatch(name)][:_MOST_MEMBERS]
        # A journal holds thousands of these, with few names.
        return {sys.intern(name): fingerprint(members[name]) for name in names}
    except (ValueError, RecursionError):
        return None


def alike(identifier: str) -> str:
    """The same text for identifiers that a lenient target may take for one: it may ignore case, or decode them."""
    return unquote(identifier).strip(" /").casefold()


def _ordered(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _ordered(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return sorted((_ordered(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
