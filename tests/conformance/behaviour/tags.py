"""Tags: what was given is what is there, on that tunnel alone."""

from __future__ import annotations

from collections.abc import Mapping

from tunnelspec.model import rules

from .directed import directed
from .script import Script


def _with(script: Script, tags: Mapping[str, str]) -> str:
    return script.open(tags=[{"key": key, "value": value} for key, value in tags.items()])


def _many(script: Script, count: int | None = None, start: int = 0) -> dict[str, str]:
    """As many tags as a tunnel certainly keeps."""
    count = script.model.most_tags if count is None else count
    return {f"key-{number:02}": f"value {number}" for number in range(start, start + count)}


@directed("tags/OpenTunnel/stored", rules.STORED)
def stored(script: Script) -> None:
    """Tags given to OpenTunnel are the tunnel's."""
    script.tags(_with(script, {"Site": "Hall 3", "Line": "2"}))


@directed("tags/OpenTunnel/none", rules.NOTHING_ELSE)
def none(script: Script) -> None:
    """A tunnel that was given no tags has none."""
    script.tags(script.open())


@directed("tags/OpenTunnel/most", rules.STORED)
def most_at_opening(script: Script) -> None:
    """A tunnel is opened with as many tags as the quota allows, and keeps them all."""
    script.tags(_with(script, _many(script)))


@directed("tags/TagResource/added", rules.STORED)
def added(script: Script) -> None:
    """TagResource adds tags to those that are there."""
    script.tag(_with(script, {"Site": "Hall 3"}), {"Line": "2", "Team": "blue"})
    script.tags("t1")


@directed("tags/TagResource/first", rules.STORED)
def first(script: Script) -> None:
    """TagResource adds tags to a tunnel that had none."""
    script.tag(script.open(), {"Site": "Hall 3"})
    script.tags("t1")


@directed("tags/TagResource/most", rules.STORED)
def most_in_steps(script: Script) -> None:
    """A tunnel can be tagged up to the quota in several calls, and keeps every tag."""
    half = script.model.most_tags // 2
    script.tag(script.open(), _many(script, half))
    script.tag("t1", _many(script, script.model.most_tags - half, half))
    script.tags("t1")


@directed("tags/TagResource/overwritten", rules.STORED)
def overwritten(script: Script) -> None:
    """A key that is there takes the new value."""
    script.tag(_with(script, {"Site": "Hall 3"}), {"Site": "Hall 4"})
    script.tags("t1")


@directed("tags/TagResource/once", rules.ONE_EACH)
def once(script: Script) -> None:
    """A key that was given twice is there once."""
    script.tag(_with(script, {"Site": "Hall 3"}), {"Site": "Hall 4"})
    script.tags("t1")


@directed("tags/TagResource/case", rules.STORED)
def case(script: Script) -> None:
    """Keys that differ in case alone are two keys."""
    script.tag(_with(script, {"Site": "Hall 3"}), {"site": "hall 4"})
    script.tags("t1")


@directed("tags/TagResource/empty-value", rules.STORED)
def empty_value(script: Script) -> None:
    """A tag with an empty value is kept."""
    script.tag(script.open(), {"Empty": ""})
    script.tags("t1")


@directed("tags/TagResource/spaces", rules.STORED)
def spaces(script: Script) -> None:
    """Spaces around a key and a value are part of them."""
    script.tag(script.open(), {" Site ": "  Hall  3 "})
    script.tags("t1")


@directed("tags/TagResource/normalisation", rules.STORED)
def normalisation(script: Script) -> None:
    """Keys and values keep their code points: compatibility forms are not exchanged."""
    script.tag(script.open(), {"\u212bngstr\u00f6m": "\u00bd \u2126 \ufb01", "\u00c5ngstr\u00f6m": "1"})
    script.tags("t1")


@directed("tags/TagResource/astral", rules.STORED)
def astral(script: Script) -> None:
    """Letters beyond the Basic Multilingual Plane are kept in keys and values."""
    script.tag(script.open(), {"\U00020000": "\U0001d518 \U00020001"})
    script.tags("t1")


@directed("tags/TagResource/length", rules.STORED)
def length(script: Script) -> None:
    """The longest key and the longest value come back whole."""
    path = ("tags", "[]")
    key = script.number("TagResource", *path, "key", keyword="maxLength")
    value = script.number("TagResource", *path, "value", keyword="maxLength")
    script.tag(script.open(), {"k" * (key - 1) + "z": "v" * (value - 1) + "z"})
    script.tags("t1")


@directed("tags/TagResource/no-leak", rules.NOTHING_ELSE)
def no_leak(script: Script) -> None:
    """A tag is on the tunnel that it was added to, and on no other."""
    script.open()
    script.tag(script.open(), {"Site": "Hall 3"})
    script.tags("t1")


@directed("tags/UntagResource/removed", rules.REMOVED)
def removed(script: Script) -> None:
    """A key that was removed is gone."""
    script.untag(_with(script, {"Site": "Hall 3", "Line": "2"}), "Site")
    script.tags("t1")


@directed("tags/UntagResource/several", rules.REMOVED)
def removed_several(script: Script) -> None:
    """Every key that is named is removed."""
    script.untag(_with(script, {"Site": "Hall 3", "Line": "2", "Team": "blue"}), "Site", "Team")
    script.tags("t1")


@directed("tags/UntagResource/others-kept", rules.STORED)
def others_kept(script: Script) -> None:
    """Removing a key leaves the other tags, a longer key that begins alike among them."""
    script.untag(_with(script, {"Site": "Hall 3", "SiteOwner": "x", "Line": "2"}), "Site")
    script.tags("t1")


@directed("tags/UntagResource/case", rules.STORED)
def untag_case(script: Script) -> None:
    """Removing a key leaves one that differs in case."""
    script.untag(_with(script, {"Site": "Hall 3"}), "site")
    script.tags("t1")


@directed("tags/UntagResource/absent", rules.ACCEPTED)
def absent(script: Script) -> None:
    """Removing a key that is not there succeeds quietly."""
    script.untag(_with(script, {"Site": "Hall 3"}), "Line")


@directed("tags/UntagResource/no-keys", rules.ACCEPTED, rules.STORED)
def no_keys(script: Script) -> None:
    """An empty list of keys is accepted and removes nothing."""
    script.untag(_with(script, {"Site": "Hall 3"}))
    script.tags("t1")


@directed("tags/UntagResource/no-leak", rules.STORED)
def untag_no_leak(script: Script) -> None:
    """Removing a key from one tunnel leaves it on another."""
    _with(script, {"Site": "Hall 3"})
    script.untag(_with(script, {"Site": "Hall 3"}), "Site")
    script.tags("t1")


@directed("tags/DescribeTunnel/agrees", rules.BOTH)
def agrees(script: Script) -> None:
    """DescribeTunnel tells the tags as they are after changes, or none at all."""
    script.tag(_with(script, {"Site": "Hall 3", "Line": "2"}), {"Site": "Hall 4"})
    script.untag("t1", "Line")
    script.describe("t1")


@directed("tags/CloseTunnel/kept", rules.STORED, rules.KEPT)
def kept_when_closed(script: Script) -> None:
    """A closed tunnel keeps its tags."""
    script.shut(_with(script, {"Site": "Hall 3"}))
    script.tags("t1")
