"""Conforming variants on the wire: what the protocol allows, or what was recorded of AWS's services."""

from __future__ import annotations

import json
from dataclasses import replace

from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Variant
from tunnelspec.faults.params import values
from tunnelspec.faults.rows import variant

RECORDED = "Recorded of AWS services."
_HALF_A_MEGABYTE = 500_000

# Large bodies.

variant("large-body-413", RECORDED, "A body of half a megabyte has status 413 and no body.").responding(
    lambda request: len(request.body) > _HALF_A_MEGABYTE, 413
)
variant(
    "body-limit",
    "RFC 9110, 15.5.14, and no valid body is as long.",
    "A body of more than 150 kB is rejected with status 413 and a page, whatever is in it.",
).responding(lambda request: len(request.body) > 150_000, 413, "<h1>Payload too large</h1>")
variant(
    "large-body-refused",
    "AWS's pages of common errors have it.",
    "A body of half a megabyte is rejected with RequestEntityTooLargeException.",
).refusing(
    Emulator.operation_of,
    lambda self, request: len(request.body) > _HALF_A_MEGABYTE,
    "RequestEntityTooLargeException",
    413,
)

# Methods.

variant("healthy", RECORDED, "The response to GET is 200 and the word healthy.").responding(
    lambda request: request.method == "GET", 200, "healthy", Content_Type="text/plain"
)
variant("methods-405", "HTTP has it so.", "Other methods are rejected with status 405.").refusing(
    Emulator.operation_of, lambda self, request: request.method != "POST", "UnknownOperationException", 405
)
variant(
    "methods-501",
    "RFC 9110, 9.1: a server responds so to a method that it does not implement.",
    "The response to methods other than POST is 501 and a page.",
).responding(lambda request: request.method != "POST", 501, "<title>Unsupported method</title>")
variant("cross-origin", "HTTP has it so.", "The response to OPTIONS is 204, for browsers.").responding(
    lambda request: request.method == "OPTIONS",
    204,
    Access_Control_Allow_Origin="*",
    Access_Control_Allow_Methods="POST",
)
variant(
    "other-methods-denied",
    RECORDED,
    "A method other than POST is answered by 403 AccessDeniedException, with whatever credentials.",
).refusing(Emulator.operation_of, lambda self, request: request.method != "POST", "AccessDeniedException", 403)

# Content types.


def _xml(status: int, code: str) -> HttpResponse:
    return HttpResponse(status, [("Content-Type", "application/xml")], f"<{code}/>".encode())


variant("content-type-ignored", "Recorded services differ.", "The content type is ignored.").around(
    Emulator.operation_of, lambda call, self, request: call(request.with_media_type(self.service.content_type))
)
variant("content-type-403", RECORDED, "Another content type is rejected with status 403 in XML.").around(
    Emulator.handle,
    lambda call, self, request: (
        call(request) if request.media_type == self.service.content_type else _xml(403, "AccessDeniedException")
    ),
)
variant("content-type-404", RECORDED, "Another content type is rejected with status 404 in XML.").around(
    Emulator.handle,
    lambda call, self, request: (
        call(request) if request.media_type == self.service.content_type else _xml(404, "UnknownOperationException")
    ),
)
variant("content-type-415", "HTTP has it so.", "Another content type is rejected with status 415.").refusing(
    Emulator.operation_of,
    lambda self, request: request.media_type != self.service.content_type,
    "UnsupportedMediaTypeException",
    415,
)


class JsonInAnEnvelope(Variant, why=RECORDED):
    """The response to application/json is {Output, Version}."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.media_type != "application/json":
            return super().handle(request)
        response = super().handle(request.with_media_type(self.service.content_type))
        body = b'{"Output":%s,"Version":"1.0"}' % (response.body or b"{}")
        return HttpResponse(response.status, [("Content-Type", "application/json")], body)


# Paths and targets.

variant("path-ignored", RECORDED, "The path is ignored.").around(
    Emulator.operation_of, lambda call, self, request: call(replace(request, path="/"))
)
variant("paths-redirected", "No source specifies them.", "Other paths are redirected to /.").responding(
    lambda request: request.path != "/", 301, Location="/"
)
variant("long-path-414", "RFC 9110.", "A path of thousands of characters is rejected with status 414.").responding(
    lambda request: len(request.path) > 2000, 414
)
variant(
    "target-missing-unauthenticated",
    "Services that cannot name the operation do so.",
    "A request without a target is rejected with MissingAuthenticationTokenException.",
).refusing(
    Emulator.operation_of,
    lambda self, request: "x-amz-target" not in request.headers,
    "MissingAuthenticationTokenException",
)


class ParsedBeforeDispatch(Variant, why=RECORDED):
    """The body is parsed before the target is read."""

    def operation_of(self, request: HttpRequest) -> str:
        self.parse(request.body)
        return super().operation_of(request)


# JSON.

variant("pretty-json", "White space does not matter in JSON.", "Responses are indented.").around(
    Emulator.encode, lambda call, self, value: json.dumps(value, indent=2, ensure_ascii=False).encode()
)
variant("escaped-json", "It is the same text.", "Responses are in ASCII, the rest escaped.").around(
    Emulator.encode, lambda call, self, value: json.dumps(value).encode()
)
variant("byte-order-mark-ignored", "RFC 8259 lets parsers do so.", "A byte order mark is ignored.").parse(
    lambda body: body.removeprefix(b"\xef\xbb\xbf")
)
variant("invalid-utf8-replaced", "RFC 8259 is silent.", "Bytes that are not UTF-8 become U+FFFD.").parse(
    lambda body: body.decode("utf-8", "replace").encode()
)
variant("deep-json-refused", "RFC 8259 allows it.", "JSON nested more than 100 deep is rejected.").refusing(
    Emulator.parse, lambda self, body: b"[" * 101 in body, "SerializationException"
)


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


class OverflowAsSerialization(Variant, why="Smithy's tests have it so, recorded services call it out of range."):
    """An integer beyond 32 bits is a SerializationException."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        if any(isinstance(value, int) and not -(2**31) <= value < 2**31 for value in values(params)):
            raise ApiError("SerializationException", "beyond 32 bits")
        return params
