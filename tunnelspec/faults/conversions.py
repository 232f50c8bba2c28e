"""Faults of parsers that are too lenient: they convert values before their JSON type is checked."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable

from tunnelspec.emulator import Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import NOT_ENFORCED


def _converted(
    name: str, killer: str, sentence: str, kinds: tuple[str, ...], convert: Callable[[object], object]
) -> None:
    """Seed a fault: every value whose schema has one of these JSON types is converted first."""

    class Converted(Fault, name=name, killer=f"validation/{killer}", sentence=sentence, defect_class=NOT_ENFORCED):
        def coerce(self, member: str, schema: Params, value: object) -> object:
            value = super().coerce(member, schema, value)
            return convert(value) if schema.get("type") in kinds else value


def _only_element(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_converted(
    "validation/true-is-one",
    "*/maxResults/type/as-boolean",
    "true is converted to the integer 1.",
    ("integer",),
    lambda value: int(value) if isinstance(value, bool) else value,
)
_converted(
    "conversions/empty-text-is-one",
    "*/type/as-empty-text",
    "An empty string is converted to the integer 1.",
    ("integer",),
    lambda value: 1 if value == "" else value,
)
_converted(
    "validation/integers-wrap",
    "*/maxResults/maximum/around-32-bits",
    "Integers are cut to their last 32 bits.",
    ("integer",),
    lambda value: value % 2**32 if isinstance(value, int) and not isinstance(value, bool) else value,
)
_converted(
    "validation/integers-wrap-at-64-bits",
    "*/maxResults/maximum/around-64-bits",
    "Integers are cut to their last 64 bits.",
    ("integer",),
    lambda value: value % 2**64 if isinstance(value, int) and not isinstance(value, bool) else value,
)
_converted(
    "validation/floats-unbounded",
    "*/maximum/above-as-float",
    "A number with a decimal point is not compared with bounds.",
    ("integer",),
    lambda value: 1 if isinstance(value, float) else value,
)
_converted(
    "validation/composed-first",
    "*/maxLength/clusters-above",
    "Texts are brought into NFC before their length is taken.",
    ("string",),
    lambda value: unicodedata.normalize("NFC", value) if isinstance(value, str) else value,
)
_converted(
    "validation/numbers-are-texts",
    "OpenTunnel/description/type/as-number",
    "A number is converted to the string of its digits.",
    ("string",),
    lambda value: str(value) if _is_integer(value) else value,
)
_converted(
    "validation/anything-printed",
    "OpenTunnel/description/type/as-list",
    "Any value is converted to a string.",
    ("string",),
    lambda value: value if isinstance(value, str) or value is None else repr(value),
)
_converted(
    "validation/one-is-a-list",
    "UntagResource/tagKeys/type/as-string",
    "A single element is converted to a list.",
    ("array",),
    lambda value: value if isinstance(value, list) or value is None else [value],
)


_converted(
    "conversions/lists-of-one-string",
    "*/type/as-list-of-one",
    "A list of one string is taken for the string.",
    ("string",),
    _only_element,
)
_converted(
    "conversions/lists-of-one-number",
    "*/type/as-list-of-one",
    "A list of one number or boolean is taken for its element.",
    ("integer", "boolean"),
    _only_element,
)
_converted(
    "conversions/lists-of-one-structure",
    "*/type/as-list-of-one",
    "A list of one structure is taken for the structure.",
    ("object",),
    _only_element,
)
_converted(
    "conversions/structures-are-lists",
    "OpenTunnel/tags/type/as-element",
    "A single structure is taken for a list of one.",
    ("array",),
    lambda value: [value] if isinstance(value, dict) and value else value,
)
_converted(
    "conversions/structures-in-strings",
    "*/type/as-json-text",
    "A string that holds a JSON object is taken for the object.",
    ("object",),
    _parsed,
)
_converted(
    "conversions/lists-in-strings",
    "*/type/as-json-text",
    "A string that holds a JSON list is taken for the list.",
    ("array",),
    _parsed,
)


_converted(
    "conversions/objects-are-lists",
    "*/type/as-object-of-one",
    "An object is taken for the list of its values.",
    ("array",),
    lambda value: list(value.values()) if isinstance(value, dict) else value,
)


class DigitsForInteger(
    Fault,
    name="validation/digits-for-integer",
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/type/as-digits",
    defect_class=NOT_ENFORCED,
):
    """A lifetime that is a string of digits is converted to an integer."""

    def coerce(self, member: str, schema: Params, value: object) -> object:
        value = super().coerce(member, schema, value)
        is_lifetime = member == "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes"
        return int(value) if is_lifetime and isinstance(value, str) and value.isdigit() else value


_converted(
    "conversions/long-texts-trimmed",
    "*/maxLength/space-above",
    "A long text loses the spaces around it before its length is checked.",
    ("string",),
    lambda value: value.strip() if isinstance(value, str) and len(value) > 100 else value,
)


def _mode(name: str, case: str, sentence: str, convert: Callable[[str, list[str]], str]) -> None:
    """Seed a fault: the client mode is altered before it is compared with the enumeration."""

    class Mode(
        Fault,
        name=name,
        killer=f"validation/RotateTunnelAccessToken/clientMode/enum/{case}",
        sentence=sentence,
        defect_class=NOT_ENFORCED,
    ):
        def coerce(self, member: str, schema: Params, value: object) -> object:
            value = super().coerce(member, schema, value)
            return convert(value, schema["enum"]) if "enum" in schema and isinstance(value, str) else value


_mode(
    "conversions/mode-right-trimmed",
    "newline-at-the-end",
    "White space behind the client mode is ignored.",
    lambda text, _: text.rstrip(),
)
_mode(
    "conversions/mode-left-trimmed",
    "space-at-the-start",
    "White space before the client mode is ignored.",
    lambda text, _: text.lstrip(),
)
_mode(
    "conversions/mode-abbreviated",
    "prefix",
    "The client mode may be abbreviated.",
    lambda text, modes: next((mode for mode in modes if text and mode.startswith(text)), text),
)
_mode(
    "validation/client-mode-any-case",
    "lower-case",
    "The client mode is accepted in lower case too.",
    lambda text, _: text.upper(),
)
