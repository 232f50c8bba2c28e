"""Faults of tags: what TagResource stores and UntagResource removes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial

from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

Tags = list[Params]

tagging = Faults("tags", TAGGING, "tags/TagResource/")
opening = Faults("tags", TAGGING, "tags/OpenTunnel/")
removing = Faults("tags", TAGGING, "tags/UntagResource/")

#: What of a tag is altered, in place of both.
KEYS, VALUES = ("key",), ("value",)


class _Tags(Fault, defect_class=TAGGING): ...


def each(alter: Callable[[str], str], parts: tuple[str, ...] = ("key", "value")) -> Callable[[Tags, Tunnel], Tags]:
    """Alters keys and values of tags, or one of both."""
    return lambda tags, tunnel: [
        {part: alter(text) if part in parts else text for part, text in tag.items()} for tag in tags
    ]


# What is stored.

tagging("trimmed", "spaces", "Keys and values lose the spaces around them.").put_tags(each(str.strip))
tagging("values-trimmed", "spaces", "Values lose the spaces around them.").put_tags(each(str.strip, VALUES))
tagging("normalised", "normalisation", "Keys and values are normalised to NFKC.").put_tags(
    each(partial(unicodedata.normalize, "NFKC"))
)
tagging("composed", "normalisation", "Keys and values are normalised to NFC.").put_tags(
    each(partial(unicodedata.normalize, "NFC"))
)
tagging("bmp-only", "astral", "Letters beyond the basic plane become ?.").put_tags(
    each(lambda text: re.sub("[^\0-\uffff]", "?", text))
)
tagging("key-cut", "length", "Keys are cut at 127 characters.").put_tags(each(lambda text: text[:127], KEYS))
tagging("value-cut", "length", "Values are cut at 255 characters.").put_tags(each(lambda text: text[:255], VALUES))
tagging("keys-in-lower-case", "case", "Keys are stored in lower case.").put_tags(each(str.lower, KEYS))
tagging("empty-replaces-nothing", "empty-value", "An empty value does not replace another one.").put_tags(
    lambda tags, tunnel: [tag for tag in tags if tag["value"] or tag["key"] not in tunnel.tags]
)
tagging("empty-dropped", "empty-value", "Tags with an empty value are dropped.").put_tags(
    lambda tags, tunnel: [tag for tag in tags if tag["value"]]
)
tagging("old-value-kept", "overwritten", "An existing key keeps its value.").put_tags(
    lambda tags, tunnel: [tag for tag in tags if tag["key"] not in tunnel.tags]
)
tagging("forty-in-all", "most", "A tunnel with forty tags takes no more.").put_tags(
    lambda tags, tunnel: tags if len(tunnel.tags) + len(tags) <= 40 else []
)
tagging("replaced", "added", "TagResource replaces the existing tags.").sets("TagResource", tags={})
tagging("first-refused", "first", "A tunnel without tags cannot be tagged.").refusing(
    Emulator.tag_resource,
    lambda self, params: not self.find_arn(params["resourceArn"]).tags,
    "ResourceNotFoundException",
)
opening("forty-at-most", "most", "Only the first forty tags of a request are stored.").put_tags(
    lambda tags, tunnel: tags[:40]
)
opening("lost-at-opening", "stored", "Tags given to OpenTunnel are lost.").given(
    "OpenTunnel", lambda params: {**params, "tags": []}
)
opening("last-lost", "stored", "The last of several tags given to OpenTunnel is lost.").given(
    "OpenTunnel", lambda params: {**params, "tags": params.get("tags", [])[:-1] or params.get("tags", [])}
)
opening("one-by-default", "none", "A tunnel without tags gets one.").given(
    "OpenTunnel", lambda params: {"tags": [{"key": "Name", "value": ""}], **params}
)


class OneKeyWhateverCase(_Tags, killer="tags/TagResource/case"):
    """Keys that differ in case are one key."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        existing = {key.lower(): key for key in tunnel.tags}
        super().put_tags(tunnel, [{**tag, "key": existing.get(tag["key"].lower(), tag["key"])} for tag in tags])


