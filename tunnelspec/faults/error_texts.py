"""Faults of error messages that repeat what was sent: each escapes it in a way that JSON does not know."""

from __future__ import annotations

import re

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import TYPES

_KILLER = "validation/*/resourceArn/exists/unknown-escaped"


class _Repeating(Fault, defect_class=TYPES):
    """Says in its message which ARN was not found."""

    def find_arn(self, arn: str) -> Tunnel:
        try:
            return super().find_arn(arn)
        except ApiError as error:
            raise ApiError(error.code, f"Resource {arn} not found", status=error.status) from None


class QuotedAsInGo(_Repeating, killer=_KILLER):
    """Control characters in a message are escaped with \\x."""

    def encode(self, value: Params) -> bytes:
        return re.sub(rb"\\u00([01][0-9a-f]|7f)", rb"\\x\1", super().encode(value))


class RawControlCharacters(_Repeating, killer=_KILLER):
    """Control characters in a message are not escaped."""

    def encode(self, value: Params) -> bytes:
        return super().encode(value).replace(rb"\u0001", b"\x01")


class QuotedAsInPython(_Repeating, killer=_KILLER):
    """Characters beyond the basic plane in a message are escaped with eight digits behind \\U."""

    def encode(self, value: Params) -> bytes:
        return super().encode(value).replace("\U000e0001".encode(), rb"\U000e0001")
