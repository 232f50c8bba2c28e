"""Faults of error messages that repeat what was sent: each escapes it in a way that JSON does not know."""

from __future__ import annotations

import re

from tunnelspec.emulator import ApiError, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import TYPES
from tunnelspec.faults.rows import Faults


class _Repeating(Fault):
    """Says in its message which ARN was not found."""

    def find_arn(self, arn: str) -> Tunnel:
        try:
            return super().find_arn(arn)
        except ApiError as error:
            raise ApiError(error.code, f"Resource {arn} not found", status=error.status) from None


_CASE = "validation/*/resourceArn/exists/unknown-escaped"
escaped = Faults("error_texts", TYPES, base=_Repeating)
escaped("quoted-as-in-go", _CASE, r"Control characters in a message are escaped with \x.").encode(
    lambda data: re.sub(rb"\\u00([01][0-9a-f]|7f)", rb"\\x\1", data)
)
escaped("raw-control-characters", _CASE, "Control characters in a message are not escaped.").encode(
    lambda data: data.replace(rb"\u0001", b"\x01")
)
escaped(
    "quoted-as-in-python",
    _CASE,
    r"Characters beyond the basic plane in a message are escaped with eight digits behind \U.",
).encode(lambda data: data.replace("\U000e0001".encode(), rb"\U000e0001"))
