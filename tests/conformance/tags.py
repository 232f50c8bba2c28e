"""Tags: each tunnel has the tags that it was given, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from string import punctuation

from tunnelspec.exchange import Live
from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import RejectionAllowed

#: What languages and databases treat specially: names of every object, values that are false or absent, and the
#: members' own names.
RESERVED_WORDS = (
    *("__proto__", "constructor", "toString", "hasOwnProperty", "length", "_id", "__class__"),
    *("null", "undefined", "None", "nil", "true", "false", "yes", "no", "on", "off"),
    *("0", "-1", "1e3", "007", "NaN"),
    *("key", "Key", "value", "tags", "2026-01-02", "2026-01-02T03:04:05Z"),
)


#: Texts that a server may change when it stores them: spaces around and inside, twins by letter case and by Unicode
#: normalization, an empty value, other scripts, characters beyond the Basic Multilingual Plane, and signs.
TEXTS = {
    " Site ": "  Hall  3 ",
    "Site": "Hall 3",
    "site": "",
    "\u212bngstr\u00f6m": "\u00bd \u2126 \ufb01",
    "\u00c5ngstr\u00f6m": "\uff21\uff11 \uff76\uff9e",
    "\u00a0wide\u3000": "\u00a0Hall\u20033\u2028\u2029\u3000",
    "Gr\u00f6\u00dfe": "\u0131 \u0130 \u043d\u0430\u0441\u043e\u0441 \u6cf5 \ud55c\u56fd",
    "\U00020000": "\U0001d518 \U00020001",
    "k=v+1": "a=b:c/d+e-f@g_h.i",
    "Laws:1": "awsRegion",
}


def _with(client: ScenarioClient, tags: Mapping[str, str]) -> str:
    return client.open(tags=[{"key": key, "value": value} for key, value in tags.items()])


def _longest(client: ScenarioClient, member: str, end: str = "") -> str:
    """The longest key or value, in letters of three bytes in UTF-8, with this end."""
    return end.rjust(client.number("TagResource", "tags", "[]", member, keyword="maxLength"), "\u6cf5")


def _many(client: ScenarioClient, count: int | None = None, start: int = 0) -> dict[str, str]:
    """As many tags as the quota allows, or `count` of them."""
    count = client.model.state.max_tags if count is None else count
    return {f"key-{number:02}": f"value {number}" for number in range(start, start + count)}


@scenario("tags/OpenTunnel/stored", rules.STORED, requirement="OpenTunnel must store the tags that it is given.")
@scenario(
    "tokens/ListTagsForResource/untold",
    checks=("secrets/not-again",),
    requirement="ListTagsForResource must not return an access token.",
)
def stored(client: ScenarioClient) -> None:
    """Tags given to OpenTunnel, with texts that a server may change."""
    client.list_tags(_with(client, {**TEXTS, **{word: word for word in RESERVED_WORDS}, "Line": "007", "Rate": "1.0"}))


@scenario("tags/OpenTunnel/most", rules.STORED, rules.BOTH)
def most_at_opening(client: ScenarioClient) -> None:
    """OpenTunnel must store as many tags as the quota allows, also long ones; reading them must not change them."""
    tags = {_longest(client, "key", key): _longest(client, "value", value) for key, value in _many(client).items()}
    client.list_tags(_with(client, tags))
    client.describe("t1")
    client.list_tags("t1")


@scenario("tags/OpenTunnel/once", rules.ONE_EACH)
def once_at_opening(client: ScenarioClient) -> None:
    """A key that OpenTunnel or TagResource is given twice must be listed once, if it is accepted."""
    twice = [{"key": "Site", "value": "Hall 3"}] * 2  # the sweep finds what has one of them
    try:
        client.list_tags(client.open(tags=twice))
    except RejectionAllowed:
        client.open()
    client.call("TagResource", {"resourceArn": Live(client.last("t"), "tunnelArn"), "tags": twice})
    client.list_tags(client.last("t"))


@scenario("tags/TagResource/added", rules.STORED)
def added(client: ScenarioClient) -> None:
    """TagResource must add tags to those that are there."""
    client.tag(_with(client, {"Site": "Hall 3"}), {"Line": "2", "7": "07"})
    client.list_tags("t1")


@scenario("tags/TagResource/first", rules.STORED)
def first(client: ScenarioClient) -> None:
    """TagResource must add tags to a tunnel without tags."""
    client.tag(client.open(), {"Site": "Hall 3", "awsRegion": "aws-global", "Laws:1": "aws"})
    client.list_tags("t1")


@scenario("tags/TagResource/most", rules.STORED)
def most_in_steps(client: ScenarioClient) -> None:
    """TagResource must store tags up to the quota, in several calls."""
    half = client.model.state.max_tags // 2
    client.tag(client.open(), _many(client, half))
    client.tag("t1", _many(client, client.model.state.max_tags - half, half))
    client.list_tags("t1")


@scenario(
    "tags/TagResource/most-overwritten",
    rules.STORED,
    requirement="TagResource must replace the values of as many tags as the quota allows.",
)
@scenario(
    "tags/TagResource/most-again",
    rules.STORED,
    requirement="TagResource must store as many tags as the quota allows after as many were removed.",
)
def most_twice(client: ScenarioClient) -> None:
    """As many tags as the quota allows, with other values and then with other keys."""
    tunnel = _with(client, _many(client))
    client.tag(tunnel, dict.fromkeys(_many(client), "another value"))
    client.list_tags(tunnel)
    client.untag(tunnel, *_many(client))
    client.tag(tunnel, _many(client, start=client.model.state.max_tags))
    client.list_tags(tunnel)


@scenario("tags/TagResource/reserved-words", rules.STORED)
def reserved_words(client: ScenarioClient) -> None:
    """Keys and values that a programming language or a database treats specially must be stored."""
    tunnel = client.open()
    client.tag(tunnel, {**{word: word for word in RESERVED_WORDS}, "k=v+1": "a=b:c/d+e-f@g_h.i"})
    client.list_tags(tunnel)


@scenario(
    "tags/TagResource/overwritten",
    rules.STORED,
    requirement="TagResource must replace the value of a key that is there.",
)
@scenario("tags/TagResource/once", rules.ONE_EACH, requirement="A key that was given twice must be listed once.")
def overwritten(client: ScenarioClient) -> None:
    """A tag that is given again with another value."""
    client.list_tags(_with(client, {"Site": "Hall 3"}))
    client.tag("t1", {"Site": "Hall 4"})
    client.tag("t1", {"Site": "Hall 4"})
    client.list_tags("t1")


@scenario("tags/TagResource/case", rules.STORED)
def case(client: ScenarioClient) -> None:
    """Keys that differ in letter case, or in a sign, must be different keys."""
    member = client.session.contract.operations["TagResource"].input.at("tags[].key")
    signs = [sign for sign in f" {punctuation}" if member.pattern is None or sign in member.pattern.alphabet]
    twins = {f"Site{sign}1": f"Hall {sign} 1" for sign in signs}
    client.tag(_with(client, {"Site": "Hall 3"}), {"site": "hall 4", **twins})
    client.list_tags("t1")


@scenario("tags/TagResource/empty-value", rules.STORED)
def empty_value(client: ScenarioClient) -> None:
    """TagResource must store an empty value, also in place of another one."""
    client.tag(_with(client, {"Site": "Hall 3"}), {"Empty": "", "Site": ""})
    client.list_tags("t1")


@scenario("tags/TagResource/spaces", rules.STORED)
def spaces(client: ScenarioClient) -> None:
    """Spaces around a key and a value must be stored."""
    client.tag(client.open(), {" Site ": "  Hall  3 "})
    client.list_tags("t1")


@scenario("tags/TagResource/wide-spaces", rules.STORED)
def wide_spaces(client: ScenarioClient) -> None:
    """No-break and wide spaces must be stored, inside a value and around it."""
    client.tag(client.open(), {"Site": "\u00a0Hall\u20033\u3000"})
    client.list_tags("t1")


@scenario("tags/TagResource/normalisation", rules.STORED)
def normalisation(client: ScenarioClient) -> None:
    """Keys and values must be stored code point for code point, without Unicode normalization."""
    values = "\u00bd \u2126 \ufb01", "\uff21\uff11 \uff76\uff9e"
    client.tag(client.open(), dict(zip(("\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m"), values, strict=True)))
    client.list_tags("t1")


@scenario("tags/TagResource/astral", rules.STORED)
def astral(client: ScenarioClient) -> None:
    """Letters beyond the Basic Multilingual Plane must be stored in keys and values."""
    client.tag(client.open(), {"\U00020000": "\U0001d518 \U00020001"})
    client.list_tags("t1")


@scenario("tags/TagResource/length", rules.STORED)
def length(client: ScenarioClient) -> None:
    """The longest key and the longest value must be stored in full."""
    client.tag(client.open(), {_longest(client, "key"): _longest(client, "value")})
    client.list_tags("t1")


@scenario("tags/TagResource/no-leak", rules.NOTHING_ELSE, rules.STORED)
def no_leak(client: ScenarioClient) -> None:
    """TagResource must not tag other tunnels, nor give their tags other values."""
    one, other = client.open_alike(2)
    client.tag(one, {"Site": "Hall 4"})
    client.tag(other, {"Site": "Hall 3", "Line": "2"})
    client.list_tags(one)


@scenario("tags/UntagResource/removed", rules.REMOVED, rules.STORED)
def removed(client: ScenarioClient) -> None:
    """UntagResource must remove a key, which can then be given again."""
    client.list_tags(_with(client, {"Site": "Hall 3", "Line": "2"}))
    client.untag("t1", "Site")
    client.list_tags("t1")
    client.tag("t1", {"Site": "Hall 4"})
    client.list_tags("t1")


@scenario("tags/UntagResource/several", rules.REMOVED)
def removed_several(client: ScenarioClient) -> None:
    """UntagResource must remove every key that is named."""
    tags = {**TEXTS, "Hall 3": "2", "a_b.c:d/e=f+g-h@i": "1", "awsRegion": "3", _longest(client, "key"): "4"}
    client.untag(_with(client, tags), *tags)
    client.list_tags("t1")


@scenario("tags/UntagResource/others-kept", rules.STORED, rules.REMOVED)
def others_kept(client: ScenarioClient) -> None:
    """UntagResource must not remove other keys, also not those with the same beginning or end, which a removed key fits
    as a pattern, or that have it as their value.
    """
    removed = {"Site": "Hall 3", "a.c": "1", "a+b": "2", "_": "3"}
    others = {"SiteOwner": "x", "abc": "4", "aab": "5", "x": "6", "Place": "Site", "MySite": "7"}
    others |= {f"Site{sign}of": "8" for sign in ":/."}
    client.untag(_with(client, {**removed, **others}), *removed)
    client.list_tags("t1")


@scenario("tags/UntagResource/case", rules.STORED)
def untag_case(client: ScenarioClient) -> None:
    """UntagResource must not remove a key that differs in letter case, in the space around it, or by Unicode
    normalization.
    """
    client.untag(_with(client, {"Site": "Hall 3", "\u00c5": "1"}), "site", " Site ", "\uff33ite", "\u212b")
    client.list_tags("t1")


@scenario("tags/UntagResource/absent", rules.ABSENT_KEY)
def absent(client: ScenarioClient) -> None:
    """UntagResource should succeed for a key that is not there."""
    client.untag(_with(client, {"Site": "Hall 3"}), "Line")


@scenario("tags/UntagResource/absent-among-others", rules.REMOVED, rules.ACCEPTED)
def absent_among_others(client: ScenarioClient) -> None:
    """If UntagResource succeeds with a key that is not there, or is named twice, it must remove the others, and accept
    as many keys as the document allows.
    """
    if client.untag(_with(client, {"Site": "Hall 3", "Team": "blue"}), "Line", "Site", "Site").accepted:
        most = client.session.contract.operations["UntagResource"].input.at("tagKeys").max_items or 2
        client.untag("t1", *_many(client, most - 1), "Team")
        client.list_tags("t1")


@scenario("tags/UntagResource/no-keys", rules.ACCEPTED, rules.STORED)
def no_keys(client: ScenarioClient) -> None:
    """UntagResource must accept an empty list of keys and remove nothing."""
    client.untag(_with(client, {"Site": "Hall 3"}))
    client.list_tags("t1")


@scenario("tags/UntagResource/no-leak", rules.STORED)
def untag_no_leak(client: ScenarioClient) -> None:
    """UntagResource must not remove the key from other tunnels."""
    one, other = client.open_alike(2)
    client.tag(one, {"Site": "Hall 3"})
    client.tag(other, {"Site": "Hall 3"})
    client.untag(other, "Site")
    client.list_tags(one)


@scenario(
    "tags/DescribeTunnel/agrees",
    rules.BOTH,
    requirement="DescribeTunnel should return the same tags as ListTagsForResource, or none.",
)
@scenario(
    "tags/TagResource/keeps-the-rest",
    *(rules.OPEN, rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.CREATED),
    requirement="TagResource and UntagResource must change nothing but tags.",
)
def agrees(client: ScenarioClient) -> None:
    """A tunnel with every member, described after each change of its tags."""
    tunnel = client.open_whole(tags=[{"key": "Site", "value": "Hall 3"}, {"key": "Line", "value": "2"}])
    client.describe(tunnel)
    client.tag(tunnel, {"Site": "Hall 4"})
    client.describe(tunnel)
    client.untag(tunnel, "Line")
    client.describe(tunnel)


@scenario("tags/CloseTunnel/kept", rules.STORED, rules.KEPT)
def kept_when_closed(client: ScenarioClient) -> None:
    """CloseTunnel must not change the tags of a tunnel; TagResource and UntagResource must where they succeed then."""
    client.close_tunnel(_with(client, {"Site": "Hall 3", "Line": "2", "Team": "blue"}))
    client.list_tags("t1")
    client.tag("t1", {"Site": "Hall 4"})
    client.untag("t1", "Line")
    client.list_tags("t1")
