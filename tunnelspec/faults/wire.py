"""Faults on the wire: status, envelope, dispatch, parsing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CRASH, DISPATCH, ENVELOPE, MEDIA_TYPE, NOT_ENFORCED, REFUSED, TYPES
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

crash = Faults("wire", CRASH)
envelope = Faults("wire", ENVELOPE)
media_type = Faults("wire", MEDIA_TYPE)
dispatch = Faults("wire", DISPATCH, "protocol/")
parsing = Faults("wire", NOT_ENFORCED, "protocol/")

# Server errors.


def _crashing(name: str, killer: str, cause: str, is_fatal: Callable[[ApiError], bool]) -> None:
    """Seed a fault: an error for which `is_fatal` is true is one of the server."""
    crash(name, killer, f"{cause} causes status 500.").around(
        Emulator.render_error,
        lambda call, self, error: call(ApiError(CRASHED, status=500) if is_fatal(error) else error),
    )


_crashing(
    "crash-on-malformed-json",
    "protocol/*/truncated",
    "A body that is not JSON",
    lambda error: error.code == "SerializationException" and error.message is None,
)
_crashing(
    "crash-on-wrong-type",
    "validation/*/type/as-*",
    "A member of the wrong JSON type",
    lambda error: error.code == "SerializationException" and error.message is not None,
)
crash("crash-on-unknown-operation", "protocol/*/target-unknown", "An unknown target causes status 500.").recoded(
    "UnknownOperationException", status=500
)
crash(
    "crash-on-lone-surrogate", "validation/*/half-a-surrogate-pair", "Half a surrogate pair causes status 500."
).crashing(lambda request: b"\\ud800" in request.body)
crash("crash-on-list", "protocol/*/top-level-list", "A JSON list as body causes status 500.").crashing(
    lambda request: request.body == b"[]"
)
crash("crash-on-deep-json", "protocol/*/nested-100000", "Deeply nested JSON causes status 500.").crashing(
    lambda request: b"[" * 10_000 in request.body
)
crash("crash-on-invalid-utf8", "protocol/*/invalid-utf8", "A byte 0xFF causes status 500.").crashing(
    lambda request: b"\xff" in request.body
)

# Responses.

media_type("content-type-json", "protocol/*/plain", "Responses are of type application/json.").header(
    "Content-Type", "application/json"
)
media_type("no-content-type", "protocol/*/plain", "Responses have no Content-Type.").header("Content-Type", None)
envelope("html-errors", "protocol/*/truncated", "Errors are HTML pages.").around(
    Emulator.render_error,
    lambda call, self, error: HttpResponse(error.status, [("Content-Type", "text/html")], b"<h1>Bad Request</h1>"),
)
envelope("message-object", "validation/*", "An error's message is an object.").error_body(
    lambda body, error: {**body, "message": {"text": "no"}}
)
envelope("status-201", "protocol/*/plain", "A success has status 201.").around(
    Emulator.response, lambda call, self, status, body: call(201 if status == 200 else status, body)
)
envelope("truncated-answer", "protocol/OpenTunnel/plain", "Responses lose their last byte.", TYPES).encode(
    lambda data: data[:-1]
)
envelope(
    "header-names-another-error",
    "protocol/*/truncated",
    "X-Amzn-Errortype is the same for every error.",
    level=Level.SHOULD,
).after(
    Emulator.render_error,
    lambda response, self, error: response.set_header("X-Amzn-Errortype", "InternalServerException"),
)


class TypeInHeaderOnly(Fault, killer="protocol/*/truncated", defect_class=ENVELOPE):
    """An error's type stands in X-Amzn-Errortype and not in the body."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error).set_header("X-Amzn-Errortype", error.code)

    def error_body(self, error: ApiError) -> Params:
        return {"message": error.message or ""}


class HeaderNamesTheLastError(
    Fault, killer="validation/*/tunnelId/exists/unknown", level=Level.SHOULD, defect_class=ENVELOPE
):
    """X-Amzn-Errortype is that of the error before."""

    last = "ValidationException"

    def render_error(self, error: ApiError) -> HttpResponse:
        last, self.last = self.last, error.code
        return super().render_error(error).set_header("X-Amzn-Errortype", last)


# Dispatch.

dispatch("unknown-operation-accepted", "*/target-of-another-service", "The target's prefix is ignored.").around(
    Emulator.operation_of,
    lambda call, self, request: request.operation if request.operation in self.operations else call(request),
)
dispatch("target-any-case", "*/target-lower-case", "The target is compared without regard to case.").around(
    Emulator.operation_of,
    lambda call, self, request: (
        {name.lower(): name for name in self.operations}.get(request.operation.lower()) or call(request)
    ),
)
dispatch(
    "parameters-refused", "OpenTunnel/content-type-charset", "A content type with parameters is rejected.", MEDIA_TYPE
).refusing(Emulator.operation_of, lambda self, request: ";" in request.content_type, "UnknownOperationException")


class OperationMissing(Fault, killer="protocol/RotateTunnelAccessToken/implemented", defect_class=DISPATCH):
    """One operation is not implemented."""

    def set_up(self) -> None:
        super().set_up()
        del self.operations["RotateTunnelAccessToken"]


# Bodies.

parsing("lenient-json", "OpenTunnel/truncated", "A body that is not JSON is parsed as an empty object.").rescuing(
    Emulator.parse, lambda error, self, body: {}
)
parsing("nul-behind", "*/full-nul-behind", "A body ends at its first NUL.").parse(
    lambda body: body.partition(b"\x00")[0]
)
parsing("comments-inside", "*/full-comment-inside", "Comments behind a member are read as white space.").parse(
    lambda body: re.sub(rb"(?<=[\w\"\]}])/\*.*?\*/", b"", body)
)
parsing("last-comma-ignored", "*/full-last-comma", "A comma behind the last of several members is ignored.").parse(
    lambda body: body.replace(b",}", b"}") if body.count(b":") > 2 else body
)
parsing("list-of-one", "*/full-in-a-list", "A list of one object is read as the object.").parse(
    lambda body: body[1:-1] if body[:2] == b"[{" else body
)
parsing("nan-accepted", "OpenTunnel/nan", "NaN is parsed as a number.").parse(lambda body: body.replace(b"NaN", b"0"))


class GarbageBehind(Fault, killer="protocol/*/full-garbage-behind", defect_class=NOT_ENFORCED):
    """What follows the JSON value of a body that has members is ignored."""

    def parse(self, body: bytes) -> Params:
        try:
            value, _ = json.JSONDecoder().raw_decode(body.decode("utf-8"))
        except ValueError:
            return super().parse(body)
        return value if isinstance(value, dict) and value else super().parse(body)


class NullRefused(Fault, killer="validation/OpenTunnel/description/type/null", defect_class=REFUSED):
    """An optional member that is null is rejected."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        if None in params.values():
            raise ApiError("SerializationException", "null")
        return params
