"""Faults of the envelope: status, content type and encoding of a response, and where an error's type stands."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CODE, DISPATCH, ENVELOPE, MEDIA_TYPE, STATUS, TYPES
from tunnelspec.verdict import Level

_ABOVE = "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above"
_UNKNOWN = "validation/DescribeTunnel/tunnelId/exists/unknown"


class ErrorsWithStatus200(Fault, killer=_ABOVE, defect_class=STATUS):
    """An error has status 200."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded(error.code, status=200))


class Status204(Fault, killer="protocol/CloseTunnel/plain", defect_class=ENVELOPE):
    """A success without output has status 204."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status if status != 200 or body else 204, body)


class Redirect(Fault, killer="protocol/ListTagsForResource/plain", defect_class=ENVELOPE):
    """ListTagsForResource redirects with status 307."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("x-amz-target", "").endswith("ListTagsForResource"):
            return HttpResponse(307, [("Location", "/tags")])
        return super().handle(request)


class EmptyError(Fault, killer=_ABOVE, defect_class=ENVELOPE):
    """Errors have no body."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return self.response(error.status, b"")


class EmptySuccess(Fault, killer="protocol/OpenTunnel/plain", defect_class=TYPES):
    """OpenTunnel responds with an empty body."""

    def render(self, operation: str, output: Params) -> HttpResponse:
        return self.response(200, b"") if operation == "OpenTunnel" else super().render(operation, output)


class ListOfErrors(Fault, killer=_ABOVE, defect_class=ENVELOPE):
    """Errors are a list of objects."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return self.response(error.status, b"[" + self.encode(self.error_body(error)) + b"]")


class ErrorsOfAnotherType(Fault, killer=_ABOVE, defect_class=MEDIA_TYPE):
    """Errors, and only they, are of type application/json."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error).set_header("Content-Type", "application/json")


class EmptyWithoutContentType(Fault, killer="protocol/CloseTunnel/plain", defect_class=MEDIA_TYPE):
    """A response without a body has no Content-Type."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        response = super().response(status, body)
        return response if body else response.set_header("Content-Type", None)


class CodeMember(Fault, killer=_ABOVE, defect_class=ENVELOPE):
    """An error's type stands in a member code, as in other AWS protocols."""

    def error_body(self, error: ApiError) -> Params:
        return {"code": error.code, "message": error.message or ""}


class NestedError(Fault, killer=_ABOVE, defect_class=ENVELOPE):
    """An error stands in a member Error, as in AWS's XML protocols."""

    def error_body(self, error: ApiError) -> Params:
        return {"Error": {"Code": error.code, "Message": error.message or ""}}


class EmptyType(Fault, killer=_ABOVE, defect_class=CODE):
    """An error's __type is empty."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "__type": ""}


class PaddedType(Fault, killer=_UNKNOWN, defect_class=CODE):
    """A space stands before the name in __type."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "__type": f" {error.code}"}


class QueryCodes(Fault, killer=_UNKNOWN, defect_class=CODE):
    """__type has the codes of the Query protocol, which lack the word Exception."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "__type": error.code.removesuffix("Exception")}


class AnotherNotFound(Fault, killer=_UNKNOWN, defect_class=CODE):
    """An unknown tunnel is a TunnelNotFoundException, which this service does not have."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ResourceNotFoundException", "TunnelNotFoundException"))


class NumericMessage(Fault, killer=_ABOVE, defect_class=ENVELOPE):
    """An error's Message is a number."""

    def error_body(self, error: ApiError) -> Params:
        return {"__type": error.code, "Message": error.status}


class FallsThrough(Fault, killer="protocol/*/target-unknown", defect_class=DISPATCH):
    """An unknown operation falls through to another service, which responds in XML."""

    def render_error(self, error: ApiError) -> HttpResponse:
        if error.code != "UnknownOperationException":
            return super().render_error(error)
        body = b'<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>'
        return HttpResponse(404, [("Content-Type", "application/xml")], body)


class ContentType415(Fault, killer="protocol/OpenTunnel/content-type-parameter", defect_class=MEDIA_TYPE):
    """A content type with a parameter is rejected with status 415."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if ";x=" in request.headers.get("content-type", ""):
            return self.response(415, b"{}")
        return super().handle(request)


class ContentTypeInLowerCaseOnly(
    Fault, killer="protocol/*/content-type-upper-case", defect_class=MEDIA_TYPE, level=Level.SHOULD
):
    """A content type in capitals is rejected."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        is_lower = request.headers.get("content-type", "").islower()
        return super().handle(request if is_lower else request.with_media_type("capitals"))


class QuotesRefused(Fault, killer="protocol/*/content-type-charset-quoted", defect_class=MEDIA_TYPE):
    """A parameter of the content type may not be quoted."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        quoted = '"' in request.headers.get("content-type", "")
        return super().handle(request.with_media_type("quoted") if quoted else request)


class SpaceBeforeParametersRequired(Fault, killer="protocol/*/content-type-*", defect_class=MEDIA_TYPE):
    """The parameters of the content type must follow a space."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        _, separator, parameters = request.headers.get("content-type", "").partition(";")
        spaced = not separator or parameters.startswith(" ")
        return super().handle(request if spaced else request.with_media_type("unspaced"))


class Latin1(Fault, killer="lifecycle/DescribeTunnel/description-scripts", defect_class=TYPES):
    """Responses are encoded in Latin-1 as far as it has the letters."""

    def encode(self, value: Params) -> bytes:
        return super().encode(value).decode().encode("latin-1", "replace")


class ByteOrderMark(Fault, killer="protocol/OpenTunnel/plain", defect_class=TYPES):
    """Responses begin with a byte order mark."""

    def encode(self, value: Params) -> bytes:
        return b"\xef\xbb\xbf" + super().encode(value)


class NameTwice(Fault, killer="protocol/OpenTunnel/plain", defect_class=TYPES):
    """A response has the same name twice."""

    def encode(self, value: Params) -> bytes:
        return super().encode(value).replace(b'{"tunnelId"', b'{"tunnelId":"old","tunnelId"')


class Xml(Fault, killer="protocol/DescribeTunnel/plain", defect_class=TYPES):
    """A success is XML."""

    def render(self, operation: str, output: Params) -> HttpResponse:
        response = super().render(operation, output)
        if operation == "DescribeTunnel":
            response.body = b"<DescribeTunnelResponse/>"
        return response
