"""Tags in an output. Keys and values compare code point for code point."""

from __future__ import annotations

from collections.abc import Iterable

from tunnelspec.model.members import Members

#: The prefix of AWS's own tags, which a tunnel may carry as well (tagging, "Tag restrictions").
_RESERVED = "aws:"


def values(tags: Iterable[Members]) -> dict[str, str]:
    """Values by key, AWS's own tags left out."""
    pairs = ((tag.get("key"), tag.get("value")) for tag in tags)
    return {
        key: value
        for key, value in pairs
        if isinstance(key, str) and isinstance(value, str) and not key.lower().startswith(_RESERVED)
    }
