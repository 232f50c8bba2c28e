"""Faults of validation that people really make, beyond the mechanical ones in `derived`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tunnelspec.emulator import Emulator, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import NOT_ENFORCED, REFUSED, UNICODE
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

description = Faults("validation", UNICODE, "validation/OpenTunnel/description/pattern/")
tags = Faults("validation", UNICODE, "validation/OpenTunnel/tags[].key/pattern/")
validation = Faults("validation", NOT_ENFORCED)

# Strings that are altered before they are compared with their pattern.


def _read_as(shapes: tuple[str, ...], alter: Callable[[str], str]) -> Callable[..., bool]:
    """A string of these shapes is altered before it is compared with its pattern."""

    def matches(call: Callable[[Params, str], bool], self: Emulator, schema: Params, value: str) -> bool:
        return call(schema, alter(value) if schema.get("x-shape") in shapes else value)

    return matches


def _replaced(characters: str, by: str) -> Callable[[str], str]:
    """Replaces each character of a class, as regular expressions write it."""
    return lambda text: re.sub(f"[{characters}]", by, text)


_DESCRIPTION, _TAG = ("Description",), ("TagKey", "TagValue")
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
description("joiner-in-description", "excludes-Cf-U+200D", "A zero width joiner is accepted in a description.").around(
    Emulator.matches, _read_as(_DESCRIPTION, _replaced("\u200d", "a"))
)
description("soft-hyphen-in-description", "excludes-Cf-U+00AD", "A soft hyphen is accepted in a description.").around(
    Emulator.matches, _read_as(_DESCRIPTION, _replaced("\u00ad", "a"))
)
description("unassigned-in-description", "excludes-Cn-*", "A noncharacter is accepted in a description.").around(
    Emulator.matches, _read_as(_DESCRIPTION, _replaced("\ufdd0-\ufdef\ufffe\uffff", "a"))
)
description(
    "private-use-in-description", "excludes-Co-*", "Private use characters are accepted in a description."
).around(Emulator.matches, _read_as(_DESCRIPTION, _replaced(_PRIVATE, "a")))
description(
    "astral-in-description", "excludes-C?-U+?????", "Everything beyond the basic plane is accepted in a description."
).around(Emulator.matches, _read_as(_DESCRIPTION, _replaced("^\0-\uffff", "a")))
description("bytes-counted", "longest-astral", "The description's length is counted in bytes of UTF-8.").around(
    Emulator.matches, _read_as(_DESCRIPTION, lambda text: text if text.isascii() else text + "a" * 3 * len(text))
)
description("description-trimmed", "newline-at-the-end", "The description is trimmed before it is validated.").around(
    Emulator.matches, _read_as(_DESCRIPTION, lambda text: text.strip() or text)
)
description(
    "mark-in-description",
    "excludes-Cf-U+FEFF-at-the-start",
    "A byte order mark at the beginning of a description is dropped before it is validated.",
).around(Emulator.matches, _read_as(_DESCRIPTION, lambda text: text.removeprefix("\ufeff") or text))
validation(
    "slash-in-thing-name",
    "validation/OpenTunnel/destinationConfig.thingName/pattern/excludes-Po-U+002F",
    "A slash is accepted in the name of a thing.",
).around(Emulator.matches, _read_as(("ThingName",), _replaced("/", "a")))
tags("combining-mark-in-tag", "excludes-Mn-*", "A combining mark is accepted in a tag.").around(
    Emulator.matches, _read_as(_TAG, lambda text: "".join(c for c in text if unicodedata.category(c) != "Mn"))
)
tags(
    "tags-normalised",
    "excludes-Mn-*",
    "Tags are normalised before they are validated, so that decomposed letters are accepted.",
).around(Emulator.matches, _read_as(_TAG, lambda text: unicodedata.normalize("NFC", text)))
tags("astral-letter-refused", "literals-between", "Letters beyond the basic plane are rejected in tags.").around(
    Emulator.matches, _read_as(_TAG, _replaced("^\0-\uffff", "\0"))
)
tags("latin-only-tags", "literals-between", "Only Latin letters are accepted in tags.").around(
    Emulator.matches, _read_as(_TAG, _replaced("^\0-\u024f", "\0"))
)
tags("ascii-digits-only", "literals-between", "Only the digits 0 to 9 count as numbers in tags.").around(
    Emulator.matches,
    _read_as(
        _TAG, lambda text: "".join("\0" if unicodedata.category(c)[0] == "N" and not c.isascii() else c for c in text)
    ),
)

# Values whose type or form is not looked at.

validation(
    "token-of-any-type",
    "validation/ListTunnels/nextToken/type/as-number",
    "A page token that is not a string is ignored.",
).around(
    Emulator.validate,
    lambda call, self, operation, body: call(
        operation, body if isinstance(body.get("nextToken"), str) else {**body, "nextToken": None}
    ),
)
validation("minus-ignored", "validation/*/minimum/negative", "The sign of an integer does not count.").coerce(
    ("integer",), lambda value: abs(value) if isinstance(value, int) else value
)
validation(
    "empty-tag-keys-refused", "tags/UntagResource/no-keys", "An empty list of tag keys is rejected.", REFUSED
).refusing(Emulator.untag_resource, lambda self, params: not params["tagKeys"])
validation(
    "unknown-members-refused",
    "protocol/*/unknown-member",
    "A member that the service does not know is rejected.",
    REFUSED,
    level=Level.SHOULD,
).refusing(Emulator.validate, lambda self, operation, body: not set(body) <= set(self.schemas[operation]["properties"]))


class FirstElementOnly(Fault, killer="validation/*[]/type/second-*", defect_class=NOT_ENFORCED):
    """Of a list of tags only the first element is validated."""

    def validate(self, operation: str, body: Params) -> Params:
        tags = body.get("tags")
        if not isinstance(tags, list):
            return super().validate(operation, body)
        return {**super().validate(operation, {**body, "tags": tags[:1] * len(tags)}), "tags": tags}


class LastElementOnly(Fault, killer="validation/*[]*/pattern/first-*", defect_class=NOT_ENFORCED):
    """Of a list of tags or keys only the last element is validated."""

    def validate(self, operation: str, body: Params) -> Params:
        lists = {name: value for name, value in body.items() if isinstance(value, list)}
        last = {name: value[-1:] * len(value) for name, value in lists.items()}
        return {**super().validate(operation, {**body, **last}), **lists}
