"""Members that are written in another letter case: a required one is missing then, an optional one unknown.

Names of JSON members are compared as they are (RFC 8259, 4 and 8.3); a parser that ignores their case takes what
the contract does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tunnelspec.contract import Member
from tunnelspec.contract.minimal import minimal, with_value_at

from .breaking import wrong_types


def bodies(whole: Member) -> Iterator[tuple[Member, str, bool, Any]]:
    """Each named member with the name of a case, whether it is required, and the body of the request.

    A required member has a valid value, which a lenient parser would take; an optional one has a value of the wrong
    type, which a lenient parser would reject.
    """
    for parent in whole.walk():
        for name, member in parent.properties.items():
            required = name in parent.required
            value = minimal(member) if required else next(iter(wrong_types(member.type or "").values()))
            for words, other in _spellings(name, parent):
                others = {key: inner for key, inner in minimal(parent).items() if key != name}
                body = with_value_at(whole, parent.path, {**others, other: value})
                yield member, words, required, body


def _spellings(name: str, parent: Member) -> Iterator[tuple[str, str]]:
    """The name in other letter cases and with a space, by what is done to it; none is the name of another member."""
    spellings = {
        "upper-case": name.upper(),
        "capitalised": name[:1].upper() + name[1:],
        "lower-case": name.lower(),
        "trailing-space": f"{name} ",
    }
    for words, other in spellings.items():
        if other not in parent.properties:
            yield words, other
