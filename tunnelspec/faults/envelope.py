"""Faults of the envelope: status, content type and encoding of a response, and where an error's type stands."""

from __future__ import annotations

from tunnelspec.emulator import Emulator, HttpResponse
from tunnelspec.faults.defect_classes import CODE, DISPATCH, ENVELOPE, MEDIA_TYPE, STATUS, TYPES
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

_ABOVE = "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above"
_UNKNOWN = "validation/DescribeTunnel/tunnelId/exists/unknown"
envelope = Faults("envelope", ENVELOPE)
code = Faults("envelope", CODE)
media_type = Faults("envelope", MEDIA_TYPE)
types = Faults("envelope", TYPES)

# Statuses.

envelope("errors-with-status-200", _ABOVE, "An error has status 200.", STATUS).around(
    Emulator.render_error, lambda call, self, error: call(error.recoded(error.code, status=200))
)
envelope("status-204", "protocol/CloseTunnel/plain", "A success without output has status 204.").around(
    Emulator.response, lambda call, self, status, body: call(status if status != 200 or body else 204, body)
)
envelope("redirect", "protocol/ListTagsForResource/plain", "ListTagsForResource redirects with status 307.").responding(
    lambda request: request.operation == "ListTagsForResource", 307, Location="/tags"
)

# Errors.

envelope("empty-error", _ABOVE, "Errors have no body.").around(
    Emulator.render_error, lambda call, self, error: self.response(error.status, b"")
)
envelope("list-of-errors", _ABOVE, "Errors are a list of objects.").around(
    Emulator.render_error,
    lambda call, self, error: self.response(error.status, b"[%b]" % self.encode(self.error_body(error))),
)
envelope("code-member", _ABOVE, "An error's type stands in a member code, as in other AWS protocols.").error_body(
    lambda body, error: {"code": error.code, "message": error.message or ""}
)
envelope("nested-error", _ABOVE, "An error stands in a member Error, as in AWS's XML protocols.").error_body(
    lambda body, error: {"Error": {"Code": error.code, "Message": error.message or ""}}
)
envelope("numeric-message", _ABOVE, "An error's Message is a number.").error_body(
    lambda body, error: {"__type": error.code, "Message": error.status}
)
code("empty-type", _ABOVE, "An error's __type is empty.").error_body(lambda body, error: {**body, "__type": ""})
code("padded-type", _UNKNOWN, "A space stands before the name in __type.").error_body(
    lambda body, error: {**body, "__type": f" {error.code}"}
)
code("query-codes", _UNKNOWN, "__type has the codes of the Query protocol, which lack the word Exception.").error_body(
    lambda body, error: {**body, "__type": error.code.removesuffix("Exception")}
)
code("another-not-found", _UNKNOWN, "An unknown tunnel is a TunnelNotFoundException, which is not in the API.").recoded(
    "ResourceNotFoundException", "TunnelNotFoundException"
)
envelope(
    "falls-through", "protocol/*/target-unknown", "The response to an unknown operation is S3's, in XML.", DISPATCH
).around(
    Emulator.render_error,
    lambda call, self, error: (
        HttpResponse(404, [("Content-Type", "application/xml")], b"<Error><Code>NoSuchBucket</Code></Error>")
        if error.code == "UnknownOperationException"
        else call(error)
    ),
)

# Content types.

media_type("errors-of-another-type", _ABOVE, "Errors, and only they, are of type application/json.").after(
    Emulator.render_error, lambda response, self, error: response.set_header("Content-Type", "application/json")
)
media_type("empty-without-content-type", "protocol/CloseTunnel/plain", "An empty response has no Content-Type.").after(
    Emulator.response,
    lambda response, self, status, body: response if body else response.set_header("Content-Type", None),
)
media_type(
    "content-type-415", "protocol/OpenTunnel/content-type-parameter", "A content type with a parameter has status 415."
).around(
    Emulator.handle,
    lambda call, self, request: self.response(415, b"{}") if ";x=" in request.content_type else call(request),
)
media_type(
    "content-type-in-lower-case-only",
    "protocol/*/content-type-upper-case",
    "A content type in capitals is rejected.",
    level=Level.SHOULD,
).request(lambda request: request if request.content_type.islower() else request.with_media_type("capitals"))
media_type(
    "quotes-refused", "protocol/*/content-type-charset-quoted", "A content type with a quoted parameter is rejected."
).request(lambda request: request.with_media_type("quoted") if '"' in request.content_type else request)
media_type(
    "space-before-parameters-required",
    "protocol/*/content-type-*",
    "A space must precede a parameter of the content type.",
).request(
    lambda request: (
        request.with_media_type("unspaced") if request.content_type.partition(";")[2][:1] not in ("", " ") else request
    )
)

# Bodies.

types("empty-success", "protocol/OpenTunnel/plain", "OpenTunnel responds with an empty body.").around(
    Emulator.render,
    lambda call, self, operation, output: (
        self.response(200, b"") if operation == "OpenTunnel" else call(operation, output)
    ),
)
types("xml", "protocol/DescribeTunnel/plain", "A success is XML.").around(
    Emulator.render,
    lambda call, self, operation, output: (
        self.response(200, b"<DescribeTunnelResponse/>") if operation == "DescribeTunnel" else call(operation, output)
    ),
)
types("latin-1", "lifecycle/DescribeTunnel/description-scripts", "Responses are encoded in Latin-1.").encode(
    lambda data: data.decode().encode("latin-1", "replace")
)
types("byte-order-mark", "protocol/OpenTunnel/plain", "Responses begin with a byte order mark.").encode(
    lambda data: b"\xef\xbb\xbf" + data
)
types("name-twice", "protocol/OpenTunnel/plain", "A response has the same name twice.").encode(
    lambda data: data.replace(b'{"tunnelId"', b'{"tunnelId":"old","tunnelId"')
)
