"""Faults of parsing: what is not JSON is accepted, in several manners, where the body around it would be valid."""

from __future__ import annotations

import ast
import json
import re

from tunnelspec.emulator import ApiError, Params
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import CRASH, NOT_ENFORCED, REFUSED


class _Repairing(Fault, defect_class=NOT_ENFORCED):
    """Parses a repaired text where the body itself is not JSON, but only if that has a member."""

    def repaired(self, text: str) -> str:
        """The text that is parsed instead."""
        return text

    def parse(self, body: bytes) -> Params:
        try:
            return super().parse(body)
        except ApiError:
            params = super().parse(self.repaired(body.decode("utf-8", "replace")).encode())
            if not params:
                raise
            return params


class FirstValueOnly(_Repairing, killer="protocol/*/full-object-behind"):
    """Parsing stops behind the first JSON value of the body."""

    def repaired(self, text: str) -> str:
        try:
            value, _ = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return text
        return json.dumps(value)


class UpToLastBrace(_Repairing, killer="protocol/*/full-garbage-behind"):
    """What follows the last closing brace of the body is ignored."""

    def repaired(self, text: str) -> str:
        return text[: text.rfind("}") + 1]


class FirstLineOnly(_Repairing, killer="protocol/*/full-line-behind"):
    """Only the first line of the body is parsed."""

    def repaired(self, text: str) -> str:
        return text.partition("\n")[0]


class SingleQuotes(_Repairing, killer="protocol/*/full-single-quotes-inside"):
    """A body is parsed as a literal of Python."""

    def repaired(self, text: str) -> str:
        try:
            value: object = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
        return json.dumps(value) if isinstance(value, dict) else text


class NanInside(_Repairing, killer="protocol/*/full-nan-inside"):
    """NaN in a member that the service does not know is accepted."""

    def repaired(self, text: str) -> str:
        return text.replace(":NaN", ":null")


class BracesClosed(_Repairing, killer="protocol/*/full-last-brace-missing"):
    """Braces that are missing at the end are added."""

    def repaired(self, text: str) -> str:
        return text + "}" * (text.count("{") - text.count("}"))


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


class InfinityIsNone(Fault, killer="protocol/*/full-numbers-overflow", defect_class=NOT_ENFORCED):
    """A number that overflows in binary floating point is taken for null."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.replace(b"1e400", b"null"))


class EscapedNamesUnknown(Fault, killer="protocol/*/full-names-escaped", defect_class=REFUSED):
    """A member name that begins with an escape is unknown."""

    def parse(self, body: bytes) -> Params:
        return super().parse(re.sub(rb'"\\u(?=\w*":)', b'"x', body))


class EscapedSolidusKept(Fault, killer="protocol/*/full-solidus-escaped", defect_class=REFUSED):
    """The backslash of an escaped solidus stays in the text."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.replace(b"\\/", b"\\\\/"))


class SemicolonIgnored(Fault, killer="protocol/*/semicolon-behind", defect_class=NOT_ENFORCED):
    """A semicolon behind the object is ignored."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.rstrip(b";"))


class PlusIgnored(Fault, killer="protocol/*/plus-sign", defect_class=NOT_ENFORCED):
    """A number may have a plus sign."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.replace(b":+", b":"))


class FalsyIsEmpty(Fault, killer="protocol/*/top-level-*", defect_class=NOT_ENFORCED):
    """false and an empty string are taken for an empty object."""

    def parse(self, body: bytes) -> Params:
        return super().parse(b"{}" if body in (b"false", b'""') else body)


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
