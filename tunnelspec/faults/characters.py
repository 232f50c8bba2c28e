"""Faults in single characters that a pattern admits and a server lists by hand, or treats as special."""

from __future__ import annotations

import re

from tunnelspec.emulator import Emulator
from tunnelspec.faults.defect_classes import REFUSED
from tunnelspec.faults.rows import Faults

characters = Faults("characters", REFUSED, "validation/")
_KEY, _VALUE, _TAG = ("TagKey",), ("TagValue",), ("TagKey", "TagValue")


def _refused(name: str, case: str, sentence: str, shapes: tuple[str, ...], refused: str) -> None:
    """Seed a fault: strings of these shapes in which a pattern is found are rejected though they match their own."""
    characters(name, case, sentence).after(
        Emulator.matches,
        lambda matched, self, schema, value: (
            matched and not (schema.get("x-shape") in shapes and re.search(refused, value) is not None)
        ),
    )


_LITERALS, _ALONE = "*/tags[].key/pattern/literals-*", "*/tags[].key/pattern/literals-alone-*"
_VALUES = "*/tags[].value/pattern/literals-*"
_DESCRIPTION = "OpenTunnel/description/pattern/literals"
_THING = "OpenTunnel/destinationConfig.thingName/pattern/literals-alone-*"
_refused("dot-in-tag", _LITERALS, "A full stop is rejected in tags.", _TAG, r"\.")
_refused("at-in-tag", _LITERALS, "An at sign is rejected in tags.", _TAG, "@")
_refused("at-in-tag-value", _VALUES, "An at sign is rejected in the values of tags.", _VALUE, "@")
_refused("ideographic-space-in-tag", _LITERALS, "The ideographic space is rejected in tags.", _TAG, "\u3000")
_refused("last-letter-in-tag", _LITERALS, "The class of letters in tags ends at y.", _TAG, "[zZ]")
_refused("tag-of-dots", _ALONE, "A tag's key that is a full stop alone is rejected.", _KEY, r"\A\.\Z")
_refused("blank-tag", _ALONE, "A tag's key of white space alone counts as empty.", _KEY, r"\A\s+\Z")
_refused(
    "quote-in-description",
    f"{_DESCRIPTION}-between*",
    "A quotation mark in a description is rejected.",
    ("Description",),
    '"',
)
_refused(
    "blank-description",
    f"{_DESCRIPTION}-alone-U+0020",
    "A description of white space alone counts as empty.",
    ("Description",),
    r"\A\s+\Z",
)
_refused(
    "thing-begins-with-a-letter", _THING, "A thing name that begins with a hyphen is rejected.", ("ThingName",), r"\A-"
)
