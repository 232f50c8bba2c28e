"""Faults on the wire: status, envelope, dispatch, parsing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CRASH, DISPATCH, ENVELOPE, MEDIA_TYPE, NOT_ENFORCED, REFUSED, TYPES
from tunnelspec.faults.malformed import edited
from tunnelspec.verdict import Level

# Server errors.


class CrashOnMalformedJson(Fault, killer="protocol/*/truncated", defect_class=CRASH):
    """A body that is not JSON causes status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        is_malformed = error.code == "SerializationException" and error.message is None
        return super().render_error(ApiError("InternalFailure", status=500) if is_malformed else error)


class CrashOnWrongType(Fault, killer="validation/*/type/as-*", defect_class=CRASH):
    """A member of the wrong JSON type causes status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        is_wrong_type = error.code == "SerializationException" and error.message is not None
        return super().render_error(ApiError("InternalFailure", status=500) if is_wrong_type else error)


class CrashOnUnknownOperation(Fault, killer="protocol/*/target-unknown", defect_class=CRASH):
    """A target that names no operation causes status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("UnknownOperationException", status=500))


def _on_body(name: str, killer: str, cause: str, is_fatal: Callable[[bytes], bool]) -> None:
    class Fatal(Fault, name=f"wire/{name}", killer=killer, sentence=f"{cause} causes status 500.", defect_class=CRASH):
        def handle(self, request: HttpRequest) -> HttpResponse:
            if is_fatal(request.body):
                return self.render_error(ApiError("InternalFailure", status=500))
            return super().handle(request)


_on_body(
    "crash-on-lone-surrogate",
    "validation/*/half-a-surrogate-pair",
    "Half a surrogate pair",
    lambda body: b"\\ud800" in body,
)
_on_body("crash-on-list", "protocol/*/top-level-list", "A JSON list as body", lambda body: body == b"[]")
_on_body("crash-on-deep-json", "protocol/*/nested-100000", "Deeply nested JSON", lambda body: b"[" * 10_000 in body)
_on_body("crash-on-invalid-utf8", "protocol/*/invalid-utf8", "A byte 0xFF", lambda body: b"\xff" in body)


# Responses.


class ContentTypeJson(Fault, killer="protocol/*/plain", defect_class=MEDIA_TYPE):
    """Responses are of type application/json."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("Content-Type", "application/json")


class NoContentType(Fault, killer="protocol/*/plain", defect_class=MEDIA_TYPE):
    """Responses have no Content-Type."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("Content-Type", None)


class HtmlErrors(Fault, killer="protocol/*/truncated", defect_class=ENVELOPE):
    """Errors are HTML pages."""

    def render_error(self, error: ApiError) -> HttpResponse:
        page = b"<!doctype html><h1>Bad Request</h1>"
        return HttpResponse(error.status, [("Content-Type", "text/html")], page)


class TypeInHeaderOnly(Fault, killer="protocol/*/truncated", defect_class=ENVELOPE):
    """An error's type stands in X-Amzn-Errortype and not in the body."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error).set_header("X-Amzn-Errortype", error.code)

    def error_body(self, error: ApiError) -> Params:
        return {"message": error.message or ""}


class HeaderNamesAnotherError(Fault, killer="protocol/*/truncated", level=Level.SHOULD, defect_class=ENVELOPE):
    """X-Amzn-Errortype is the same for every error."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error).set_header("X-Amzn-Errortype", "InternalServerException")


class HeaderNamesTheLastError(
    Fault, killer="validation/*/tunnelId/exists/unknown", level=Level.SHOULD, defect_class=ENVELOPE
):
    """X-Amzn-Errortype is that of the error before."""

    last = "ValidationException"

    def render_error(self, error: ApiError) -> HttpResponse:
        last, self.last = self.last, error.code
        return super().render_error(error).set_header("X-Amzn-Errortype", last)


class MessageObject(Fault, killer="validation/*", defect_class=ENVELOPE):
    """An error's message is an object."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "message": {"text": "no"}}


class Status201(Fault, killer="protocol/*/plain", defect_class=ENVELOPE):
    """A success has status 201."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(201 if status == 200 else status, body)


class TruncatedAnswer(Fault, killer="protocol/OpenTunnel/plain", defect_class=TYPES):
    """Responses lose their last byte."""

    def encode(self, value: Params) -> bytes:
        return super().encode(value)[:-1]


# Dispatch.


class UnknownOperationAccepted(Fault, killer="protocol/*/target-of-another-service", defect_class=DISPATCH):
    """The target's prefix is ignored."""

    def operation_of(self, request: HttpRequest) -> str:
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        return name if name in self.operations else super().operation_of(request)


class TargetAnyCase(Fault, killer="protocol/*/target-lower-case", defect_class=DISPATCH):
    """The target is compared without regard to case."""

    def operation_of(self, request: HttpRequest) -> str:
        lowered = request.headers.get("x-amz-target", "").rpartition(".")[2].lower()
        names = {name.lower(): name for name in self.operations}
        return names.get(lowered) or super().operation_of(request)


class ParametersRefused(Fault, killer="protocol/OpenTunnel/content-type-charset", defect_class=MEDIA_TYPE):
    """A content type with parameters is rejected."""

    def operation_of(self, request: HttpRequest) -> str:
        if ";" in request.headers.get("content-type", ""):
            raise ApiError("UnknownOperationException")
        return super().operation_of(request)


class OperationMissing(Fault, killer="protocol/RotateTunnelAccessToken/implemented", defect_class=DISPATCH):
    """One operation is not implemented."""

    def set_up(self) -> None:
        super().set_up()
        del self.operations["RotateTunnelAccessToken"]


# Bodies.


class LenientJson(Fault, killer="protocol/OpenTunnel/truncated", defect_class=NOT_ENFORCED):
    """A body that is not JSON is parsed as an empty object."""

    def parse(self, body: bytes) -> Params:
        try:
            return super().parse(body)
        except ApiError:
            return {}


class GarbageBehind(Fault, killer="protocol/*/full-garbage-behind", defect_class=NOT_ENFORCED):
    """What follows the JSON value of a body that has members is ignored."""

    def parse(self, body: bytes) -> Params:
        try:
            text = body.decode("utf-8")
            value, _ = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return super().parse(body)
        return value if isinstance(value, dict) and value else super().parse(body)


edited("wire/nul-behind", "*/full-nul-behind", "A body ends at its first NUL.", lambda body: body.partition(b"\x00")[0])
edited(
    "wire/comments-inside",
    "*/full-comment-inside",
    "Comments behind a member are read as white space.",
    lambda body: re.sub(rb"(?<=[\w\"\]}])/\*.*?\*/", b"", body),
)
edited(
    "wire/last-comma-ignored",
    "*/full-last-comma",
    "A comma behind the last of several members is ignored.",
    lambda body: body.replace(b",}", b"}") if body.count(b":") > 2 else body,
)
edited(
    "wire/list-of-one",
    "*/full-in-a-list",
    "A list of one object is read as the object.",
    lambda body: body[1:-1] if body[:2] == b"[{" else body,
)
edited("wire/nan-accepted", "OpenTunnel/nan", "NaN is parsed as a number.", lambda body: body.replace(b"NaN", b"0"))


class NullRefused(Fault, killer="validation/OpenTunnel/description/type/null", defect_class=REFUSED):
    """An optional member that is null is rejected."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        if None in params.values():
            raise ApiError("SerializationException", "null")
        return params
