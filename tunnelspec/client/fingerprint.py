"""Digests of what a request or a response says, member by member.

They show whether two say the same, without being readable: a journal holds no value of a request.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote

from tunnelspec.strict_json import Json

_DIGEST = re.compile(r"[0-9a-f]{16}")
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
        return {name: fingerprint(members[name]) for name in names}
    except (ValueError, RecursionError):
        return None


class Fingerprints(Mapping[str, str]):
    """Digests by the names of members, in a third of a dictionary's memory: a journal holds thousands."""

    __slots__ = ("_digests", "_names")

    def __init__(self, digests: Mapping[str, str]) -> None:
        """Raises ValueError where one of them is no digest."""
        if not all(map(_DIGEST.fullmatch, digests.values())):
            raise ValueError("not the digests of members")
        self._names = _shared(tuple(digests))
        self._digests = bytes.fromhex("".join(digests.values()))

    def __getitem__(self, name: str) -> str:
        if name not in self._names:
            raise KeyError(name)
        at = 8 * self._names.index(name)
        return self._digests[at : at + 8].hex()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@lru_cache(maxsize=256)  # few requests have names of their own
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    return names


def alike(identifier: str) -> str:
    """The same text for identifiers that a lenient target may take for one: it may ignore case, or decode them."""
    return unquote(identifier).strip(" /").casefold()


def _ordered(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _ordered(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        # What is given twice may be stored once.
        by_text = {json.dumps(inner, sort_keys=True): inner for inner in map(_ordered, value)}
        return [by_text[text] for text in sorted(by_text)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
