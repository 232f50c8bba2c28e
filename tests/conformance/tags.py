"""Tags: what was given is what is there, on that tunnel alone."""

from __future__ import annotations

from collections.abc import Mapping

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario


def _with(client: ScenarioClient, tags: Mapping[str, str]) -> str:
    return client.open(tags=[{"key": key, "value": value} for key, value in tags.items()])


def _many(client: ScenarioClient, count: int | None = None, start: int = 0) -> dict[str, str]:
    """As many tags as a tunnel certainly keeps."""
    count = client.model.most_tags if count is None else count
    return {f"key-{number:02}": f"value {number}" for number in range(start, start + count)}


@scenario("tags/OpenTunnel/stored", rules.STORED)
def stored(client: ScenarioClient) -> None:
    """Tags given to OpenTunnel are the tunnel's."""
    client.tags(_with(client, {"Site": "Hall 3", "Line": "2"}))


@scenario("tags/OpenTunnel/none", rules.NOTHING_ELSE)
def none(client: ScenarioClient) -> None:
    """A tunnel that was given no tags has none."""
    client.tags(client.open())


@scenario("tags/OpenTunnel/most", rules.STORED)
def most_at_opening(client: ScenarioClient) -> None:
    """A tunnel is opened with as many tags as the quota allows, and keeps them all."""
    client.tags(_with(client, _many(client)))


@scenario("tags/TagResource/added", rules.STORED)
def added(client: ScenarioClient) -> None:
    """TagResource adds tags to those that are there."""
    client.tag(_with(client, {"Site": "Hall 3"}), {"Line": "2", "Team": "blue"})
    client.tags("t1")


@scenario("tags/TagResource/first", rules.STORED)
def first(client: ScenarioClient) -> None:
    """TagResource adds tags to a tunnel that had none."""
    client.tag(client.open(), {"Site": "Hall 3"})
    client.tags("t1")


@scenario("tags/TagResource/most", rules.STORED)
def most_in_steps(client: ScenarioClient) -> None:
    """A tunnel can be tagged up to the quota in several calls, and keeps every tag."""
    half = client.model.most_tags // 2
    client.tag(client.open(), _many(client, half))
    client.tag("t1", _many(client, client.model.most_tags - half, half))
    client.tags("t1")


@scenario("tags/TagResource/overwritten", rules.STORED)
def overwritten(client: ScenarioClient) -> None:
    """A key that is there takes the new value."""
    client.tag(_with(client, {"Site": "Hall 3"}), {"Site": "Hall 4"})
    client.tags("t1")


@scenario("tags/TagResource/once", rules.ONE_EACH)
def once(client: ScenarioClient) -> None:
    """A key that was given twice is there once."""
    client.tag(_with(client, {"Site": "Hall 3"}), {"Site": "Hall 4"})
    client.tags("t1")


@scenario("tags/TagResource/case", rules.STORED)
def case(client: ScenarioClient) -> None:
    """Keys that differ in case alone are two keys."""
    client.tag(_with(client, {"Site": "Hall 3"}), {"site": "hall 4"})
    client.tags("t1")


@scenario("tags/TagResource/empty-value", rules.STORED)
def empty_value(client: ScenarioClient) -> None:
    """A tag with an empty value is kept."""
    client.tag(client.open(), {"Empty": ""})
    client.tags("t1")


@scenario("tags/TagResource/spaces", rules.STORED)
def spaces(client: ScenarioClient) -> None:
    """Spaces around a key and a value are part of them."""
    client.tag(client.open(), {" Site ": "  Hall  3 "})
    client.tags("t1")


@scenario("tags/TagResource/normalisation", rules.STORED)
def normalisation(client: ScenarioClient) -> None:
    """Keys and values keep their code points: compatibility forms are not exchanged."""
    client.tag(client.open(), {"\u212bngstr\u00f6m": "\u00bd \u2126 \ufb01", "\u00c5ngstr\u00f6m": "1"})
    client.tags("t1")


@scenario("tags/TagResource/astral", rules.STORED)
def astral(client: ScenarioClient) -> None:
    """Letters beyond the Basic Multilingual Plane are kept in keys and values."""
    client.tag(client.open(), {"\U00020000": "\U0001d518 \U00020001"})
    client.tags("t1")


@scenario("tags/TagResource/length", rules.STORED)
def length(client: ScenarioClient) -> None:
    """The longest key and the longest value come back whole."""
    path = ("tags", "[]")
    key = client.number("TagResource", *path, "key", keyword="maxLength")
    value = client.number("TagResource", *path, "value", keyword="maxLength")
    client.tag(client.open(), {"k" * (key - 1) + "z": "v" * (value - 1) + "z"})
    client.tags("t1")


@scenario("tags/TagResource/no-leak", rules.NOTHING_ELSE)
def no_leak(client: ScenarioClient) -> None:
    """A tag is on the tunnel that it was added to, and on no other."""
    client.open()
    client.tag(client.open(), {"Site": "Hall 3"})
    client.tags("t1")


@scenario("tags/UntagResource/removed", rules.REMOVED)
def removed(client: ScenarioClient) -> None:
    """A key that was removed is gone."""
    client.untag(_with(client, {"Site": "Hall 3", "Line": "2"}), "Site")
    client.tags("t1")


@scenario("tags/UntagResource/several", rules.REMOVED)
def removed_several(client: ScenarioClient) -> None:
    """Every key that is named is removed."""
    client.untag(_with(client, {"Site": "Hall 3", "Line": "2", "Team": "blue"}), "Site", "Team")
    client.tags("t1")


@scenario("tags/UntagResource/others-kept", rules.STORED)
def others_kept(client: ScenarioClient) -> None:
    """Removing a key leaves the other tags, a longer key that begins alike among them."""
    client.untag(_with(client, {"Site": "Hall 3", "SiteOwner": "x", "Line": "2"}), "Site")
    client.tags("t1")


@scenario("tags/UntagResource/case", rules.STORED)
def untag_case(client: ScenarioClient) -> None:
    """Removing a key leaves one that differs in case."""
    client.untag(_with(client, {"Site": "Hall 3"}), "site")
    client.tags("t1")


@scenario("tags/UntagResource/absent", rules.ACCEPTED)
def absent(client: ScenarioClient) -> None:
    """Removing a key that is not there succeeds quietly."""
    client.untag(_with(client, {"Site": "Hall 3"}), "Line")


@scenario("tags/UntagResource/no-keys", rules.ACCEPTED, rules.STORED)
def no_keys(client: ScenarioClient) -> None:
    """An empty list of keys is accepted and removes nothing."""
    client.untag(_with(client, {"Site": "Hall 3"}))
    client.tags("t1")


@scenario("tags/UntagResource/no-leak", rules.STORED)
def untag_no_leak(client: ScenarioClient) -> None:
    """Removing a key from one tunnel leaves it on another."""
    _with(client, {"Site": "Hall 3"})
    client.untag(_with(client, {"Site": "Hall 3"}), "Site")
    client.tags("t1")


@scenario("tags/DescribeTunnel/agrees", rules.BOTH)
def agrees(client: ScenarioClient) -> None:
    """DescribeTunnel tells the tags as they are after changes, or none at all."""
    client.tag(_with(client, {"Site": "Hall 3", "Line": "2"}), {"Site": "Hall 4"})
    client.untag("t1", "Line")
    client.describe("t1")


@scenario("tags/CloseTunnel/kept", rules.STORED, rules.KEPT)
def kept_when_closed(client: ScenarioClient) -> None:
    """A closed tunnel keeps its tags."""
    client.shut(_with(client, {"Site": "Hall 3"}))
    client.tags("t1")
