"""The shapes of two operations' input, and a check of a value against its shape."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Any


class Invalid(Exception):
    """Input that violates the API contract. The arguments are the error's type and its message."""


def check(value: Any, shape: dict[str, Any], path: str = "input") -> None:
    """Raise Invalid unless a value has this shape."""
    if type(value) is not shape["type"]:
        raise Invalid("SerializationException", f"{path} has the wrong type")
    if "least" in shape and not shape["least"] <= len(value) <= shape["most"]:
        raise Invalid("ValidationException", f"{path} has a length that is not allowed")
    if "lowest" in shape and not shape["lowest"] <= value <= shape["highest"]:
        raise Invalid("ValidationException", f"{path} is out of range")
    if "allowed" in shape and not shape["allowed"](value):
        raise Invalid("ValidationException", f"{path} has a character that is not allowed")
    for inner in value if "items" in shape else ():
        check(inner, shape["items"], f"{path}[]")
    for name, member in shape.get("members", {}).items():
        if value.get(name) is not None:
            check(value[name], member, f"{path}.{name}")
        elif name in shape.get("required", ()):
            raise Invalid("ValidationException", f"{path}.{name} is missing")


def _text(least: int, most: int, allowed: Callable[[str], object]) -> dict[str, Any]:
    return {"type": str, "least": least, "most": most, "allowed": allowed}


def _is_printable(value: str) -> bool:
    return not any(unicodedata.category(character).startswith("C") for character in value)


def _is_tag(value: str) -> bool:
    return all(unicodedata.category(c)[0] in "LZN" or c in "_.:/=+-@" for c in value)


_NAME = _text(1, 128, re.compile(r"[a-zA-Z0-9:_-]+").fullmatch)
_TAG = {
    "type": dict,
    "members": {"key": _text(1, 128, _is_tag), "value": _text(0, 256, _is_tag)},
    "required": ["key", "value"],
}
SHAPES: dict[str, dict[str, Any]] = {
    "OpenTunnel": {
        "type": dict,
        "members": {
            "description": _text(1, 2048, _is_printable),
            "tags": {"type": list, "least": 1, "most": 200, "items": _TAG},
            "destinationConfig": {
                "type": dict,
                "members": {
                    "thingName": _NAME,
                    "services": {"type": list, "least": 1, "most": sys.maxsize, "items": _NAME},
                },
                "required": ["services"],
            },
            "timeoutConfig": {
                "type": dict,
                "members": {"maxLifetimeTimeoutMinutes": {"type": int, "lowest": 1, "highest": 720}},
            },
        },
    },
    "DescribeTunnel": {
        "type": dict,
        "members": {"tunnelId": _text(1, 128, re.compile(r"[a-zA-Z0-9_\-+=:]+").fullmatch)},
        "required": ["tunnelId"],
    },
}
