"""The envelope of a response: status, content type, JSON body, error type, request id, as AWS JSON 1.1 has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.exchange import shape_name
from tunnelspec.strict_json import Json, kind
from tunnelspec.verdict import Axis, Kind, Level


@check(
    "protocol/no-server-error",
    level=Level.MUST,
    axis=Axis.SAFETY,
    kind=Kind.SERVER_ERROR,
    cites=("smithy-awsjson", "smithy-errors"),
)
def no_server_error(context: CheckContext) -> Iterator[Yielded]:
    """No request may be answered with a 5xx status: what the client did wrong is a client error.

    A 5xx makes an SDK retry, so that a bad request is sent again and again. A response that says "not now"
    (throttling, service unavailable) is not checked.
    """
    status, row = context.response.status, context.contract.situations.get(context.exchange.situation)
    # What HTTP requires to be read is another rule's subject, and HTTP has statuses of its own.
    if status >= 500 and (row is None or not (row.is_of_http or status in row.status)):
        yield "the status must be below 500 for every request", f"status {status}{_code_words(context)}"


@check("protocol/status", level=Level.MUST, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("smithy-awsjson",))
def status(context: CheckContext) -> Iterator[Yielded]:
    """A success must have status 200 and an error a 4xx status; redirects and other statuses are neither.

    What may not be a call of this protocol, such as OPTIONS or another path, may be answered in HTTP's own way.
    """
    code = context.response.status
    row = context.contract.situations.get(context.exchange.situation)
    if row is not None and row.decision == "either" and not row.envelope:
        return
    if code < 200 or 200 < code < 400:
        yield "the status must be 200, or 4xx for an error", f"status {code}"


@check("protocol/content-type", level=Level.MUST, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("smithy-awsjson",))
def content_type(context: CheckContext) -> Iterator[Yielded]:
    """Every response must declare the protocol's content type, with or without parameters.

    This includes an empty body: "servers MUST still send Content-Type".
    """
    if not context.enveloped or context.response.status >= 500:
        return
    wanted = context.contract.service.content_type
    value = context.response.header("content-type")
    if value is None:
        yield f"Content-Type must be {wanted}", "no Content-Type header"
    elif value.split(";")[0].strip().lower() != wanted:
        yield f"Content-Type must be {wanted}", f"Content-Type is {value[:120]}"


@check(
    "protocol/json-body",
    level=Level.MUST,
    axis=Axis.FORM,
    kind=Kind.WRONG_FORM,
    cites=("smithy-awsjson", "rfc8259"),
)
def json_body(context: CheckContext) -> Iterator[Yielded]:
    """The body must be one JSON object in UTF-8; it may be empty where the output has no members."""
    if not context.enveloped or context.response.status >= 500:
        return
    response = context.response
    if not response.body:
        if response.accepted and _output_members(context):
            yield "the body must be a JSON object with the operation's output", "an empty body"
        elif response.rejected:
            yield "the body must be a JSON object that names the error", "an empty body"
    elif response.problem is not None:
        yield "the body must be a JSON object in UTF-8", response.problem
    elif not isinstance(response.json, Mapping):
        yield "the body must be a JSON object", f"a JSON {kind(response.json)}"


@check(
    "protocol/error-type",
    level=Level.MUST,
    axis=Axis.IDENTITY,
    kind=Kind.WRONG_FORM,
    cites=("smithy-awsjson", "botocore-parser"),
)
def error_type(context: CheckContext) -> Iterator[Yielded]:
    """An error must name its type in the body's `__type`, where every AWS SDK reads it.

    Smithy also allows the header `X-Amzn-Errortype` or a `code` member; botocore's AWS JSON parser
    reads neither, so a boto3 caller sees the bare status as the error's code.
    """
    response = context.response
    if not context.enveloped or not response.rejected or not isinstance(response.json, Mapping):
        return
    if response.error_type is None:
        elsewhere = f"no __type; {response.other_error_type} elsewhere" if response.other_error_type else "no __type"
        yield "the body's __type must name the error", elsewhere


@check(
    "protocol/error-type-header",
    level=Level.SHOULD,
    axis=Axis.IDENTITY,
    kind=Kind.WRONG_FORM,
    cites=("smithy-awsjson",),
)
def error_type_header(context: CheckContext) -> Iterator[Yielded]:
    """The header `X-Amzn-Errortype`, where there is one, should name the same error as the body's `__type`.

    Smithy lets a server name the error in either, so that clients differ in which they read.
    """
    response = context.response
    header, named = response.header("x-amzn-errortype"), response.error_type
    if response.rejected and header is not None and named is not None and shape_name(header) != named:
        yield "X-Amzn-Errortype should name the error that __type names", f"{header[:120]}, where __type is {named}"


@check("protocol/error-message", level=Level.MUST, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("model",))
def error_message(context: CheckContext) -> Iterator[Yielded]:
    """An error's message, where there is one, must be a string named `message` or `Message`."""
    response = context.response
    if not response.rejected or not isinstance(response.json, Mapping):
        return
    for name in ("message", "Message"):
        value = response.json.get(name)
        if value is not None and not isinstance(value, str):
            yield f"{name} must be a string", f"{name} is a JSON {kind(value)}"


@check("protocol/request-id", level=Level.SHOULD, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("smithy-awsjson-tests",))
def request_id(context: CheckContext) -> Iterator[Yielded]:
    """Every response should carry a request id in `x-amzn-RequestId`, which support and logs refer to."""
    if context.enveloped and context.response.status < 500:
        value = context.response.header("x-amzn-requestid")
        if not value:
            yield "the response should have an x-amzn-RequestId header", "no such header"


@check("protocol/no-nulls", level=Level.SHOULD, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("smithy-awsjson-tests",))
def no_nulls(context: CheckContext) -> Iterator[Yielded]:
    """A response should leave out a member without a value instead of sending null."""
    for path in _nulls(context.response.json, ""):
        yield f"{path} should be left out when it has no value", f"{path} is null"


def _nulls(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else str(name)
            if inner is None:
                yield where
            else:
                yield from _nulls(inner, where)
    elif isinstance(value, list):
        # One element speaks for the list: a page of a hundred would say the same thing.
        for inner in value[:1]:
            yield from _nulls(inner, path + "[]")


def _output_members(context: CheckContext) -> bool:
    operation = context.operation
    return bool(operation and operation.output and operation.output.required)


def _code_words(context: CheckContext) -> str:
    return f", {context.response.named_error}" if context.response.named_error else ""
