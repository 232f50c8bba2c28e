"""Reads members of a response, whatever JSON value stands there. A member of another type reads as absent:
`checks/schema.py` reports its type."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TypeAlias

from tunnelspec.strict_json import Json

Members: TypeAlias = Mapping[str, Json]


def structure(members: Members, name: str) -> Members:
    """The members of a structure; none where there is no structure."""
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def structures(members: Members, name: str) -> list[Members]:
    """The structures in a list."""
    value = members.get(name)
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def texts(members: Members, name: str) -> list[str]:
    """The strings in a list."""
    value = members.get(name)
    return [element for element in value if isinstance(element, str)] if isinstance(value, list) else []


def text(members: Members, name: str) -> str | None:
    """A string that is not empty. AWS's SDKs take an empty page token for none."""
    value = members.get(name)
    return value if isinstance(value, str) and value else None


def number(members: Members, name: str) -> float | None:
    """A number; infinite where it is too large for a float."""
    value = members.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def shown(value: object) -> str:
    """A value for a clause of a finding: ASCII escapes keep every code point apart; long values are cut."""
    if value is None:
        return "absent"
    written = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return written if len(written) <= 160 else f"{written[:100]} … {len(written)} characters … {written[-30:]}"
