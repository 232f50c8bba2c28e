"""Faults of the envelope: status, content type and encoding of an answer, and where an error's type stands."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.emulator import Answer, ApiError, Emulator
from tunnelspec.emulator.service import Params
from tunnelspec.faults.changes import on_error
from tunnelspec.faults.registry import fault
from tunnelspec.faults.wire import DISPATCH, ENVELOPE, TYPES

CODE = "wrong error code or __type"
_ABOVE = "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above"


def _on_body(emulator: Emulator, change: Callable[[ApiError], Params]) -> None:
    """Answer errors with another JSON object."""
    emulator.error_body = change  # type: ignore[method-assign, assignment]


def _on_answer(emulator: Emulator, change: Callable[[Answer], Answer]) -> None:
    """Change every answer as it leaves."""
    answer = emulator.answer
    emulator.answer = lambda status, body: change(answer(status, body))  # type: ignore[method-assign]


@fault(
    "envelope/errors-with-status-200",
    sentence="An error has status 200.",
    defect_class="wrong status",
    killer=_ABOVE,
)
def errors_with_status_200(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        error.status = 200

    on_error(emulator, change)


@fault(
    "envelope/status-204",
    sentence="A success without output has status 204.",
    defect_class=ENVELOPE,
    killer="protocol/CloseTunnel/plain",
)
def status_204(emulator: Emulator) -> None:
    def change(made: Answer) -> Answer:
        if made.status == 200 and not made.body:
            made.status = 204
        return made

    _on_answer(emulator, change)


@fault(
    "envelope/redirect",
    sentence="Tags are said to be elsewhere: status 307.",
    defect_class=ENVELOPE,
    killer="protocol/ListTagsForResource/plain",
)
def redirect(emulator: Emulator) -> None:
    handle = emulator.handle
    emulator.handle = lambda call: (  # type: ignore[method-assign]
        Answer(307, [("Location", "/tags")])
        if call.headers.get("x-amz-target", "").endswith("ListTagsForResource")
        else handle(call)
    )


@fault(
    "envelope/empty-error",
    sentence="Errors have no body.",
    defect_class=ENVELOPE,
    killer=_ABOVE,
)
def empty_error(emulator: Emulator) -> None:
    on_error(emulator, lambda error: emulator.answer(error.status, b""))


@fault(
    "envelope/empty-success",
    sentence="OpenTunnel answers with an empty body.",
    defect_class=TYPES,
    killer="protocol/OpenTunnel/plain",
)
def empty_success(emulator: Emulator) -> None:
    render = emulator.render
    emulator.render = lambda operation, output: (  # type: ignore[method-assign]
        emulator.answer(200, b"") if operation == "OpenTunnel" else render(operation, output)
    )


@fault(
    "envelope/list-of-errors",
    sentence="Errors are a list of objects.",
    defect_class=ENVELOPE,
    killer=_ABOVE,
)
def list_of_errors(emulator: Emulator) -> None:
    on_error(
        emulator,
        lambda error: emulator.answer(error.status, b"[" + emulator.encode(emulator.error_body(error)) + b"]"),
    )


@fault(
    "envelope/errors-of-another-type",
    sentence="Errors, and they alone, are of type application/json.",
    defect_class="content type",
    killer=_ABOVE,
)
def errors_of_another_type(emulator: Emulator) -> None:
    def change(made: Answer) -> Answer:
        if made.status >= 400:
            made.headers[0] = ("Content-Type", "application/json")
        return made

    _on_answer(emulator, change)


@fault(
    "envelope/empty-without-content-type",
    sentence="An answer without a body has no Content-Type.",
    defect_class="content type",
    killer="protocol/CloseTunnel/plain",
)
def empty_without_content_type(emulator: Emulator) -> None:
    def change(made: Answer) -> Answer:
        if not made.body:
            del made.headers[0]
        return made

    _on_answer(emulator, change)


@fault(
    "envelope/code-member",
    sentence="An error's type stands in a member code, as in other AWS protocols.",
    defect_class=ENVELOPE,
    killer=_ABOVE,
)
def code_member(emulator: Emulator) -> None:
    _on_body(emulator, lambda error: {"code": error.code, "message": error.message or ""})


@fault(
    "envelope/nested-error",
    sentence="An error stands in a member Error, as in AWS's XML protocols.",
    defect_class=ENVELOPE,
    killer=_ABOVE,
)
def nested_error(emulator: Emulator) -> None:
    _on_body(emulator, lambda error: {"Error": {"Code": error.code, "Message": error.message or ""}})


@fault(
    "envelope/empty-type",
    sentence="An error's __type is empty.",
    defect_class=CODE,
    killer=_ABOVE,
)
def empty_type(emulator: Emulator) -> None:
    _on_body(emulator, lambda error: {"__type": "", "message": error.message or ""})


@fault(
    "envelope/query-codes",
    sentence="__type carries the codes of the Query protocol, which lack the word Exception.",
    defect_class=CODE,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def query_codes(emulator: Emulator) -> None:
    body = emulator.error_body
    _on_body(emulator, lambda error: {**body(error), "__type": error.code.removesuffix("Exception")})


@fault(
    "envelope/another-not-found",
    sentence="An unknown tunnel is answered with TunnelNotFoundException, which this service does not have.",
    defect_class=CODE,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def another_not_found(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code == "ResourceNotFoundException":
            error.code = "TunnelNotFoundException"

    on_error(emulator, change)


@fault(
    "envelope/numeric-message",
    sentence="An error's Message is a number.",
    defect_class=ENVELOPE,
    killer=_ABOVE,
)
def numeric_message(emulator: Emulator) -> None:
    _on_body(emulator, lambda error: {"__type": error.code, "Message": error.status})


@fault(
    "envelope/falls-through",
    sentence="An operation that is not known falls through to another service, which answers in XML.",
    defect_class=DISPATCH,
    killer="protocol/*/target-unknown",
)
def falls_through(emulator: Emulator) -> None:
    def change(error: ApiError) -> Answer | None:
        if error.code != "UnknownOperationException":
            return None
        body = b'<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>'
        return Answer(404, [("Content-Type", "application/xml")], body)

    on_error(emulator, change)


@fault(
    "envelope/content-type-415",
    sentence="A content type with a parameter is refused with status 415.",
    defect_class="content type",
    killer="protocol/OpenTunnel/content-type-parameter",
)
def content_type_415(emulator: Emulator) -> None:
    handle = emulator.handle
    emulator.handle = lambda call: (  # type: ignore[method-assign]
        emulator.answer(415, b"{}") if ";x=" in call.headers.get("content-type", "") else handle(call)
    )


@fault(
    "envelope/latin-1",
    sentence="Answers are encoded in Latin-1 where it has the letters.",
    defect_class=TYPES,
    killer="lifecycle/DescribeTunnel/description-scripts",
)
def latin_1(emulator: Emulator) -> None:
    encode = emulator.encode
    emulator.encode = lambda value: encode(value).decode().encode("latin-1", "replace")  # type: ignore[method-assign]


@fault(
    "envelope/byte-order-mark",
    sentence="Answers begin with a byte order mark.",
    defect_class=TYPES,
    killer="protocol/OpenTunnel/plain",
)
def byte_order_mark(emulator: Emulator) -> None:
    encode = emulator.encode
    emulator.encode = lambda value: b"\xef\xbb\xbf" + encode(value)  # type: ignore[method-assign]


@fault(
    "envelope/name-twice",
    sentence="An answer has the same name twice.",
    defect_class=TYPES,
    killer="protocol/OpenTunnel/plain",
)
def name_twice(emulator: Emulator) -> None:
    encode = emulator.encode
    emulator.encode = lambda value: encode(value).replace(  # type: ignore[method-assign]
        b'{"tunnelId"', b'{"tunnelId":"old","tunnelId"'
    )


@fault(
    "envelope/xml",
    sentence="A success is XML.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def xml(emulator: Emulator) -> None:
    render = emulator.render

    def changed(operation: str, output: Params) -> Answer:
        made = render(operation, output)
        made.body = made.body and b"<DescribeTunnelResponse/>" if operation == "DescribeTunnel" else made.body
        return made

    emulator.render = changed  # type: ignore[method-assign]
