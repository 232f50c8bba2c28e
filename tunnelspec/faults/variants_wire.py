"""Conforming variants on the wire: what the protocol allows, or what was recorded of AWS's services.

A catalogue, and long: its entries stand by themselves.
"""

from __future__ import annotations

import json
from dataclasses import replace

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Variant
from tunnelspec.faults.params import values

RECORDED = "Recorded of AWS services."
_HALF_A_MEGABYTE = 500_000


def _xml(status: int, code: str) -> HttpResponse:
    return HttpResponse(status, [("Content-Type", "application/xml")], f"<{code}/>".encode())


# Errors.


class TypeWithUri(Variant, why="Clients drop it."):
    """An error's type ends in an address."""

    def error_body(self, error: ApiError) -> Params:
        uri = "http://internal.amazon.com/coral/com.amazon.coral.service/"
        return {**super().error_body(error), "__type": f"{error.code}:{uri}"}


class TypeEverywhere(Variant, why="Each is allowed."):
    """An error's type is in the header and in code too."""

    def error_body(self, error: ApiError) -> Params:
        return {**super().error_body(error), "code": error.code}

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error).set_header("X-Amzn-ErrorType", error.code)


class FieldList(Variant, why="Smithy's framework does so."):
    """Errors list the invalid members."""

    def error_body(self, error: ApiError) -> Params:
        fields = [{"path": "/", "message": "Member must be something else"}]
        return {**super().error_body(error), "fieldList": fields}


class BadRequest(Variant, why="Services map the type."):
    """A violated constraint is a BadRequestException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", "BadRequestException"))


class InvalidParameter(Variant, why="Services map the type."):
    """A violated constraint is an InvalidParameterException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", "InvalidParameterException"))


class OverflowAsSerialization(Variant, why="Smithy's tests have it so, recorded services call it out of range."):
    """An integer beyond 32 bits is a SerializationException."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        if any(isinstance(value, int) and not -(2**31) <= value < 2**31 for value in values(params)):
            raise ApiError("SerializationException", "beyond 32 bits")
        return params


# Bodies.


class PrettyJson(Variant, why="White space does not matter in JSON."):
    """Responses are indented."""

    def encode(self, value: Params) -> bytes:
        return json.dumps(value, indent=2, ensure_ascii=False).encode()


class EscapedJson(Variant, why="It is the same text."):
    """Responses are in ASCII, the rest escaped."""

    def encode(self, value: Params) -> bytes:
        return json.dumps(value).encode()


class FirstNameWins(Variant, why="RFC 8259 leaves it open."):
    """Of a repeated name the first counts."""

    def parse(self, body: bytes) -> Params:
        super().parse(body)
        params: Params = json.loads(body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
        return params


class RepeatedNamesRefused(Variant, why="RFC 8259 leaves it open."):
    """A repeated name is rejected."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        json.loads(body, object_pairs_hook=_without_repetition)
        return params


def _without_repetition(pairs: list[tuple[str, object]]) -> Params:
    if len(dict(pairs)) < len(pairs):
        raise ApiError("SerializationException", "An object repeats a name")
    return dict(pairs)


class ByteOrderMarkIgnored(Variant, why="RFC 8259 lets parsers do so."):
    """A byte order mark is ignored."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.removeprefix(b"\xef\xbb\xbf"))


class InvalidUtf8Replaced(Variant, name="invalid-utf8-replaced", why="RFC 8259 is silent."):
    """Bytes that are not UTF-8 become U+FFFD."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.decode("utf-8", "replace").encode())


class DeepJsonRefused(Variant, why="RFC 8259 allows it."):
    """JSON nested more than 100 deep is rejected."""

    def parse(self, body: bytes) -> Params:
        if b"[" * 101 in body:
            raise ApiError("SerializationException", "nested too deeply")
        return super().parse(body)


class LargeBody413(Variant, why=RECORDED):
    """A body of half a megabyte is rejected with status 413 and no body."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(413) if len(request.body) > _HALF_A_MEGABYTE else super().handle(request)


class LargeBodyRefused(Variant, why="AWS's pages of common errors have it."):
    """A body of half a megabyte is rejected with RequestEntityTooLargeException."""

    def operation_of(self, request: HttpRequest) -> str:
        if len(request.body) > _HALF_A_MEGABYTE:
            raise ApiError("RequestEntityTooLargeException", "too large", status=413)
        return super().operation_of(request)


class BodyLimit(Variant, why="RFC 9110, 15.5.14, and no valid body is as long."):
    """A body of more than 150 kB is rejected with status 413 and a page, whatever is in it."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        page = HttpResponse(413, [("Content-Type", "text/html")], b"<h1>Payload too large</h1>")
        return page if len(request.body) > 150_000 else super().handle(request)


