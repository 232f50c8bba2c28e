"""Faults of tags."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.faults.changes import after, told
from tunnelspec.faults.registry import Change, fault

TAGS = "tagging and state"
Tags = list[dict[str, str]]


def _put(change: Callable[[Tunnel, Tags], Tags]) -> Change:
    """Tags are changed before they are put on a tunnel."""

    def apply(emulator: Emulator) -> None:
        put = emulator.put_tags
        emulator.put_tags = lambda tunnel, tags: put(tunnel, change(tunnel, tags))  # type: ignore[method-assign]

    return apply


def _each(change: Callable[[str], str]) -> Change:
    """Every key and value is changed before it is stored."""
    return _put(lambda _, tags: [{name: change(text) for name, text in tag.items()} for tag in tags])


def _tags(name: str, sentence: str, killer: str) -> Callable[[Change], Change]:
    return fault(f"tags/{name}", sentence=sentence, defect_class=TAGS, killer=f"tags/{killer}")


_tags("empty-dropped", "Tags with an empty value are dropped.", "TagResource/empty-value")(
    _put(lambda _, tags: [tag for tag in tags if tag["value"]])
)
_tags("trimmed", "Keys and values lose the spaces around them.", "TagResource/spaces")(_each(str.strip))
_tags("values-trimmed", "Values lose the spaces around them.", "TagResource/spaces")(
    _put(lambda _, tags: [{**tag, "value": tag["value"].strip()} for tag in tags])
)
_tags("normalised", "Keys and values are normalised to NFKC.", "TagResource/normalisation")(
    _each(lambda text: unicodedata.normalize("NFKC", text))
)
_tags("composed", "Keys and values are normalised to NFC.", "TagResource/normalisation")(
    _each(lambda text: unicodedata.normalize("NFC", text))
)
_tags("bmp-only", "Letters beyond the basic plane become ?.", "TagResource/astral")(
    _each(lambda text: "".join(c if c <= "\uffff" else "?" for c in text))
)
_tags("key-cut", "Keys are cut at 127 characters.", "TagResource/length")(
    _put(lambda _, tags: [{**tag, "key": tag["key"][:127]} for tag in tags])
)
_tags("value-cut", "Values are cut at 255 characters.", "TagResource/length")(
    _put(lambda _, tags: [{**tag, "value": tag["value"][:255]} for tag in tags])
)
_tags("old-value-kept", "A key that is there keeps its value.", "TagResource/overwritten")(
    _put(lambda tunnel, tags: [tag for tag in tags if tag["key"] not in tunnel.tags])
)
_tags("keys-in-lower-case", "Keys are stored in lower case.", "TagResource/case")(
    _put(lambda _, tags: [{**tag, "key": tag["key"].lower()} for tag in tags])
)
_tags("forty-at-most", "Only the first forty tags of a call are kept.", "OpenTunnel/most")(
    _put(lambda _, tags: tags[:40])
)
_tags("forty-in-all", "A tunnel keeps forty tags and drops more.", "TagResource/most")(
    _put(lambda tunnel, tags: tags if len(tunnel.tags) + len(tags) <= 40 else [])
)


@_tags("one-key-whatever-case", "Keys that differ in case are one key.", "TagResource/case")
def one_key_whatever_case(emulator: Emulator) -> None:
    def change(tunnel: Tunnel, tags: Tags) -> Tags:
        known = {key.lower(): key for key in tunnel.tags}
        return [{**tag, "key": known.get(tag["key"].lower(), tag["key"])} for tag in tags]

    _put(change)(emulator)


@_tags("lost-at-opening", "Tags given to OpenTunnel are lost.", "OpenTunnel/stored")
def lost_at_opening(emulator: Emulator) -> None:
    perform = emulator.operations["OpenTunnel"]
    emulator.operations["OpenTunnel"] = lambda params: perform({**params, "tags": []})


@_tags("last-lost", "The last of several tags given to OpenTunnel is lost.", "OpenTunnel/stored")
def last_lost(emulator: Emulator) -> None:
    perform = emulator.operations["OpenTunnel"]
    emulator.operations["OpenTunnel"] = lambda params: perform(
        {**params, "tags": params.get("tags", [])[: max(1, len(params.get("tags", [])) - 1)]}
    )


@_tags("one-by-default", "A tunnel without tags gets one.", "OpenTunnel/none")
def one_by_default(emulator: Emulator) -> None:
    perform = emulator.operations["OpenTunnel"]
    default = [{"key": "Name", "value": ""}]
    emulator.operations["OpenTunnel"] = lambda params: perform({"tags": default, **params})


@_tags("replaced", "TagResource replaces the tags that are there.", "TagResource/added")
def replaced(emulator: Emulator) -> None:
    perform = emulator.operations["TagResource"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        emulator.find_arn(params["resourceArn"]).tags.clear()
        return perform(params)

    emulator.operations["TagResource"] = changed


@_tags("first-refused", "A tunnel without tags cannot be tagged.", "TagResource/first")
def first_refused(emulator: Emulator) -> None:
    perform = emulator.operations["TagResource"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        if not emulator.find_arn(params["resourceArn"]).tags:
            raise ApiError("ResourceNotFoundException", "no tags")
        return perform(params)

    emulator.operations["TagResource"] = changed


@_tags("added-twice", "An overwritten key is there with both values.", "TagResource/once")
def added_twice(emulator: Emulator) -> None:
    old: dict[str, Tags] = {}
    put, tags_of = emulator.put_tags, emulator.tags_of

    def change(tunnel: Tunnel, tags: Tags) -> None:
        kept = old.setdefault(tunnel.id, [])
        kept += [{"key": t["key"], "value": tunnel.tags[t["key"]]} for t in tags if t["key"] in tunnel.tags]
        put(tunnel, tags)

    emulator.put_tags = change  # type: ignore[method-assign]
    emulator.tags_of = lambda tunnel: [*old.get(tunnel.id, []), *tags_of(tunnel)]  # type: ignore[method-assign]


@_tags("on-all", "TagResource tags every tunnel.", "TagResource/no-leak")
def on_all(emulator: Emulator) -> None:
    def act(params: dict[str, Any], tunnel: Tunnel) -> None:
        for other in emulator.store.newest_first():
            emulator.put_tags(other, params["tags"])

    after(emulator, "TagResource", act)


@_tags("not-removed", "UntagResource removes nothing.", "UntagResource/removed")
def not_removed(emulator: Emulator) -> None:
    emulator.operations["UntagResource"] = lambda params: {}


@_tags("first-removed", "UntagResource removes the first key only.", "UntagResource/several")
def first_removed(emulator: Emulator) -> None:
    perform = emulator.operations["UntagResource"]
    emulator.operations["UntagResource"] = lambda params: perform({**params, "tagKeys": params["tagKeys"][:1]})


def _removed(is_hit: Callable[[str, str], bool]) -> Change:
    def apply(emulator: Emulator) -> None:
        def act(params: dict[str, Any], tunnel: Tunnel) -> None:
            for key in [k for k in tunnel.tags if any(is_hit(k, named) for named in params["tagKeys"])]:
                del tunnel.tags[key]

        after(emulator, "UntagResource", act)

    return apply


_tags("removed-by-prefix", "UntagResource removes keys that begin alike.", "UntagResource/others-kept")(
    _removed(lambda key, named: key.startswith(named))
)
_tags("removed-whatever-case", "UntagResource ignores case.", "UntagResource/case")(
    _removed(lambda key, named: key.lower() == named.lower())
)


@_tags("absent-refused", "Removing a key that is not there is refused.", "UntagResource/absent")
def absent_refused(emulator: Emulator) -> None:
    perform = emulator.operations["UntagResource"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        if not {*params["tagKeys"]} <= emulator.find_arn(params["resourceArn"]).tags.keys():
            raise ApiError("ValidationException", "no such tag")
        return perform(params)

    emulator.operations["UntagResource"] = changed


@_tags("no-keys-removes-all", "An empty list of keys removes every tag.", "UntagResource/no-keys")
def no_keys_removes_all(emulator: Emulator) -> None:
    after(emulator, "UntagResource", lambda params, tunnel: None if params["tagKeys"] else tunnel.tags.clear())


@_tags("no-keys-refused", "An empty list of keys is refused.", "UntagResource/no-keys")
def no_keys_refused(emulator: Emulator) -> None:
    perform = emulator.operations["UntagResource"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        if not params["tagKeys"]:
            raise ApiError("ValidationException", "no keys")
        return perform(params)

    emulator.operations["UntagResource"] = changed


@_tags("removed-from-all", "UntagResource removes a key from every tunnel.", "UntagResource/no-leak")
def removed_from_all(emulator: Emulator) -> None:
    def act(params: dict[str, Any], tunnel: Tunnel) -> None:
        for other in emulator.store.newest_first():
            for key in params["tagKeys"]:
                other.tags.pop(key, None)

    after(emulator, "UntagResource", act)


@_tags("described-as-opened", "DescribeTunnel tells the tags of the opening.", "DescribeTunnel/agrees")
def described_as_opened(emulator: Emulator) -> None:
    opened: dict[str, Tags] = {}
    perform = emulator.operations["OpenTunnel"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        opened[output["tunnelId"]] = params.get("tags", [])
        return output

    emulator.operations["OpenTunnel"] = changed
    told(emulator, lambda tunnel, shown: shown.update(tags=opened.get(tunnel.id, [])))


@_tags("lost-when-closed", "A closed tunnel has no tags.", "CloseTunnel/kept")
def lost_when_closed(emulator: Emulator) -> None:
    after(emulator, "CloseTunnel", lambda _, tunnel: tunnel.tags.clear())
