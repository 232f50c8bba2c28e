"""Faults of keys and values of tags that languages, databases and libraries treat specially."""

from __future__ import annotations

import re
import unicodedata

from tunnelspec.emulator import Emulator
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.faults.rows import Faults
from tunnelspec.faults.tags import KEYS, VALUES, each

tagging = Faults("tag_texts", TAGGING, "tags/TagResource/")
removing = Faults("tag_texts", TAGGING, "tags/UntagResource/")


def _as_number(text: str) -> str:
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


tagging("values-end-at-equals", "reserved-words", "A value ends before its first equals sign.").put_tags(
    each(lambda text: text.partition("=")[0], VALUES)
)
tagging(
    "numbers-for-values", "reserved-words", "Keys and values that look like numbers are stored as numbers."
).put_tags(each(_as_number))
tagging("wide-spaces-narrowed", "wide-spaces", "No-break and wide spaces become plain spaces.").put_tags(
    each(lambda text: re.sub(r"\s", " ", text))
)
tagging(
    "wide-spaces-trimmed", "wide-spaces", "Keys and values lose the no-break and wide spaces around them."
).put_tags(each(lambda text: text.strip("\u00a0\u3000\u2003")))
tagging("width-folded", "normalisation", "Full-width letters and digits become plain ones.").put_tags(
    each(lambda text: re.sub("[\uff01-\uff5e]", lambda wide: chr(ord(wide[0]) - 0xFEE0), text))
)
tagging("dots-in-keys-replaced", "case", "A dot in a key becomes an underscore.").put_tags(
    each(lambda text: text.replace(".", "_"), KEYS)
)
tagging("signs-in-keys-replaced", "case", "Every sign in a key becomes a hyphen.").put_tags(
    each(lambda text: re.sub(r"[^\w\s]", "-", text), KEYS)
)
tagging("plus-in-keys-is-space", "case", "A plus sign in a key becomes a space, as in a query string.").put_tags(
    each(lambda text: text.replace("+", " "), KEYS)
)
tagging(
    "inherited-names-dropped", "reserved-words", "Tags whose keys every JavaScript object has are dropped."
).put_tags(lambda tags, tunnel: [tag for tag in tags if tag["key"] not in ("__proto__", "constructor", "toString")])
tagging(
    "no-aws-anywhere", "first", "Keys that begin with aws are refused, with or without a colon behind it."
).refusing(Emulator.put_tags, lambda self, tunnel, tags: any(tag["key"].startswith("aws") for tag in tags))
removing("removed-by-compatibility", "case", "UntagResource compares keys in NFKC.").untag(
    lambda keys, tags: [*keys, *(key for key in tags if _compatible(key) in map(_compatible, keys))]
)
tagging("value-cut-in-bytes", "length", "Values are cut at 767 bytes of UTF-8.").put_tags(
    each(lambda text: text.encode()[:767].decode("utf-8", "ignore"), VALUES)
)
tagging("key-cut-in-bytes", "length", "Keys are cut at 128 bytes of UTF-8.").put_tags(
    each(lambda text: text.encode()[:128].decode("utf-8", "ignore"), KEYS)
)
tagging("aws-anywhere-refused", "first", "Keys that hold aws: anywhere are refused.").refusing(
    Emulator.put_tags, lambda self, tunnel, tags: any("aws:" in tag["key"].lower()[1:] for tag in tags)
)
removing("long-kept", "several", "UntagResource does not remove keys of more than 64 characters.").untag(
    lambda keys, tags: [key for key in keys if len(key) <= 64]
)
removing("astral-kept", "several", "UntagResource does not remove keys beyond the Basic Multilingual Plane.").untag(
    lambda keys, tags: [key for key in keys if max(key) <= "\uffff"]
)
removing("spaced-kept", "several", "UntagResource does not remove keys with spaces around them.").untag(
    lambda keys, tags: [key for key in keys if key == key.strip()]
)
removing("below-removed", "others-kept", "UntagResource removes Site/of with Site, as if it were in a folder.").untag(
    lambda keys, tags: [*keys, *(key for key in tags if key.startswith(tuple(f"{given}/" for given in keys)))]
)
removing("alike-at-the-end", "others-kept", "UntagResource removes the keys that end with one.").untag(
    lambda keys, tags: [*keys, *(key for key in tags if key.endswith(tuple(keys)))]
)
