"""What the model remembers of a target: tunnels, tokens and lists that are being walked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: Not known: AWS's sources leave open what the calls so far made of it.
UNKNOWN: Final[Any] = object()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as plain data: HTTP status, the error's bare shape name, the parsed body."""

    status: int
    code: str | None
    body: Any

    @property
    def accepted(self) -> bool:
        """Whether the call did what it says."""
        return 200 <= self.status < 300

    def structure(self, *path: str) -> Mapping[str, Any] | None:
        """The structure at this path of the body, or None; its shape is judged elsewhere."""
        found = self.body
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else None

    def items(self, member: str) -> list[Mapping[str, Any]]:
        """The structures in a list member; an absent list is an empty one."""
        found = (self.structure() or {}).get(member)
        return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


@dataclass
class Tunnel:
    """One tunnel that was opened here. `expires_at` is on the clock that the caller keeps, in seconds.

    A member that is UNKNOWN is learnt from the next answer that tells it. A `contested` tunnel may be closed
    by another client at any moment.
    """

    number: int
    id: str
    arn: str
    expires_at: float
    status: str = "OPEN"
    contested: bool = False
    description: Any = None
    destination: Any = None
    timeout: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    tags_known: bool = True
    untagged: set[str] = field(default_factory=set)
    created_at: float | None = None
    updated_at: float | None = None

    @property
    def thing(self) -> Any:
        """The thing that the tunnel leads to, None for none, or UNKNOWN."""
        if self.destination is UNKNOWN:
            return UNKNOWN
        return (self.destination or {}).get("thingName")


@dataclass
class Walk:
    """A list that is read page by page: what it was asked for, and what it has told so far."""

    thing: str | None
    due: frozenset[str]
    told: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    last_created: float | None = None


def number(value: Any) -> float | None:
    """A JSON number, or None for anything else; types are judged elsewhere."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def shown(value: Any) -> str:
    """A value for a sentence: escaped so that every code point can be told apart, and cut."""
    if value is None:
        return "none"
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text if len(text) <= 160 else f"{text[:100]} … {len(text)} characters … {text[-30:]}"
