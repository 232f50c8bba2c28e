"""Faults of tags.

A catalogue, and long: the name of a module is the beginning of its faults' ids, by which others know them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.verdict import Level

Tags = list[Params]

#: What of a tag is altered, in place of both.
KEYS, VALUES = ("key",), ("value",)


class _Tags(Fault, defect_class=TAGGING): ...


def altered(
    name: str, case: str, sentence: str, alter: Callable[[str], str], parts: tuple[str, ...] = ("key", "value")
) -> None:
    """Seed a fault: keys and values, or one of both, are altered before they are stored."""

    class Altered(_Tags, name=name, killer=f"tags/TagResource/{case}", sentence=sentence):
        def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
            stored = [{part: alter(text) if part in parts else text for part, text in tag.items()} for tag in tags]
            super().put_tags(tunnel, stored)


altered("tags/trimmed", "spaces", "Keys and values lose the spaces around them.", str.strip)
altered(
    "tags/normalised",
    "normalisation",
    "Keys and values are normalised to NFKC.",
    partial(unicodedata.normalize, "NFKC"),
)
altered(
    "tags/composed", "normalisation", "Keys and values are normalised to NFC.", partial(unicodedata.normalize, "NFC")
)
altered(
    "tags/bmp-only",
    "astral",
    "Letters beyond the basic plane become ?.",
    lambda text: "".join(c if c <= "\uffff" else "?" for c in text),
)


class EmptyReplacesNothing(_Tags, killer="tags/TagResource/empty-value"):
    """An empty value does not replace another one."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        super().put_tags(tunnel, [tag for tag in tags if tag["value"] or tag["key"] not in tunnel.tags])


class EmptyStays(_Tags, killer="tags/UntagResource/several"):
    """UntagResource does not remove a tag with an empty value."""

    def untag_resource(self, params: Params) -> Params:
        tags = self.find_arn(params["resourceArn"]).tags
        return super().untag_resource({**params, "tagKeys": [key for key in params["tagKeys"] if tags.get(key, key)]})


class RemovedByValue(_Tags, killer="tags/UntagResource/others-kept"):
    """UntagResource also removes the tags that have a key as their value."""

    def untag_resource(self, params: Params) -> Params:
        tags = self.find_arn(params["resourceArn"]).tags
        alike = [key for key, value in tags.items() if value in params["tagKeys"]]
        return super().untag_resource({**params, "tagKeys": [*params["tagKeys"], *alike]})


class EmptyDropped(_Tags, killer="tags/TagResource/empty-value"):
    """Tags with an empty value are dropped."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        super().put_tags(tunnel, [tag for tag in tags if tag["value"]])


altered("tags/values-trimmed", "spaces", "Values lose the spaces around them.", str.strip, VALUES)
altered("tags/key-cut", "length", "Keys are cut at 127 characters.", lambda text: text[:127], KEYS)
altered("tags/value-cut", "length", "Values are cut at 255 characters.", lambda text: text[:255], VALUES)
altered("tags/keys-in-lower-case", "case", "Keys are stored in lower case.", str.lower, KEYS)


class OneKeyWhateverCase(_Tags, killer="tags/TagResource/case"):
    """Keys that differ in case are one key."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        existing = {key.lower(): key for key in tunnel.tags}
        super().put_tags(tunnel, [{**tag, "key": existing.get(tag["key"].lower(), tag["key"])} for tag in tags])


class OldValueKept(_Tags, killer="tags/TagResource/overwritten"):
    """An existing key keeps its value."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        super().put_tags(tunnel, [tag for tag in tags if tag["key"] not in tunnel.tags])


class AddedTwice(_Tags, killer="tags/TagResource/once"):
    """An overwritten key is returned with both values."""

    def set_up(self) -> None:
        super().set_up()
        #: The overwritten tags by tunnel id.
        self.overwritten: dict[str, Tags] = {}

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        keys = [tag["key"] for tag in tags if tag["key"] in tunnel.tags]
        old = [{"key": key, "value": tunnel.tags[key]} for key in keys]
        self.overwritten[tunnel.id] = self.overwritten.get(tunnel.id, []) + old
        super().put_tags(tunnel, tags)

    def tags_of(self, tunnel: Tunnel) -> Tags:
        return self.overwritten.get(tunnel.id, []) + super().tags_of(tunnel)


class FortyAtMost(_Tags, killer="tags/OpenTunnel/most"):
    """Only the first forty tags of a request are stored."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        super().put_tags(tunnel, tags[:40])


class FortyInAll(_Tags, killer="tags/TagResource/most"):
    """A tunnel with forty tags takes no more."""

    def put_tags(self, tunnel: Tunnel, tags: Tags) -> None:
        super().put_tags(tunnel, tags if len(tunnel.tags) + len(tags) <= 40 else [])


class LostAtOpening(_Tags, killer="tags/OpenTunnel/stored"):
    """Tags given to OpenTunnel are lost."""

    def open_tunnel(self, params: Params) -> Params:
        return super().open_tunnel({**params, "tags": []})


class LastLost(_Tags, killer="tags/OpenTunnel/stored"):
    """The last of several tags given to OpenTunnel is lost."""

    def open_tunnel(self, params: Params) -> Params:
        tags = params.get("tags", [])
        return super().open_tunnel({**params, "tags": tags[: max(1, len(tags) - 1)]})


