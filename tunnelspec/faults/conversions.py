"""Faults of parsers that are too lenient: they convert values before their JSON type is checked."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import TypeGuard

from tunnelspec.emulator import Emulator, Params
from tunnelspec.faults.defect_classes import NOT_ENFORCED
from tunnelspec.faults.rows import Faults

conversions = Faults("conversions", NOT_ENFORCED, "validation/")
validation = Faults("validation", NOT_ENFORCED, "validation/")
_INTEGER, _STRING, _LIST, _OBJECT = ("integer",), ("string",), ("array",), ("object",)

# Integers.


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


validation("true-is-one", "*/maxResults/type/as-boolean", "true is converted to the integer 1.").coerce(
    _INTEGER, lambda value: int(value) if isinstance(value, bool) else value
)
conversions("empty-text-is-one", "*/type/as-empty-text", "An empty string is converted to the integer 1.").coerce(
    _INTEGER, lambda value: 1 if value == "" else value
)
validation("integers-wrap", "*/maxResults/maximum/around-32-bits", "Integers are cut to their last 32 bits.").coerce(
    _INTEGER, lambda value: value % 2**32 if _is_integer(value) else value
)
validation(
    "integers-wrap-at-64-bits", "*/maxResults/maximum/around-64-bits", "Integers are cut to their last 64 bits."
).coerce(_INTEGER, lambda value: value % 2**64 if _is_integer(value) else value)
validation(
    "floats-unbounded", "*/maximum/above-as-float", "A number with a decimal point is not compared with bounds."
).coerce(_INTEGER, lambda value: 1 if isinstance(value, float) else value)
validation(
    "digits-for-integer",
    "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/type/as-digits",
    "A lifetime that is a string of digits is converted to an integer.",
).after(
    Emulator.coerce,
    lambda known, self, member, schema, value: (
        int(known)
        if member.endswith("/timeoutConfig.maxLifetimeTimeoutMinutes") and isinstance(known, str) and known.isdigit()
        else known
    ),
)

# Strings.

validation(
    "composed-first", "*/maxLength/clusters-above", "Texts are brought into NFC before they are measured."
).coerce(_STRING, lambda value: unicodedata.normalize("NFC", value) if isinstance(value, str) else value)
validation("numbers-are-texts", "OpenTunnel/description/type/as-number", "A number is converted to a string.").coerce(
    _STRING, lambda value: str(value) if _is_integer(value) else value
)
validation("anything-printed", "OpenTunnel/description/type/as-list", "Any value is converted to a string.").coerce(
    _STRING, lambda value: value if isinstance(value, str) or value is None else repr(value)
)
conversions("long-texts-trimmed", "*/maxLength/space-above", "A long text loses the spaces around it.").coerce(
    _STRING, lambda value: value.strip() if isinstance(value, str) and len(value) > 100 else value
)

# Lists and objects.


def _only_element(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _converted(
    name: str, case: str, sentence: str, kinds: tuple[str, ...], convert: Callable[[object], object]
) -> None:
    conversions(name, case, sentence).coerce(kinds, convert)


_ONE, _TEXT = "*/type/as-list-of-one", "*/type/as-json-text"
_converted("lists-of-one-string", _ONE, "A list of one string is taken for the string.", _STRING, _only_element)
_converted(
    "lists-of-one-number",
    _ONE,
    "A list of one number or boolean is taken for its element.",
    ("integer", "boolean"),
    _only_element,
)
_converted("lists-of-one-structure", _ONE, "A list of one structure is taken for it.", _OBJECT, _only_element)
_converted("structures-in-strings", _TEXT, "A JSON object in a string is taken for the object.", _OBJECT, _parsed)
_converted("lists-in-strings", _TEXT, "A JSON list in a string is taken for the list.", _LIST, _parsed)
validation("one-is-a-list", "UntagResource/tagKeys/type/as-string", "A single element is converted to a list.").coerce(
    _LIST, lambda value: value if isinstance(value, list) or value is None else [value]
)
conversions(
    "structures-are-lists", "OpenTunnel/tags/type/as-element", "A structure is taken for a list of one."
).coerce(_LIST, lambda value: [value] if isinstance(value, dict) and value else value)
conversions("objects-are-lists", "*/type/as-object-of-one", "An object is taken for the list of its values.").coerce(
    _LIST, lambda value: list(value.values()) if isinstance(value, dict) else value
)

# The client mode.


def _mode(convert: Callable[[str, list[str]], str]) -> Callable[..., object]:
    """The client mode is altered before it is compared with the enumeration."""

    def coerce(known: object, self: Emulator, member: str, schema: Params, value: object) -> object:
        return convert(known, schema["enum"]) if "enum" in schema and isinstance(known, str) else known

    return coerce


conversions(
    "mode-right-trimmed",
    "RotateTunnelAccessToken/clientMode/enum/newline-at-the-end",
    "White space behind the client mode is ignored.",
).after(Emulator.coerce, _mode(lambda text, _: text.rstrip()))
conversions(
    "mode-left-trimmed",
    "RotateTunnelAccessToken/clientMode/enum/space-at-the-start",
    "White space before the client mode is ignored.",
).after(Emulator.coerce, _mode(lambda text, _: text.lstrip()))
conversions(
    "mode-abbreviated", "RotateTunnelAccessToken/clientMode/enum/prefix", "The client mode may be abbreviated."
).after(
    Emulator.coerce, _mode(lambda text, modes: next((mode for mode in modes if text and mode.startswith(text)), text))
)
validation(
    "client-mode-any-case",
    "RotateTunnelAccessToken/clientMode/enum/lower-case",
    "The client mode is accepted in lower case too.",
).after(Emulator.coerce, _mode(lambda text, _: text.upper()))
