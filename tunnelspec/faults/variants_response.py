"""Conforming variants of responses: times, envelopes, error types and statuses."""

from __future__ import annotations

import re
from itertools import count
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import UNSPECIFIED, Variant

# Times.


class UpdatedInWholeSeconds(Variant, why="Precision is optional."):
    """The time of the last update has no fraction, and that of the creation has."""

    def shared_members(self, tunnel: Tunnel) -> Params:
        return {**super().shared_members(tunnel), "lastUpdatedAt": int(tunnel.updated_at)}


class WholeSecondTimestamps(Variant, why="Precision is optional."):
    """Times have no fraction."""

    def timestamp(self, seconds: float) -> object:
        return int(seconds)


class Microseconds(Variant, why="Finer than a millisecond SHOULD be cut."):
    """Times have six decimal places."""

    def timestamp(self, seconds: float) -> object:
        return round(seconds, 6)


class ExponentTimestamps(Variant, why="Recorded of AWS services."):
    """Times are written 1.7E9."""

    def timestamp(self, seconds: float) -> Any:
        return float(f"{seconds:.0f}")

    def encode(self, value: Params) -> bytes:
        return re.sub(rb"(At\":)(\d)(\d+)\.0", rb"\1\2.\3E9", super().encode(value))


# Successes.


class ExtraMembers(Variant, why="Services add members."):
    """Responses have unknown members."""

    def perform(self, operation: str, params: Params) -> Params:
        return {**super().perform(operation, params), "somethingNew": {"a": [1]}}


class EmptyObject(Variant, why="Clients must accept it."):
    """Operations without output respond with {}."""

    def render(self, operation: str, output: Params) -> HttpResponse:
        response = super().render(operation, output)
        return response if response.body else self.response(response.status, b"{}")


class Charset(Variant, why="Parameters do not matter."):
    """The content type has a charset."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        media_type = f"{self.service.content_type}; charset=utf-8"
        return super().response(status, body).set_header("Content-Type", media_type)


# Errors.


class Throttling(Variant, why="Quotas apply to every account."):
    """One request in eight is throttled."""

    def set_up(self) -> None:
        super().set_up()
        self.requests = count(1)

    def handle(self, request: HttpRequest) -> HttpResponse:
        if next(self.requests) % 8 == 0:
            return self.render_error(ApiError("ThrottlingException", "Rate exceeded"))
        return super().handle(request)


class NamespacedType(Variant, why="Clients drop it."):
    """An error's type has a namespace."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "__type": f"com.amazon.coral.service#{error.code}"}


class CapitalMessage(Variant, why="Recorded of AWS services."):
    """The message is named Message."""

    def error_body(self, error: ApiError) -> Params:
        return {"__type": error.code, "Message": error.message or ""}


class NoMessage(Variant, why="The member is optional."):
    """Errors have no message."""

    def error_body(self, error: ApiError) -> Params:
        return {"__type": error.code}


class NotFound404(Variant, why="The Smithy model says so, though AWS JSON ignores it.", may_warn=True):
    """An unknown tunnel has status 404."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ResourceNotFoundException", status=404))


class UnknownOperation404(Variant, why="AWS's pages of common errors say so.", may_warn=True):
    """An unknown target has status 404."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("UnknownOperationException", status=404))


class InvalidRequest(Variant, why=UNSPECIFIED):
    """A violated constraint is an InvalidRequestException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", "InvalidRequestException"))


class TypesAsValidation(Variant, why="Services differ; SerializationException is what was recorded.", may_warn=True):
    """A wrong type is a ValidationException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        if error.message and "structure exp" not in error.message:
            error = error.recoded("SerializationException", "ValidationException")
        return super().render_error(error)


class MissingAsSerialization(Variant, why="Tolerated; ValidationException is what was recorded.", may_warn=True):
    """A missing member is a SerializationException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        if "not be null" in (error.message or ""):
            error = error.recoded(error.code, "SerializationException")
        return super().render_error(error)


class UuidTokens(Variant, why=UNSPECIFIED):
    """Access tokens are UUIDs of version 4."""

    def new_token(self) -> str:
        return str(uuid4())


class SixteenCharacters(Variant, why=UNSPECIFIED):
    """Access tokens have 96 random bits in 16 characters."""

    def new_token(self) -> str:
        return token_urlsafe(12)
