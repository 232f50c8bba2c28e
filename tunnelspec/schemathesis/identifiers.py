"""Identifiers in generated bodies: which are replaced by those of a live resource, and which name nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from zlib import crc32

from tunnelspec.contract import Member
from tunnelspec.exchange import Live

#: Of so many generated identifiers, one is left as it is.
_LEFT_UNKNOWN = 3


def enlivened(member: Member, value: object, returned_ids: Collection[str] = ()) -> object:
    """The body with placeholders of a live resource for most identifiers that are valid.

    Generated identifiers name nothing, and the resulting error hides other defects.
    Which ones are left follows from the value, so that a replay does the same. One of
    `returned_ids`, which responses contained, is always replaced: it may be somebody else's.
    """
    if isinstance(value, Mapping):
        members = member.properties
        return {k: enlivened(members[k], v, returned_ids) if k in members else v for k, v in value.items()}
    if member.identifies is None or not isinstance(value, str) or not _admits(member, value):
        return value
    if value not in returned_ids and crc32(value.encode("utf-8", "replace")) % _LEFT_UNKNOWN == 0:
        return value
    return Live(member.identifies.resource, member.identifies.by)


def recognised(member: Member, value: Any, names: Mapping[str, Mapping[str, str]]) -> Any:
    """The body with placeholders wherever an identifying member holds one of these live identifiers."""
    if isinstance(value, Mapping):
        members = member.properties
        return {k: recognised(members[k], v, names) if k in members else v for k, v in value.items()}
    named = member.identifies
    if named is not None and isinstance(value, str) and value == names.get(named.resource, {}).get(named.by):
        return Live(named.resource, named.by)
    return value


def _admits(member: Member, value: str) -> bool:
    longest = len(value) if member.max_length is None else member.max_length
    fits = (member.min_length or 0) <= len(value) <= longest
    return fits and (member.pattern is None or member.pattern.matches(value))
