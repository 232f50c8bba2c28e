"""Conforming variants of responses: times, errors, headers, tokens."""

from __future__ import annotations

import re
from itertools import count
from secrets import token_urlsafe
from uuid import uuid4

from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import UNSPECIFIED, Variant
from tunnelspec.faults.rows import variant
from tunnelspec.faults.variants_wire import RECORDED

_OPTIONAL_PRECISION = "Precision is optional."
_MAPPED = "Services map the type."

# Times.

variant(
    "updated-in-whole-seconds",
    _OPTIONAL_PRECISION,
    "The time of the last update has no fraction, and that of the creation has.",
).after(Emulator.shared_members, lambda members, self, tunnel: {**members, "lastUpdatedAt": int(tunnel.updated_at)})
variant("whole-second-timestamps", _OPTIONAL_PRECISION, "Times have no fraction.").around(
    Emulator.timestamp, lambda call, self, seconds: int(seconds)
)
variant("never-connected", UNSPECIFIED, "The last change of a connection that never was is 0.").description(
    lambda described, tunnel: {
        name: {**value, "lastUpdatedAt": 0} if name.endswith("ConnectionState") else value
        for name, value in described.items()
    }
)
variant("microseconds", "Finer than a millisecond SHOULD be cut.", "Times have six decimal places.").around(
    Emulator.timestamp, lambda call, self, seconds: round(seconds, 6)
)


class ExponentTimestamps(Variant, why=RECORDED):
    """Times are written 1.7E9."""

    def timestamp(self, seconds: float) -> object:
        return float(f"{seconds:.0f}")

    def encode(self, value: Params) -> bytes:
        return re.sub(rb"(At\":)(\d)(\d+)\.0", rb"\1\2.\3E9", super().encode(value))


# Successes and headers.

variant("extra-members", "Services add members.", "Responses have unknown members.").after(
    Emulator.perform, lambda output, self, operation, params: {**output, "somethingNew": {"a": [1]}}
)
variant("empty-object", "Clients must accept it.", "Operations without output respond with {}.").after(
    Emulator.render,
    lambda response, self, operation, output: response if response.body else self.response(response.status, b"{}"),
)
variant("charset", "Parameters do not matter.", "The content type has a charset.").after(
    Emulator.response,
    lambda response, self, status, body: response.set_header(
        "Content-Type", f"{self.service.content_type}; charset=utf-8"
    ),
)
variant("lower-case-headers", "Their case does not matter.", "Header names are in lower case.").after(
    Emulator.response,
    lambda response, self, status, body: HttpResponse(
        response.status, [(name.lower(), value) for name, value in response.headers], response.body
    ),
)
variant("more-headers", RECORDED, "Responses have further headers.").after(
    Emulator.response,
    lambda response, self, status, body: response.set_header("x-amz-id-2", "a+b/c=").set_header("Server", "Server"),
)
variant("uuid-tokens", UNSPECIFIED, "Access tokens are UUIDs of version 4.").around(
    Emulator.new_token, lambda call, self: str(uuid4())
)
variant("sixteen-characters", UNSPECIFIED, "Access tokens have 96 random bits in 16 characters.").around(
    Emulator.new_token, lambda call, self: token_urlsafe(12)
)

# The body of an error.

variant("namespaced-type", "Clients drop it.", "An error's type has a namespace.").error_body(
    lambda body, error: {**body, "__type": f"com.amazon.coral.service#{error.code}"}
)
variant("type-with-uri", "Clients drop it.", "An error's type ends in an address.").error_body(
    lambda body, error: {**body, "__type": f"{error.code}:http://internal.amazon.com/coral/com.amazon.coral.service/"}
)
variant("capital-message", RECORDED, "The message is named Message.").error_body(
    lambda body, error: {"__type": error.code, "Message": error.message or ""}
)
variant("no-message", "The member is optional.", "Errors have no message.").error_body(
    lambda body, error: {"__type": error.code}
)
variant("field-list", "Smithy's framework does so.", "Errors list the invalid members.").error_body(
    lambda body, error: {**body, "fieldList": [{"path": "/", "message": "Member must be something else"}]}
)


class TypeEverywhere(Variant, why="Each is allowed."):
    """An error's type is in the header and in code too."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "code": error.code}

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error).set_header("X-Amzn-ErrorType", error.code)


# The type and status of an error.

variant("bad-request", _MAPPED, "A violated constraint is a BadRequestException.").recoded(
    "ValidationException", "BadRequestException"
)
variant("invalid-parameter", _MAPPED, "A violated constraint is an InvalidParameterException.").recoded(
    "ValidationException", "InvalidParameterException"
)
variant("invalid-request", UNSPECIFIED, "A violated constraint is an InvalidRequestException.").recoded(
    "ValidationException", "InvalidRequestException"
)
variant(
    "not-found-404",
    "The Smithy model says so, though AWS JSON ignores it.",
    "An unknown tunnel has status 404.",
    may_warn=True,
).recoded("ResourceNotFoundException", status=404)
variant(
    "unknown-operation-404", "AWS's pages of common errors say so.", "An unknown target has status 404.", may_warn=True
).recoded("UnknownOperationException", status=404)


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


class Throttling(Variant, why="Quotas apply to every account."):
    """One request in eight is throttled."""

    def set_up(self) -> None:
        super().set_up()
        self.requests = count(1)

    def handle(self, request: HttpRequest) -> HttpResponse:
        if next(self.requests) % 8 == 0:
            return self.render_error(ApiError("ThrottlingException", "Rate exceeded"))
        return super().handle(request)
