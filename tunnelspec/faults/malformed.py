"""Faults of parsing: what is not JSON is accepted, in several manners, where the body around it would be valid."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator, Params
from tunnelspec.faults.base import Variant
from tunnelspec.faults.defect_classes import CRASH, NOT_ENFORCED, REFUSED
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.rows import Faults

accepted = Faults("malformed", NOT_ENFORCED, "protocol/*/")
refused = Faults("malformed", REFUSED, "protocol/")
_SERIALIZATION = "SerializationException"

# What is not JSON.


def _repaired(name: str, case: str, sentence: str, repair: Callable[[str], str]) -> None:
    """Seed a fault: a body that is not JSON is parsed after `repair`, unless that leaves it without a member."""

    def parse(call: Callable[[bytes], Params], self: Emulator, body: bytes) -> Params:
        try:
            return call(body)
        except ApiError:
            params = call(repair(body.decode("utf-8", "replace")).encode())
            if not params:
                raise
            return params

    accepted(name, f"full-{case}", sentence).around(Emulator.parse, parse)


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


def _up_to_last_brace(text: str) -> str:
    return text[: text.rfind("}") + 1]


_repaired("first-value-only", "object-behind", "Parsing stops behind the first JSON value of the body.", _first_value)
_repaired("up-to-last-brace", "garbage-behind", "What follows the last brace is ignored.", _up_to_last_brace)
_repaired("first-line-only", "line-behind", "Only the first line is parsed.", lambda text: text.partition("\n")[0])
_repaired("single-quotes", "single-quotes-inside", "A body is parsed as a literal of Python.", _python_literal)
_repaired(
    "nan-inside", "nan-inside", "NaN in an unknown member is accepted.", lambda text: text.replace(":NaN", ":null")
)
_repaired(
    "braces-closed",
    "last-brace-missing",
    "Braces that are missing at the end are added.",
    lambda text: text + "}" * (text.count("{") - text.count("}")),
)
accepted("semicolon-ignored", "semicolon-behind", "A semicolon behind the object is ignored.").parse(
    lambda body: body.rstrip(b";")
)
accepted("commas-merged", "two-commas", "Two commas are taken for one.").parse(lambda body: body.replace(b",,", b","))
accepted("line-comments", "line-comment", "A comment at the end is ignored.").parse(
    lambda body: body.partition(b" //")[0]
)
accepted("plus-ignored", "plus-sign", "A number may have a plus sign.").parse(lambda body: body.replace(b":+", b":"))
accepted("falsy-is-empty", "top-level-*", "false and an empty string are taken for an empty object.").parse(
    lambda body: b"{}" if body in (b"false", b'""') else body
)
accepted("infinity-is-none", "full-numbers-overflow", "A number that overflows is taken for null.").parse(
    lambda body: body.replace(b"1e400", b"null")
)
accepted("crash-on-infinity", "full-numbers-overflow", "A number that overflows causes status 500.", CRASH).refusing(
    Emulator.parse, lambda self, body: b"1e400" in body, CRASHED
)

# What is JSON.

refused(
    "escaped-pairs-refused", "OpenTunnel/escaped-pairs", "A character that is written as two escapes is rejected."
).refusing(Emulator.parse, lambda self, body: re.search(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]", body), _SERIALIZATION)
refused("escaped-names-unknown", "*/full-names-escaped", "A name that begins with an escape is unknown.").parse(
    lambda body: re.sub(rb'"\\u(?=\w*":)', b'"x', body)
)
refused("escaped-solidus-kept", "*/full-solidus-escaped", "The backslash of an escaped solidus stays.").parse(
    lambda body: body.replace(b"\\/", b"\\\\/")
)
refused("line-breaks-refused", "*/white-space-inside", "A line break between two members is refused.").refusing(
    Emulator.parse, lambda self, body: re.search(rb"[{,]\s*\n", body), _SERIALIZATION
)
refused("space-before-colon-refused", "*/white-space-inside", "A space before a colon is refused.").refusing(
    Emulator.parse, lambda self, body: re.search(rb'"\s+:', body), _SERIALIZATION
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
