"""Faults of the field Date, which HTTP writes in one form alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate

from tunnelspec.emulator import Emulator
from tunnelspec.faults.defect_classes import ENVELOPE
from tunnelspec.faults.rows import Faults

dates = Faults("dates", ENVELOPE, "protocol/*/")


def _dated(name: str, sentence: str, written: Callable[[float], str]) -> None:
    """Seed a fault: the Date field is the time in seconds since 1970 as `written` has it."""
    dates(name, "plain", sentence).after(
        Emulator.handle, lambda response, self, request: response.set_header("Date", written(time.time()))
    )


_dated("date-with-offset", "The Date field has an offset of zero in place of GMT, as e-mail has it.", formatdate)
_dated(
    "date-in-iso-8601",
    "The Date field is in ISO 8601.",
    lambda now: datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
)
_dated("date-of-asctime", "The Date field is in C's asctime format.", lambda now: time.asctime(time.gmtime(now)))
_dated("date-in-seconds", "The Date field is in seconds since 1970.", lambda now: str(int(now)))
