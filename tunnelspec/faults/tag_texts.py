"""Faults of keys and values of tags that languages, databases and libraries treat specially."""

from __future__ import annotations

import re
import unicodedata

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.faults.tags import StoredText


class ValuesEndAtEquals(Fault, killer="tags/TagResource/reserved-words", defect_class=TAGGING):
    """A value ends before its first equals sign."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, [{**tag, "value": tag["value"].partition("=")[0]} for tag in tags])


class InheritedNamesDropped(Fault, killer="tags/TagResource/reserved-words", defect_class=TAGGING):
    """Tags are dropped whose keys every JavaScript object has."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, [tag for tag in tags if tag["key"] not in ("__proto__", "constructor", "toString")])


class _Keys(Fault, defect_class=TAGGING):
    """Stores each tag under another key."""

    def key(self, text: str) -> str:
        """What becomes of a key."""
        return text

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, [{**tag, "key": self.key(tag["key"])} for tag in tags])


class NumbersForValues(StoredText, killer="tags/TagResource/reserved-words"):
    """Keys and values that look like numbers are stored as numbers."""

    def stored(self, text: str) -> str:
        try:
            return f"{float(super().stored(text)):g}"
        except ValueError:
            return text


class NoAwsAnywhere(Fault, killer="tags/TagResource/first", defect_class=TAGGING):
    """Keys that begin with aws are refused, with or without a colon behind it."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        if any(tag["key"].startswith("aws") for tag in tags):
            raise ApiError("ValidationException")
        super().put_tags(tunnel, tags)


class WideSpacesNarrowed(StoredText, killer="tags/TagResource/wide-spaces"):
    """No-break and wide spaces become plain spaces."""

    def stored(self, text: str) -> str:
        return re.sub(r"\s", " ", super().stored(text))


class RemovedByCompatibility(Fault, killer="tags/UntagResource/case", defect_class=TAGGING):
    """UntagResource compares keys in NFKC."""

    def untag_resource(self, params: Params) -> Params:
        keys = {unicodedata.normalize("NFKC", key) for key in params["tagKeys"]}
        known = self.find_arn(params["resourceArn"]).tags
        alike = [key for key in known if unicodedata.normalize("NFKC", key) in keys]
        return super().untag_resource({**params, "tagKeys": [*params["tagKeys"], *alike]})


class WidthFolded(StoredText, killer="tags/TagResource/normalisation"):
    """Full-width letters and digits become plain ones."""

    def stored(self, text: str) -> str:
        text = super().stored(text)
        return "".join(chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char for char in text)


class WideSpacesTrimmed(StoredText, killer="tags/TagResource/wide-spaces"):
    """Keys and values lose the no-break and wide spaces around them."""

    def stored(self, text: str) -> str:
        return super().stored(text).strip("\u00a0\u3000\u2003")


class DotsInKeysReplaced(_Keys, killer="tags/TagResource/case"):
    """A dot in a key becomes an underscore."""

    def key(self, text: str) -> str:
        return text.replace(".", "_")


class SignsInKeysReplaced(_Keys, killer="tags/TagResource/case"):
    """Every sign in a key becomes a hyphen."""

    def key(self, text: str) -> str:
        return re.sub(r"[^\w\s]", "-", text)


class PlusInKeysIsSpace(_Keys, killer="tags/TagResource/case"):
    """A plus sign in a key becomes a space, as in a query string."""

    def key(self, text: str) -> str:
        return text.replace("+", " ")
