"""Faults in single characters that a pattern admits and a server lists by hand, or treats as special."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.emulator import Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import REFUSED


def _refused(name: str, killer: str, sentence: str, shapes: tuple[str, ...], is_refused: Callable[[str], bool]) -> None:
    """Seed a fault: strings of these shapes are rejected though they match their pattern."""

    class Refused(Fault, name=f"characters/{name}", killer=killer, sentence=sentence, defect_class=REFUSED):
        def matches(self, schema: Params, value: str) -> bool:
            return super().matches(schema, value) and not (schema.get("x-shape") in shapes and is_refused(value))


_TAG = ("TagKey", "TagValue")
_KEYS = "validation/*/tags[].key/pattern/literals"
_refused("dot-in-tag", f"{_KEYS}-*", "A full stop is rejected in tags.", _TAG, lambda text: "." in text)
_refused("at-in-tag", f"{_KEYS}-*", "An at sign is rejected in tags.", _TAG, lambda text: "@" in text)
_refused(
    "at-in-tag-value",
    "validation/*/tags[].value/pattern/literals-*",
    "An at sign is rejected in the values of tags.",
    ("TagValue",),
    lambda text: "@" in text,
)
_refused(
    "ideographic-space-in-tag",
    f"{_KEYS}-*",
    "The ideographic space is rejected in tags.",
    _TAG,
    lambda text: "\u3000" in text,
)
_refused(
    "last-letter-in-tag",
    f"{_KEYS}-*",
    "The class of letters in tags ends at y.",
    _TAG,
    lambda text: "z" in text or "Z" in text,
)
_refused(
    "tag-of-dots",
    f"{_KEYS}-alone-*",
    "A tag's key that is a full stop alone is rejected.",
    ("TagKey",),
    lambda text: text == ".",
)
_refused(
    "blank-tag",
    f"{_KEYS}-alone-*",
    "A tag's key of white space alone counts as empty.",
    ("TagKey",),
    lambda text: text.isspace(),
)
_refused(
    "quote-in-description",
    "validation/OpenTunnel/description/pattern/literals-between*",
    "A quotation mark is rejected in a description.",
    ("Description",),
    lambda text: '"' in text,
)
_refused(
    "blank-description",
    "validation/OpenTunnel/description/pattern/literals-alone-U+0020",
    "A description of white space alone counts as empty.",
    ("Description",),
    str.isspace,
)
_refused(
    "thing-begins-with-a-letter",
    "validation/OpenTunnel/destinationConfig.thingName/pattern/literals-alone-*",
    "A thing's name that begins with a hyphen is rejected.",
    ("ThingName",),
    lambda text: text.startswith("-"),
)
