"""The emulator's errors: what an operation raises and the wire renders."""

from __future__ import annotations


class ApiError(Exception):
    """An error of the service, with its type, its message and its HTTP status."""

    def __init__(self, code: str, message: str | None = None, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
