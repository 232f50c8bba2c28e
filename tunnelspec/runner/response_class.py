"""Kinds of responses: what a search is after, besides violations; and how a response looks apart from its ids."""

from __future__ import annotations

from typing import NamedTuple

from tunnelspec.exchange import Exchange, Request


class ResponseShape(NamedTuple):
    """A response without what differs from call to call."""

    status: int
    error: str | None
    media_type: str
    text: str


class ResponseClass(NamedTuple):
    """A kind of response: to which operation, with which status and error, and what the request violated."""

    operation: str
    status: int
    error: str
    constraints: tuple[str, ...]

    @classmethod
    def of(cls, exchange: Exchange) -> ResponseClass | None:
        """The kind of an exchange's response; None without one."""
        response, request = exchange.response, exchange.request
        if response is None:
            return None
        breaks = request.breaks if isinstance(request, Request) else ()
        error = "" if response.accepted else response.named_error or ""
        return cls(exchange.operation or "", response.status, error, breaks)

    def __str__(self) -> str:
        violated = f" to a violation of {', '.join(self.constraints)}" if self.constraints else ""
        return (
            f"{self.operation or 'no operation'}: status {self.status}{f', {self.error}' * bool(self.error)}{violated}"
        )
