"""Decides whether an identifier that a target returned may be stored and sent again, or only its digest.

A target can return anything as an identifier: a session token, an escape sequence, a megabyte. What is longer
or stranger than the contract's pattern, or holds a secret, is sealed: a digest stands in its place, which names
it without repeating it, and nothing is ever requested by it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.contract.patterns import Pattern

SEALED = "sealed:"
#: Identifiers without a pattern in the contract, such as ARNs, consist of visible ASCII.
_VISIBLE = re.compile(r"[!-~]+")
#: The bound of an identifier for which the contract has none, in characters.
_LONGEST = 2048


class Sealer:
    """Seals identifiers. `schemas` are the contract's, by identifier; `holds_secret` recognises secrets in a text."""

    def __init__(
        self, schemas: Mapping[str, Mapping[str, Any]] | None = None, holds_secret: Callable[[str], bool] | None = None
    ) -> None:
        self._schemas = schemas or {}
        self._holds_secret = holds_secret or (lambda text: False)

    @classmethod
    def of(cls, contract: Contract, holds_secret: Callable[[str], bool]) -> Sealer:
        """A sealer for the identifiers of all resources of a contract."""
        schemas: dict[str, Mapping[str, object]] = {}
        for resource in contract.resources.values():
            output = contract.operations[resource.create].output_schema or {}
            for name, member in resource.identifiers.items():
                schemas[name] = output.get("properties", {}).get(member, {})
        return cls(schemas, holds_secret)

    def refusal(self, identifiers: Mapping[str, str]) -> str:
        """Why these identifiers may not be used, as a clause; empty if they may."""
        for name, value in identifiers.items():
            schema = self._schemas.get(name, {})
            if not 0 < len(value) <= min(schema.get("maxLength", _LONGEST), _LONGEST):
                return f"{name} has {len(value)} characters"
            if not _VISIBLE.fullmatch(value):
                return f"{name} has characters other than visible ASCII"
            if "pattern" in schema and not Pattern(schema["pattern"]).matches(value):
                return f"{name} does not match the contract's pattern"
            if self._holds_secret(value):
                return f"{name} holds a secret"
        return ""

    def sealed(self, identifiers: Mapping[str, str]) -> dict[str, str]:
        """The identifiers as they may be stored: as they are, or all of them sealed."""
        if not self.refusal(identifiers):
            return dict(identifiers)
        return {name: SEALED + _digest(value) for name, value in identifiers.items()}


def is_sealed(identifiers: Mapping[str, str]) -> bool:
    """Whether stored identifiers are digests."""
    return any(value.startswith(SEALED) for value in identifiers.values())


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]
