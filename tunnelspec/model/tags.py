"""Tags: what a tunnel was given is what it has. Keys and values compare code point for code point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import Tunnel, shown

#: AWS's own tags, which a tunnel may carry besides (tagging, "Tag restrictions").
RESERVED = "aws:"


def told_tags(items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Tags as a mapping, AWS's own left out."""
    pairs = ((item.get("key"), item.get("value")) for item in items)
    return {
        key: value
        for key, value in pairs
        if isinstance(key, str) and isinstance(value, str) and not key.lower().startswith(RESERVED)
    }


def listed(tunnel: Tunnel, items: Sequence[Mapping[str, Any]]) -> Iterator[Mismatch]:
    """What is wrong with a tunnel's tags as ListTagsForResource tells them."""
    keys = [item.get("key") for item in items]
    told = told_tags(items)
    for key in dict.fromkeys(str(key) for key in keys if keys.count(key) > 1):
        yield Mismatch(rules.ONE_EACH, f"the key {shown(key)} once", f"it is there {keys.count(key)} times")
    if not tunnel.tags_known:
        return
    for key, value in tunnel.tags.items():
        if told.get(key) != value:
            yield Mismatch(
                rules.STORED,
                f"the tag {shown(key)} has the value {shown(value)}",
                f"it has {shown(told.get(key))}",
            )
    for key in told.keys() - tunnel.tags.keys():
        if key in tunnel.untagged:
            yield Mismatch(rules.REMOVED, f"no tag {shown(key)}: it was removed", "it is there")
        else:
            yield Mismatch(rules.NOTHING_ELSE, f"no tag {shown(key)}: nobody added it", "it is there")


def described(tunnel: Tunnel, told: Any) -> Iterator[Mismatch]:
    """What is wrong with a tunnel's tags as DescribeTunnel tells them, if it does."""
    if not tunnel.tags_known or not isinstance(told, list):
        return
    found = told_tags([item for item in told if isinstance(item, Mapping)])
    if found != tunnel.tags:
        yield Mismatch(rules.BOTH, f"the tags are {shown(tunnel.tags)}", f"they are {shown(found)}")