# Other protocols, methods and paths.


class OtherMethodsDenied(Variant, why=RECORDED):
    """A method other than POST is answered by 403 AccessDeniedException, with whatever credentials."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.render_error(ApiError("AccessDeniedException", "Unable to determine the operation", status=403))
        return super().handle(request)


class ContentTypeIgnored(Variant, why="Recorded services differ."):
    """The content type is ignored."""

    def operation_of(self, request: HttpRequest) -> str:
        return super().operation_of(request.with_media_type(self.service.content_type))


class ContentType403(Variant, why=RECORDED):
    """Another content type is rejected with status 403 in XML."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.media_type != self.service.content_type:
            return _xml(403, "AccessDeniedException")
        return super().handle(request)


class ContentType404(Variant, why=RECORDED):
    """Another content type is rejected with status 404 in XML."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.media_type != self.service.content_type:
            return _xml(404, "UnknownOperationException")
        return super().handle(request)


class ContentType415(Variant, why="HTTP has it so."):
    """Another content type is rejected with status 415."""

    def operation_of(self, request: HttpRequest) -> str:
        if request.media_type != self.service.content_type:
            raise ApiError("UnsupportedMediaTypeException", status=415)
        return super().operation_of(request)


class JsonInAnEnvelope(Variant, why=RECORDED):
    """The response to application/json is {Output, Version}."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.media_type != "application/json":
            return super().handle(request)
        response = super().handle(request.with_media_type(self.service.content_type))
        body = b'{"Output":%s,"Version":"1.0"}' % (response.body or b"{}")
        return HttpResponse(response.status, [("Content-Type", "application/json")], body)


class Healthy(Variant, why=RECORDED):
    """The response to GET is 200 and the word healthy."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            return HttpResponse(200, [("Content-Type", "text/plain")], b"healthy")
        return super().handle(request)


class Methods405(Variant, why="HTTP has it so."):
    """Other methods are rejected with status 405."""

    def operation_of(self, request: HttpRequest) -> str:
        if request.method != "POST":
            raise ApiError("UnknownOperationException", status=405)
        return super().operation_of(request)


class Methods501(Variant, why="RFC 9110, 9.1: a server responds so to a method that it does not implement."):
    """The response to methods other than POST is 501 and a page."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return super().handle(request)
        return HttpResponse(501, [("Content-Type", "text/html")], b"<title>Unsupported method</title>")


class CrossOrigin(Variant, why="HTTP has it so."):
    """The response to OPTIONS is 204, for browsers."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            allowed = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "POST")]
            return HttpResponse(204, allowed)
        return super().handle(request)


class PathIgnored(Variant, why=RECORDED):
    """The path is ignored."""

    def operation_of(self, request: HttpRequest) -> str:
        return super().operation_of(replace(request, path="/"))


class PathsRedirected(Variant, why="No source specifies them."):
    """Other paths are redirected to /."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return super().handle(request) if request.path == "/" else HttpResponse(301, [("Location", "/")])


class LongPath414(Variant, why="RFC 9110."):
    """A path of thousands of characters is rejected with status 414."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(414) if len(request.path) > 2000 else super().handle(request)


# Order and headers.


class ParsedBeforeDispatch(Variant, why=RECORDED):
    """The body is parsed before the target is read."""

    def operation_of(self, request: HttpRequest) -> str:
        self.parse(request.body)
        return super().operation_of(request)


class TargetMissingUnauthenticated(Variant, why="Services that cannot name the operation do so."):
    """A request without a target is rejected with MissingAuthenticationTokenException."""

    def operation_of(self, request: HttpRequest) -> str:
        if "x-amz-target" not in request.headers:
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        return super().operation_of(request)


class LowerCaseHeaders(Variant, why="Their case does not matter."):
    """Header names are in lower case."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        response = super().response(status, body)
        response.headers = [(name.lower(), value) for name, value in response.headers]
        return response


class MoreHeaders(Variant, why=RECORDED):
    """Responses have further headers."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        response = super().response(status, body)
        response.headers += [("x-amz-id-2", "a+b/c="), ("Server", "Server")]
        return response