class OneByDefault(_Tags, killer="tags/OpenTunnel/none"):
    """A tunnel without tags gets one."""

    def open_tunnel(self, params: Params) -> Params:
        return super().open_tunnel({"tags": [{"key": "Name", "value": ""}], **params})


class Replaced(_Tags, killer="tags/TagResource/added"):
    """TagResource replaces the existing tags."""

    def tag_resource(self, params: Params) -> Params:
        self.find_arn(params["resourceArn"]).tags.clear()
        return super().tag_resource(params)


class FirstRefused(_Tags, killer="tags/TagResource/first"):
    """A tunnel without tags cannot be tagged."""

    def tag_resource(self, params: Params) -> Params:
        if not self.find_arn(params["resourceArn"]).tags:
            raise ApiError("ResourceNotFoundException", "no tags")
        return super().tag_resource(params)


class OnAll(_Tags, killer="tags/TagResource/no-leak"):
    """TagResource tags every tunnel."""

    def tag_resource(self, params: Params) -> Params:
        output = super().tag_resource(params)
        for other in self.store.newest_first():
            self.put_tags(other, params["tags"])
        return output


class NotRemoved(_Tags, killer="tags/UntagResource/removed"):
    """UntagResource removes nothing."""

    def untag_resource(self, params: Params) -> Params:
        return {}


def _removed(name: str, case: str, sentence: str, keys: Callable[[list[str], list[str]], list[str]]) -> None:
    """Seed a fault: UntagResource removes the keys that `keys` makes of those in the request and of the tunnel's."""

    class Removed(_Tags, name=f"tags/{name}", killer=f"tags/UntagResource/{case}", sentence=sentence):
        def untag_resource(self, params: Params) -> Params:
            existing = list(self.find_arn(params["resourceArn"]).tags)
            return super().untag_resource({**params, "tagKeys": keys(params["tagKeys"], existing)})


_removed("first-removed", "several", "UntagResource removes the first key only.", lambda keys, existing: keys[:1])
_removed(
    "removed-by-prefix",
    "others-kept",
    "UntagResource removes every key that begins with a given one.",
    lambda keys, existing: [key for key in existing if key.startswith(tuple(keys))],
)
_removed(
    "removed-whatever-case",
    "case",
    "UntagResource ignores case.",
    lambda keys, existing: [key for key in existing if key.lower() in map(str.lower, keys)],
)
_removed(
    "removed-without-spaces",
    "case",
    "UntagResource ignores the space around a key.",
    lambda keys, existing: [key.strip() for key in keys],
)


class AbsentRefused(_Tags, killer="tags/UntagResource/absent", level=Level.SHOULD):
    """Removing a key that the tunnel does not have is rejected."""

    def untag_resource(self, params: Params) -> Params:
        if not {*params["tagKeys"]} <= self.find_arn(params["resourceArn"]).tags.keys():
            raise ApiError("ValidationException", "no such tag")
        return super().untag_resource(params)


class ManyKeysRefused(_Tags, killer="tags/UntagResource/absent-among-others"):
    """More than a hundred keys at once are rejected."""

    def untag_resource(self, params: Params) -> Params:
        if len(params["tagKeys"]) > 100:
            raise ApiError("ValidationException", "too many keys")
        return super().untag_resource(params)


_removed(
    "long-key-lists-ignored",
    "absent-among-others",
    "Of a list of keys, only the first hundred are removed.",
    lambda keys, existing: keys[:100],
)
_removed(
    "no-keys-removes-all",
    "no-keys",
    "An empty list of keys removes every tag.",
    lambda keys, existing: keys or existing,
)


class NoKeysRefused(_Tags, killer="tags/UntagResource/no-keys"):
    """An empty list of keys is rejected."""

    def untag_resource(self, params: Params) -> Params:
        if not params["tagKeys"]:
            raise ApiError("ValidationException", "no keys")
        return super().untag_resource(params)


class RemovedFromAll(_Tags, killer="tags/UntagResource/no-leak"):
    """UntagResource removes a key from every tunnel."""

    def untag_resource(self, params: Params) -> Params:
        output = super().untag_resource(params)
        for other in self.store.newest_first():
            for key in params["tagKeys"]:
                other.tags.pop(key, None)
        return output


class DescribedAsOpened(_Tags, killer="tags/DescribeTunnel/agrees", level=Level.SHOULD):
    """DescribeTunnel returns the tags that were given to OpenTunnel."""

    def set_up(self) -> None:
        super().set_up()
        self.opened: dict[str, Tags] = {}

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


class DescribedAsMap(_Tags, killer="tags/DescribeTunnel/agrees"):
    """DescribeTunnel returns tags as a map, if there are any."""

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), **({"tags": dict(tunnel.tags)} if tunnel.tags else {})}


class LostWhenClosed(_Tags, killer="tags/CloseTunnel/kept"):
    """A closed tunnel has no tags."""

    def close_tunnel(self, params: Params) -> Params:
        self.find(params["tunnelId"]).tags.clear()
        return super().close_tunnel(params)
