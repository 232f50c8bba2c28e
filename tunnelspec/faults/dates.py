"""Faults of the field Date, which HTTP writes in one form alone."""

from __future__ import annotations

import time
from abc import abstractmethod
from datetime import UTC, datetime
from email.utils import formatdate

from tunnelspec.emulator import HttpRequest, HttpResponse
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ENVELOPE


class _Dates(Fault, defect_class=ENVELOPE):
    @abstractmethod
    def written(self, now: float) -> str:
        """A time in epoch seconds, as this server writes it."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return super().handle(request).set_header("Date", self.written(time.time()))


class DateWithOffset(_Dates, killer="protocol/*/plain"):
    """The Date field has an offset of zero in place of GMT, as e-mail has it."""

    def written(self, now: float) -> str:
        return formatdate(now)


class DateInIso8601(_Dates, killer="protocol/*/plain"):
    """The Date field is in ISO 8601."""

    def written(self, now: float) -> str:
        return datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")


class DateOfAsctime(_Dates, killer="protocol/*/plain"):
    """The Date field is in the format of C's asctime, which HTTP has given up."""

    def written(self, now: float) -> str:
        return time.asctime(time.gmtime(now))


class DateInSeconds(_Dates, killer="protocol/*/plain"):
    """The Date field is in seconds since 1970."""

    def written(self, now: float) -> str:
        return str(int(now))
