"""The envelope: status, content type, JSON body, error type, request id, as AWS JSON 1.1 has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.checks.registry import Seen, Yielded, check
from tunnelspec.verdict import Axis, Level


@check(
    "protocol/no-server-error",
    level=Level.MUST,
    axis=Axis.SAFETY,
    cites=("smithy-awsjson", "smithy-errors"),
)
def no_server_error(seen: Seen) -> Iterator[Yielded]:
    """No input makes the service answer with a 5xx: what the client did wrong is a client error.

    A 5xx tells an SDK to retry, so a bad request answered with one is sent again and again. An
    answer that says "not now" (throttling, service unavailable) is not judged.
    """
    if seen.answer.status >= 500:
        yield (
            "an answer below status 500, whatever the input",
            f"status {seen.answer.status}{_code_words(seen)}",
        )


@check("protocol/status", level=Level.MUST, axis=Axis.FORM, cites=("smithy-awsjson",))
def status(seen: Seen) -> Iterator[Yielded]:
    """Success is status 200 and an error a 4xx: redirects and other statuses are no answer.

    What may be no call of this protocol, such as OPTIONS or another path, may be answered in HTTP's own way.
    """
    code = seen.answer.status
    row = seen.contract.situations.get(seen.exchange.situation)
    if row is not None and row.decision == "either" and not row.envelope:
        return
    if code < 200 or 200 < code < 400:
        yield "status 200, or a 4xx with an error", f"status {code}"


@check("protocol/content-type", level=Level.MUST, axis=Axis.FORM, cites=("smithy-awsjson",))
def content_type(seen: Seen) -> Iterator[Yielded]:
    """Every answer declares the protocol's content type, with or without parameters.

    It holds for an empty body too: "servers MUST still send Content-Type".
    """
    if not seen.enveloped or seen.answer.status >= 500:
        return
    wanted = seen.contract.service.content_type
    value = seen.answer.response.header("content-type")
    if value is None:
        yield f"Content-Type: {wanted}", "no Content-Type header"
    elif value.split(";")[0].strip().lower() != wanted:
        yield f"Content-Type: {wanted}", f"Content-Type: {value[:120]}"


@check("protocol/json-body", level=Level.MUST, axis=Axis.FORM, cites=("smithy-awsjson", "rfc8259"))
def json_body(seen: Seen) -> Iterator[Yielded]:
    """The body is one JSON object in UTF-8; it may be empty where the output has no members."""
    if not seen.enveloped or seen.answer.status >= 500:
        return
    answer = seen.answer
    if answer.empty:
        if answer.accepted and _output_members(seen):
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
def error_type(seen: Seen) -> Iterator[Yielded]:
    """An error names its type in the body's `__type`, where every AWS SDK looks for it.

    Smithy also allows the header `X-Amzn-Errortype` or a `code` member; botocore's AWS JSON parser
    reads neither, so a boto3 caller sees the bare status as the error's code.
    """
    answer = seen.answer
    if not seen.enveloped or not answer.rejected or not isinstance(answer.body, Mapping):
        return
    if answer.code is None:
        elsewhere = f"only '{answer.other_code}' elsewhere" if answer.other_code else "no error type"
        yield "the error's type in the body's __type", elsewhere


@check("protocol/error-message", level=Level.MUST, axis=Axis.FORM, cites=("model",))
def error_message(seen: Seen) -> Iterator[Yielded]:
    """An error's message, where there is one, is a string named `message` or `Message`."""
    answer = seen.answer
    if not answer.rejected or not isinstance(answer.body, Mapping):
        return
    for name in ("message", "Message"):
        value = answer.body.get(name)
        if value is not None and not isinstance(value, str):
            yield f"{name} is a string", f"{name} is a JSON {_json_kind(value)}"


@check("protocol/request-id", level=Level.SHOULD, axis=Axis.FORM, cites=("smithy-awsjson-tests",))
def request_id(seen: Seen) -> Iterator[Yielded]:
    """Every answer carries a request id in `x-amzn-RequestId`, which support and logs refer to."""
    if seen.enveloped and seen.answer.status < 500:
        value = seen.answer.response.header("x-amzn-requestid")
        if not value:
            yield "an x-amzn-RequestId header", "none"


@check("protocol/no-nulls", level=Level.SHOULD, axis=Axis.FORM, cites=("smithy-awsjson-tests",))
def no_nulls(seen: Seen) -> Iterator[Yielded]:
    """An answer leaves out what it has no value for; it does not say null."""
    for path in _nulls(seen.answer.body, ""):
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


def _output_members(seen: Seen) -> bool:
    operation = seen.contract.operations.get(seen.exchange.operation or "")
    return bool(operation and operation.output and operation.output.get("required"))


def _code_words(seen: Seen) -> str:
    return f", {seen.answer.named_code}" if seen.answer.named_code else ""


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
