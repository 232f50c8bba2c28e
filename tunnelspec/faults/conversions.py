"""Faults of parsers that are too lenient: they convert values of one layer more or fewer than the contract has."""

from __future__ import annotations

import json
from collections.abc import Callable

from tunnelspec.emulator import HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault

LOOSE = "constraint not enforced"


def _converted(
    name: str, killer: str, sentence: str, kinds: tuple[str, ...], convert: Callable[[object], object]
) -> None:
    """Seed a fault: every value whose schema has one of these JSON types is converted first."""

    class Converted(
        Fault, name=f"conversions/{name}", killer=f"validation/{killer}", sentence=sentence, defect_class=LOOSE
    ):
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


_converted(
    "lists-of-one-string",
    "*/type/as-list-of-one",
    "A list of one string is taken for the string.",
    ("string",),
    _only_element,
)
_converted(
    "lists-of-one-number",
    "*/type/as-list-of-one",
    "A list of one number or boolean is taken for its element.",
    ("integer", "boolean"),
    _only_element,
)
_converted(
    "lists-of-one-structure",
    "*/type/as-list-of-one",
    "A list of one structure is taken for the structure.",
    ("object",),
    _only_element,
)
_converted(
    "structures-are-lists",
    "OpenTunnel/tags/type/as-element",
    "A single structure is taken for a list of one.",
    ("array",),
    lambda value: [value] if isinstance(value, dict) and value else value,
)
_converted(
    "structures-in-strings",
    "*/type/as-json-text",
    "A string that holds a JSON object is taken for the object.",
    ("object",),
    _parsed,
)
_converted(
    "lists-in-strings",
    "*/type/as-json-text",
    "A string that holds a JSON list is taken for the list.",
    ("array",),
    _parsed,
)


_converted(
    "objects-are-lists",
    "*/type/as-object-of-one",
    "An object is taken for the list of its values.",
    ("array",),
    lambda value: list(value.values()) if isinstance(value, dict) else value,
)


def _mode(name: str, case: str, sentence: str, convert: Callable[[str, list[str]], str]) -> None:
    """Seed a fault: the client mode is altered before it is compared with the enumeration."""

    class Mode(
        Fault,
        name=f"conversions/{name}",
        killer=f"validation/RotateTunnelAccessToken/clientMode/enum/{case}",
        sentence=sentence,
        defect_class=LOOSE,
    ):
        def coerce(self, member: str, schema: Params, value: object) -> object:
            value = super().coerce(member, schema, value)
            return convert(value, schema["enum"]) if "enum" in schema and isinstance(value, str) else value


_mode(
    "mode-right-trimmed",
    "newline-at-the-end",
    "White space behind the client mode is ignored.",
    lambda text, _: text.rstrip(),
)
_mode(
    "mode-left-trimmed",
    "space-at-the-start",
    "White space before the client mode is ignored.",
    lambda text, _: text.lstrip(),
)
_mode(
    "mode-abbreviated",
    "prefix",
    "The client mode may be abbreviated.",
    lambda text, modes: next((mode for mode in modes if text and mode.startswith(text)), text),
)


class QuotesRefused(Fault, killer="protocol/*/content-type-charset-quoted", defect_class="valid input refused"):
    """A parameter of the content type may not be quoted."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        quoted = '"' in request.headers.get("content-type", "")
        return super().handle(request.with_media_type("quoted") if quoted else request)


class SpaceBeforeParametersRequired(Fault, killer="protocol/*/content-type-*", defect_class="valid input refused"):
    """The parameters of the content type must follow a space."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        _, separator, parameters = request.headers.get("content-type", "").partition(";")
        spaced = not separator or parameters.startswith(" ")
        return super().handle(request if spaced else request.with_media_type("unspaced"))
