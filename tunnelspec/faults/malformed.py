"""Faults of parsing: what is not JSON is accepted, in several manners, where the body around it would be valid."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Params
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import CRASH, NOT_ENFORCED, REFUSED


def _repaired(name: str, case: str, sentence: str, repair: Callable[[str], str]) -> None:
    """Seed a fault: a body that is not JSON is parsed after `repair`, unless that leaves it without a member."""

    class Repaired(
        Fault,
        name=f"malformed/{name}",
        killer=f"protocol/*/full-{case}",
        sentence=sentence,
        defect_class=NOT_ENFORCED,
    ):
        def parse(self, body: bytes) -> Params:
            try:
                return super().parse(body)
            except ApiError:
                params = super().parse(repair(body.decode("utf-8", "replace")).encode())
                if not params:
                    raise
                return params


def _first_value(text: str) -> str:
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return text
    return json.dumps(value)


def _python_literal(text: str) -> str:
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return json.dumps(value) if isinstance(value, dict) else text


_repaired("first-value-only", "object-behind", "Parsing stops behind the first JSON value of the body.", _first_value)
_repaired(
    "up-to-last-brace",
    "garbage-behind",
    "What follows the last closing brace of the body is ignored.",
    lambda text: text[: text.rfind("}") + 1],
)
_repaired(
    "first-line-only", "line-behind", "Only the first line of the body is parsed.", lambda text: text.partition("\n")[0]
)
_repaired("single-quotes", "single-quotes-inside", "A body is parsed as a literal of Python.", _python_literal)
_repaired(
    "nan-inside",
    "nan-inside",
    "NaN in a member that the service does not know is accepted.",
    lambda text: text.replace(":NaN", ":null"),
)
_repaired(
    "braces-closed",
    "last-brace-missing",
    "Braces that are missing at the end are added.",
    lambda text: text + "}" * (text.count("{") - text.count("}")),
)


class MalformedExplained(Variant, why="The wording of messages is not specified."):
    """The error for a body that is not JSON says where it stops being JSON."""

    def parse(self, body: bytes) -> Params:
        try:
            return super().parse(body)
        except ApiError as error:
            try:
                _, end = json.JSONDecoder().raw_decode(body.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                raise error from None
            raise ApiError(error.code, f"Unexpected character after the value, at {end}") from None


class EscapedPairsRefused(Fault, killer="protocol/OpenTunnel/escaped-pairs", defect_class=REFUSED):
    """A character that is written as two escapes is rejected."""

    def parse(self, body: bytes) -> Params:
        if re.search(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]", body):
            raise ApiError("SerializationException", "An escape is half a character")
        return super().parse(body)


class CrashOnInfinity(Fault, killer="protocol/*/full-numbers-overflow", defect_class=CRASH):
    """A number that overflows in binary floating point causes status 500."""

    def parse(self, body: bytes) -> Params:
        if b"1e400" in body:
            raise ApiError("InternalFailure", "cannot convert float infinity to integer", status=500)
        return super().parse(body)


def edited(
    name: str, case: str, sentence: str, edit: Callable[[bytes], bytes], defect_class: str = NOT_ENFORCED
) -> None:
    """Seed a fault: a body is parsed after `edit`."""

    class Edited(Fault, name=name, killer=f"protocol/{case}", sentence=sentence, defect_class=defect_class):
        def parse(self, body: bytes) -> Params:
            return super().parse(edit(body))


edited(
    "malformed/infinity-is-none",
    "*/full-numbers-overflow",
    "A number that overflows in binary floating point is taken for null.",
    lambda body: body.replace(b"1e400", b"null"),
)
edited(
    "malformed/escaped-names-unknown",
    "*/full-names-escaped",
    "A member name that begins with an escape is unknown.",
    lambda body: re.sub(rb'"\\u(?=\w*":)', b'"x', body),
    REFUSED,
)
edited(
    "malformed/escaped-solidus-kept",
    "*/full-solidus-escaped",
    "The backslash of an escaped solidus stays in the text.",
    lambda body: body.replace(b"\\/", b"\\\\/"),
    REFUSED,
)
edited(
    "malformed/semicolon-ignored",
    "*/semicolon-behind",
    "A semicolon behind the object is ignored.",
    lambda body: body.rstrip(b";"),
)
edited(
    "malformed/plus-ignored", "*/plus-sign", "A number may have a plus sign.", lambda body: body.replace(b":+", b":")
)
edited(
    "malformed/falsy-is-empty",
    "*/top-level-*",
    "false and an empty string are taken for an empty object.",
    lambda body: b"{}" if body in (b"false", b'""') else body,
)


class LineBreaksRefused(Fault, killer="protocol/*/white-space-inside", defect_class=REFUSED):
    """A line break between two members is refused."""

    def parse(self, body: bytes) -> Params:
        if re.search(rb"[{,]\s*\n", body):
            raise ApiError("SerializationException")
        return super().parse(body)


class SpaceBeforeColonRefused(Fault, killer="protocol/*/white-space-inside", defect_class=REFUSED):
    """A space before a colon is refused."""

    def parse(self, body: bytes) -> Params:
        if re.search(rb'"\s+:', body):
            raise ApiError("SerializationException")
        return super().parse(body)