class AddedTwice(_Tags, killer="tags/TagResource/once"):
    """An overwritten key is returned with both values."""

    #: The overwritten tags by tunnel id.
    overwritten = remembered(dict[str, Tags])

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        keys = [tag["key"] for tag in tags if tag["key"] in tunnel.tags]
        old = [{"key": key, "value": tunnel.tags[key]} for key in keys]
        self.overwritten[tunnel.id] = self.overwritten.get(tunnel.id, []) + old
        super().put_tags(tunnel, tags)

    def tags_of(self, tunnel: Tunnel) -> Tags:
        return self.overwritten.get(tunnel.id, []) + super().tags_of(tunnel)


class OnAll(_Tags, killer="tags/TagResource/no-leak"):
    """TagResource tags every tunnel."""

    def tag_resource(self, params: Params) -> Params:
        output = super().tag_resource(params)
        for other in self.store.newest_first():
            self.put_tags(other, params["tags"])
        return output


# What is removed.

removing("not-removed", "removed", "UntagResource removes nothing.").untag(lambda keys, tags: [])
removing("first-removed", "several", "UntagResource removes the first key only.").untag(lambda keys, tags: keys[:1])
removing("empty-stays", "several", "UntagResource does not remove a tag with an empty value.").untag(
    lambda keys, tags: [key for key in keys if tags.get(key, key)]
)
removing("removed-by-value", "others-kept", "UntagResource also removes the tags with a key as their value.").untag(
    lambda keys, tags: [*keys, *(key for key, value in tags.items() if value in keys)]
)
removing("removed-by-prefix", "others-kept", "UntagResource removes every key that begins with a given one.").untag(
    lambda keys, tags: [key for key in tags if key.startswith(tuple(keys))]
)
removing("removed-whatever-case", "case", "UntagResource ignores case.").untag(
    lambda keys, tags: [key for key in tags if key.lower() in map(str.lower, keys)]
)
removing("removed-without-spaces", "case", "UntagResource ignores the space around a key.").untag(
    lambda keys, tags: [key.strip() for key in keys]
)
removing("long-key-lists-ignored", "absent-among-others", "Of a list of keys, the first hundred are removed.").untag(
    lambda keys, tags: keys[:100]
)
removing("no-keys-removes-all", "no-keys", "An empty list of keys removes every tag.").untag(
    lambda keys, tags: keys or tags
)
removing(
    "absent-refused", "absent", "Removing a key that the tunnel does not have is rejected.", level=Level.SHOULD
).refusing(
    Emulator.untag_resource,
    lambda self, params: not {*params["tagKeys"]} <= self.find_arn(params["resourceArn"]).tags.keys(),
)
removing("many-keys-refused", "absent-among-others", "More than a hundred keys at once are rejected.").refusing(
    Emulator.untag_resource, lambda self, params: len(params["tagKeys"]) > 100
)
removing("no-keys-refused", "no-keys", "An empty list of keys is rejected.").refusing(
    Emulator.untag_resource, lambda self, params: not params["tagKeys"]
)


class RemovedFromAll(_Tags, killer="tags/UntagResource/no-leak"):
    """UntagResource removes a key from every tunnel."""

    def untag_resource(self, params: Params) -> Params:
        output = super().untag_resource(params)
        for other in self.store.newest_first():
            for key in params["tagKeys"]:
                other.tags.pop(key, None)
        return output


# What others return of them.

_described = Faults("tags", TAGGING, "tags/")
_described("described-as-map", "DescribeTunnel/agrees", "DescribeTunnel returns tags as a map, if any.").description(
    lambda described, tunnel: {**described, **({"tags": dict(tunnel.tags)} if tunnel.tags else {})}
)
_described("lost-when-closed", "CloseTunnel/kept", "A closed tunnel has no tags.").sets("CloseTunnel", tags={})


class DescribedAsOpened(_Tags, killer="tags/DescribeTunnel/agrees", level=Level.SHOULD):
    """DescribeTunnel returns the tags that were given to OpenTunnel."""

    opened = remembered(dict[str, Tags])

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        self.opened[output["tunnelId"]] = params.get("tags", [])
        return output

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), "tags": self.opened.get(tunnel.id, [])}


class DescribedAway(_Tags, killer="tags/OpenTunnel/most"):
    """DescribeTunnel removes one tag of more than two."""

    def description(self, tunnel: Tunnel) -> Params:
        described = super().description(tunnel)
        if len(tunnel.tags) > 2:
            tunnel.tags.popitem()
        return described
