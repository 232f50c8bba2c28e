"""The envelope: status, content type, JSON body, error type, request id, as AWS JSON 1.1 has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.verdict import Axis, Level


@check(
    "protocol/no-server-error",
    level=Level.MUST,
    axis=Axis.SAFETY,
    cites=("smithy-awsjson", "smithy-errors"),
)
def no_server_error(context: CheckContext) -> Iterator[Yielded]:
    """No input makes the service answer with a 5xx: what the client did wrong is a client error.

    A 5xx tells an SDK to retry, so a bad request answered with one is sent again and again. An
    answer that says "not now" (throttling, service unavailable) is not judged.
    """
    if context.answer.status >= 500:
        yield (
            "an answer below status 500, whatever the input",
            f"status {context.answer.status}{_code_words(context)}",
        )


@check("protocol/status", level=Level.MUST, axis=Axis.FORM, cites=("smithy-awsjson",))
def status(context: CheckContext) -> Iterator[Yielded]:
    """Success is status 200 and an error a 4xx: redirects and other statuses are no answer.

    What may be no call of this protocol, such as OPTIONS or another path, may be answered in HTTP's own way.
    """
    code = context.answer.status
    row = context.contract.situations.get(context.exchange.situation)
    if row is not None and row.decision == "either" and not row.envelope:
        return
    if code < 200 or 200 < code < 400:
        yield "status 200, or a 4xx with an error", f"status {code}"


@check("protocol/content-type", level=Level.MUST, axis=Axis.FORM, cites=("smithy-awsjson",))
def content_type(context: CheckContext) -> Iterator[Yielded]:
    """Every answer declares the protocol's content type, with or without parameters.

    It holds for an empty body too: "servers MUST still send Content-Type".
    """
    if not context.enveloped or context.answer.status >= 500:
        return
    wanted = context.contract.service.content_type
    value = context.answer.response.header("content-type")
    if value is None:
        yield f"Content-Type: {wanted}", "no Content-Type header"
    elif value.split(";")[0].strip().lower() != wanted:
        yield f"Content-Type: {wanted}", f"Content-Type: {value[:120]}"


@check("protocol/json-body", level=Level.MUST, axis=Axis.FORM, cites=("smithy-awsjson", "rfc8259"))
def json_body(context: CheckContext) -> Iterator[Yielded]:
    """The body is one JSON object in UTF-8; it may be empty where the output has no members."""
    if not context.enveloped or context.answer.status >= 500:
        return
    answer = context.answer
    if answer.empty:
        if answer.accepted and _output_members(context):
            yield "a JSON object with the operation's output", "an empty body"
        elif answer.rejected:
            yield "a JSON object that names the error", "an empty body"
    elif answer.problem is not None:
        yield "a JSON object in UTF-8", answer.problem
    elif not isinstance(answer.body, Mapping):
        yield "a JSON object", f"a JSON {_json_kind(answer.body)}"


@check(
    "protocol/error-type",
    level=Level.MUST,
    axis=Axis.IDENTITY,
    cites=("smithy-awsjson", "botocore-parser"),
)
def error_type(context: CheckContext) -> Iterator[Yielded]:
    """An error names its type in the body's `__type`, where every AWS SDK looks for it.

    Smithy also allows the header `X-Amzn-Errortype` or a `code` member; botocore's AWS JSON parser
    reads neither, so a boto3 caller sees the bare status as the error's code.
    """
    answer = context.answer
    if not context.enveloped or not answer.rejected or not isinstance(answer.body, Mapping):
        return
    if answer.code is None:
        elsewhere = f"only '{answer.other_code}' elsewhere" if answer.other_code else "no error type"
        yield "the error's type in the body's __type", elsewhere


@check("protocol/error-message", level=Level.MUST, axis=Axis.FORM, cites=("model",))
def error_message(context: CheckContext) -> Iterator[Yielded]:
    """An error's message, where there is one, is a string named `message` or `Message`."""
    answer = context.answer
    if not answer.rejected or not isinstance(answer.body, Mapping):
        return
    for name in ("message", "Message"):
        value = answer.body.get(name)
        if value is not None and not isinstance(value, str):
            yield f"{name} is a string", f"{name} is a JSON {_json_kind(value)}"


@check("protocol/request-id", level=Level.SHOULD, axis=Axis.FORM, cites=("smithy-awsjson-tests",))
def request_id(context: CheckContext) -> Iterator[Yielded]:
    """Every answer carries a request id in `x-amzn-RequestId`, which support and logs refer to."""
    if context.enveloped and context.answer.status < 500:
        value = context.answer.response.header("x-amzn-requestid")
        if not value:
            yield "an x-amzn-RequestId header", "none"


@check("protocol/no-nulls", level=Level.SHOULD, axis=Axis.FORM, cites=("smithy-awsjson-tests",))
def no_nulls(context: CheckContext) -> Iterator[Yielded]:
    """An answer leaves out what it has no value for; it does not say null."""
    for path in _nulls(context.answer.body, ""):
        yield f"{path} is left out when it has no value", f"{path} is null"


def _nulls(value: Any, path: str) -> Iterator[str]:
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
    operation = context.contract.operations.get(context.exchange.operation or "")
    return bool(operation and operation.output and operation.output.get("required"))


def _code_words(context: CheckContext) -> str:
    return f", {context.answer.named_code}" if context.answer.named_code else ""


def _json_kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"
