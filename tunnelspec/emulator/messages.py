"""The HTTP messages that the emulator reads and writes, and the error that an operation raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """X-Amz-Target, empty if there is none."""
        return self.headers.get("x-amz-target", "")

    @property
    def operation(self) -> str:
        """The last part of X-Amz-Target."""
        return self.target.rpartition(".")[2]

    @property
    def content_type(self) -> str:
        """Content-Type, empty if there is none."""
        return self.headers.get("content-type", "")

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    def with_media_type(self, media_type: str) -> HttpRequest:
        """The same request with another Content-Type."""
        return replace(self, headers={**self.headers, "content-type": media_type})


@dataclass(slots=True)
class HttpResponse:
    """One HTTP response, without Content-Length, which the server adds."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def set_header(self, name: str, value: str | None) -> HttpResponse:
        """Replace the header fields of this name by one, or by none if `value` is None."""
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))
        return self


class ApiError(Exception):
    """An error of the service: its `__type`, its message (None: no such member) and its HTTP status."""

    def __init__(self, code: str, message: str | None = None, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status

    def recoded(self, old: str, new: str | None = None, status: int | None = None) -> ApiError:
        """Itself if its code is not `old`, else the error with this code and status (None: unchanged)."""
        if self.code != old:
            return self
        return ApiError(new or self.code, self.message, status or self.status)
