"""Faults of keys and values of tags that languages, databases and libraries treat specially."""

from __future__ import annotations

import re
import unicodedata

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.faults.tags import KEYS, VALUES, altered

altered(
    "tag_texts/values-end-at-equals",
    "reserved-words",
    "A value ends before its first equals sign.",
    lambda text: text.partition("=")[0],
    VALUES,
)


class InheritedNamesDropped(Fault, killer="tags/TagResource/reserved-words", defect_class=TAGGING):
    """Tags are dropped whose keys every JavaScript object has."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, [tag for tag in tags if tag["key"] not in ("__proto__", "constructor", "toString")])


def _as_number(text: str) -> str:
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


altered(
    "tag_texts/numbers-for-values",
    "reserved-words",
    "Keys and values that look like numbers are stored as numbers.",
    _as_number,
)


class NoAwsAnywhere(Fault, killer="tags/TagResource/first", defect_class=TAGGING):
    """Keys that begin with aws are refused, with or without a colon behind it."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        if any(tag["key"].startswith("aws") for tag in tags):
            raise ApiError("ValidationException")
        super().put_tags(tunnel, tags)


altered(
    "tag_texts/wide-spaces-narrowed",
    "wide-spaces",
    "No-break and wide spaces become plain spaces.",
    lambda text: re.sub(r"\s", " ", text),
)


class RemovedByCompatibility(Fault, killer="tags/UntagResource/case", defect_class=TAGGING):
    """UntagResource compares keys in NFKC."""

    def untag_resource(self, params: Params) -> Params:
        keys = {unicodedata.normalize("NFKC", key) for key in params["tagKeys"]}
        known = self.find_arn(params["resourceArn"]).tags
        alike = [key for key in known if unicodedata.normalize("NFKC", key) in keys]
        return super().untag_resource({**params, "tagKeys": [*params["tagKeys"], *alike]})


altered(
    "tag_texts/width-folded",
    "normalisation",
    "Full-width letters and digits become plain ones.",
    lambda text: "".join(chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char for char in text),
)
altered(
    "tag_texts/wide-spaces-trimmed",
    "wide-spaces",
    "Keys and values lose the no-break and wide spaces around them.",
    lambda text: text.strip("\u00a0\u3000\u2003"),
)
altered(
    "tag_texts/dots-in-keys-replaced",
    "case",
    "A dot in a key becomes an underscore.",
    lambda text: text.replace(".", "_"),
    KEYS,
)
altered(
    "tag_texts/signs-in-keys-replaced",
    "case",
    "Every sign in a key becomes a hyphen.",
    lambda text: re.sub(r"[^\w\s]", "-", text),
    KEYS,
)
altered(
    "tag_texts/plus-in-keys-is-space",
    "case",
    "A plus sign in a key becomes a space, as in a query string.",
    lambda text: text.replace("+", " "),
    KEYS,
)
