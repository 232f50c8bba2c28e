"""Tags: keys and values are stored code point for code point, and removed by the whole key."""

from __future__ import annotations

from string import punctuation

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario

#: What languages and databases treat specially: names of every object, values that are false or absent, and the
#: members' own names.
_WORDS = (
    *("__proto__", "constructor", "toString", "hasOwnProperty", "length", "_id", "__class__"),
    *("null", "undefined", "None", "nil", "true", "false", "yes", "no", "on", "off"),
    *("0", "-1", "1e3", "007", "NaN"),
    *("key", "Key", "value", "tags", "2026-01-02", "2026-01-02T03:04:05Z"),
)
_RESERVED_WORDS = {word: word for word in _WORDS}
#: Texts that a server may change when it stores them: spaces around and inside, twins by letter case and by Unicode
#: normalization, an empty value, other scripts, characters beyond the Basic Multilingual Plane, and signs.
_TEXTS = {
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


@scenario("tags/OpenTunnel/stored", rules.STORED, requirement="OpenTunnel must store the tags that it is given.")
@scenario(
    "tokens/ListTagsForResource/untold",
    checks=("secrets/not-again",),
    requirement="ListTagsForResource must not return an access token.",
)
def stored(client: ScenarioClient) -> None:
    """Tags given to OpenTunnel, with texts that a server may change."""
    client.list_tags(client.open_tagged({**_TEXTS, **_RESERVED_WORDS, "Line": "007", "Rate": "1.0"}))


@scenario("tags/TagResource/reserved-words", rules.STORED)
def reserved_words(client: ScenarioClient) -> None:
    """Keys and values that a programming language or a database treats specially must be stored."""
    tunnel = client.open()
    client.tag(tunnel, {**_RESERVED_WORDS, "k=v+1": "a=b:c/d+e-f@g_h.i"})
    client.list_tags(tunnel)


@scenario("tags/TagResource/case", rules.STORED)
def case(client: ScenarioClient) -> None:
    """Keys that differ in letter case, or in a sign, must be different keys."""
    member = client.session.contract.operations["TagResource"].input.at("tags[].key")
    signs = [sign for sign in f" {punctuation}" if member.pattern is None or sign in member.pattern.alphabet]
    twins = {f"Site{sign}1": f"Hall {sign} 1" for sign in signs}
    client.tag(client.open_tagged({"Site": "Hall 3"}), {"site": "hall 4", **twins})
    client.list_tags("t1")


@scenario("tags/TagResource/empty-value", rules.STORED)
def empty_value(client: ScenarioClient) -> None:
    """TagResource must store an empty value, also in place of another one."""
    client.tag(client.open_tagged({"Site": "Hall 3"}), {"Empty": "", "Site": ""})
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
    key, value = (client.longest("TagResource", f"tags[].{part}") for part in ("key", "value"))
    client.tag(client.open(), {key: value})
    client.list_tags("t1")


@scenario("tags/UntagResource/several", rules.REMOVED)
def removed_several(client: ScenarioClient) -> None:
    """UntagResource must remove every key that is named."""
    tags = {
        **_TEXTS,
        "Hall 3": "2",
        "a_b.c:d/e=f+g-h@i": "1",
        "awsRegion": "3",
        client.longest("TagResource", "tags[].key"): "4",
    }
    client.untag(client.open_tagged(tags), *tags)
    client.list_tags("t1")


@scenario("tags/UntagResource/others-kept", rules.STORED, rules.REMOVED)
def others_kept(client: ScenarioClient) -> None:
    """UntagResource must not remove other keys, also not those with the same beginning or end, which a removed key fits
    as a pattern, or that have it as their value.
    """
    removed = {"Site": "Hall 3", "a.c": "1", "a+b": "2", "_": "3"}
    others = {"SiteOwner": "x", "abc": "4", "aab": "5", "x": "6", "Place": "Site", "MySite": "7"}
    others |= {f"Site{sign}of": "8" for sign in ":/."}
    client.untag(client.open_tagged({**removed, **others}), *removed)
    client.list_tags("t1")


@scenario("tags/UntagResource/case", rules.STORED)
def untag_case(client: ScenarioClient) -> None:
    """UntagResource must not remove a key that differs in letter case, in the space around it, or by Unicode
    normalization.
    """
    client.untag(client.open_tagged({"Site": "Hall 3", "\u00c5": "1"}), "site", " Site ", "\uff33ite", "\u212b")
    client.list_tags("t1")
