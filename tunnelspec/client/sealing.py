"""Decides whether an identifier that a target returned may be stored and sent again, or only its digest.

A target can return anything as an identifier: a session token, an escape sequence, a megabyte. What is too long, is
not visible ASCII, or holds a secret is sealed: a digest stands in its place, which names it without repeating it,
and nothing is ever requested by it. One that merely violates the contract's pattern is used: what it names must be
deleted, too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

SEALED = "sealed:"
_VISIBLE = re.compile(r"[!-~]+")
#: In characters.
_LONGEST = 2048


class Sealer:
    """Seals identifiers. `holds_secret` recognises secrets in a text."""

    def __init__(self, holds_secret: Callable[[str], bool] = lambda text: False) -> None:
        self._holds_secret = holds_secret

    def sealed(self, identifiers: Mapping[str, str]) -> dict[str, str]:
        """The identifiers as they may be stored: as they are, or all of them sealed."""
        if all(map(self._may_be_stored, identifiers.values())):
            return dict(identifiers)
        return {name: SEALED + _digest(value) for name, value in identifiers.items()}

    def _may_be_stored(self, value: str) -> bool:
        return len(value) <= _LONGEST and bool(_VISIBLE.fullmatch(value)) and not self._holds_secret(value)


def is_sealed(identifiers: Mapping[str, str]) -> bool:
    """Whether stored identifiers are digests."""
    return any(value.startswith(SEALED) for value in identifiers.values())


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]
