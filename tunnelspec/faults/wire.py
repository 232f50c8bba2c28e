"""Faults of the wire: status, envelope, dispatch, parsing."""

from __future__ import annotations

from typing import Any

from tunnelspec.emulator import Answer, ApiError, Call, Emulator
from tunnelspec.faults.changes import crash_on, on_error, with_header
from tunnelspec.faults.registry import fault

CRASH = "client error answered as 5xx"
ENVELOPE = "error envelope or headers"
DISPATCH = "routing of operations"
TYPES = "response types"


@fault(
    "wire/crash-on-malformed-json",
    sentence="A body that is not JSON is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/truncated",
)
def crash_on_malformed_json(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code == "SerializationException" and error.message is None:
            error.code, error.status = "InternalFailure", 500

    on_error(emulator, change)


@fault(
    "wire/crash-on-lone-surrogate",
    sentence="Half a surrogate pair is answered with status 500.",
    defect_class=CRASH,
    killer="validation/*/half-a-surrogate-pair",
)
def crash_on_lone_surrogate(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: b"\\ud800" in call.body)


@fault(
    "wire/crash-on-unknown-operation",
    sentence="A target that names no operation is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/target-unknown",
)
def crash_on_unknown_operation(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code == "UnknownOperationException":
            error.status = 500

    on_error(emulator, change)


@fault(
    "wire/crash-on-wrong-type",
    sentence="A member of the wrong JSON type is answered with status 500.",
    defect_class=CRASH,
    killer="validation/*/type/as-*",
)
def crash_on_wrong_type(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code == "SerializationException" and error.message is not None:
            error.code, error.status = "InternalFailure", 500

    on_error(emulator, change)


@fault(
    "wire/crash-on-list",
    sentence="A JSON list as body is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/top-level-list",
)
def crash_on_list(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: call.body == b"[]")


@fault(
    "wire/crash-on-deep-json",
    sentence="Deeply nested JSON is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/nested-100000",
)
def crash_on_deep_json(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: b"[" * 10_000 in call.body)


@fault(
    "wire/crash-on-invalid-utf8",
    sentence="Bytes that are not UTF-8 are answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/invalid-utf8",
)
def crash_on_invalid_utf8(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: b"\xff" in call.body)


@fault(
    "wire/content-type-json",
    sentence="Answers are of type application/json.",
    defect_class="content type",
    killer="protocol/*/plain",
)
def content_type_json(emulator: Emulator) -> None:
    with_header(emulator, "Content-Type", "application/json")


@fault(
    "wire/no-content-type",
    sentence="Answers have no Content-Type.",
    defect_class="content type",
    killer="protocol/*/plain",
)
def no_content_type(emulator: Emulator) -> None:
    with_header(emulator, "Content-Type", None)


@fault(
    "wire/html-errors",
    sentence="Errors are HTML pages.",
    defect_class=ENVELOPE,
    killer="protocol/*/truncated",
)
def html_errors(emulator: Emulator) -> None:
    def change(error: ApiError) -> Answer:
        headers = [("Content-Type", "text/html")]
        return Answer(error.status, headers, b"<!doctype html><h1>Bad Request</h1>")

    on_error(emulator, change)


@fault(
    "wire/type-in-header-only",
    sentence="An error's type stands in X-Amzn-Errortype and not in the body.",
    defect_class=ENVELOPE,
    killer="protocol/*/truncated",
)
def type_in_header_only(emulator: Emulator) -> None:
    def change(error: ApiError) -> Answer:
        made = emulator.answer(error.status, emulator.encode({"message": error.message or ""}))
        made.headers.append(("X-Amzn-Errortype", error.code))
        return made

    on_error(emulator, change)


@fault(
    "wire/message-object",
    sentence="An error's message is an object.",
    defect_class=ENVELOPE,
    killer="validation/*",
)
def message_object(emulator: Emulator) -> None:
    body = emulator.error_body
    emulator.error_body = lambda error: {**body(error), "message": {"text": "no"}}  # type: ignore[method-assign]


@fault(
    "wire/status-201",
    sentence="Success is answered with status 201.",
    defect_class=ENVELOPE,
    killer="protocol/*/plain",
)
def status_201(emulator: Emulator) -> None:
    answer = emulator.answer
    emulator.answer = lambda status, body: answer(201 if status == 200 else status, body)  # type: ignore[method-assign]


@fault(
    "wire/truncated-answer",
    sentence="Answers lose their last byte.",
    defect_class=TYPES,
    killer="protocol/OpenTunnel/plain",
)
def truncated_answer(emulator: Emulator) -> None:
    encode = emulator.encode
    emulator.encode = lambda value: encode(value)[:-1]  # type: ignore[method-assign]


@fault(
    "wire/unknown-operation-accepted",
    sentence="The target's prefix is not looked at.",
    defect_class=DISPATCH,
    killer="protocol/*/target-of-another-service",
)
def unknown_operation_accepted(emulator: Emulator) -> None:
    operation_of = emulator.operation_of

    def changed(call: Call) -> str:
        name = call.headers.get("x-amz-target", "").rpartition(".")[2]
        return name if name in emulator.operations else operation_of(call)

    emulator.operation_of = changed  # type: ignore[method-assign]


@fault(
    "wire/target-any-case",
    sentence="The target is compared without regard to case.",
    defect_class=DISPATCH,
    killer="protocol/*/target-lower-case",
)
def target_any_case(emulator: Emulator) -> None:
    operation_of = emulator.operation_of
    names = {name.lower(): name for name in emulator.operations}

    def changed(call: Call) -> str:
        name = call.headers.get("x-amz-target", "").rpartition(".")[2]
        return names.get(name.lower()) or operation_of(call)

    emulator.operation_of = changed  # type: ignore[method-assign]


@fault(
    "wire/parameters-refused",
    sentence="A content type with parameters is refused.",
    defect_class="content type",
    killer="protocol/OpenTunnel/content-type-charset",
)
def parameters_refused(emulator: Emulator) -> None:
    operation_of = emulator.operation_of

    def changed(call: Call) -> str:
        if ";" in call.headers.get("content-type", ""):
            raise ApiError("UnknownOperationException")
        return operation_of(call)

    emulator.operation_of = changed  # type: ignore[method-assign]


@fault(
    "wire/lenient-json",
    sentence="A body that is not JSON is read as an empty object.",
    defect_class="constraint not enforced",
    killer="protocol/OpenTunnel/truncated",
)
def lenient_json(emulator: Emulator) -> None:
    parse = emulator.parse

    def changed(body: bytes) -> dict[str, Any]:
        try:
            return parse(body)
        except ApiError:
            return {}

    emulator.parse = changed  # type: ignore[method-assign]


@fault(
    "wire/nan-accepted",
    sentence="NaN is read as a number.",
    defect_class="constraint not enforced",
    killer="protocol/OpenTunnel/nan",
)
def nan_accepted(emulator: Emulator) -> None:
    parse = emulator.parse
    emulator.parse = lambda body: parse(body.replace(b"NaN", b"0"))  # type: ignore[method-assign]


@fault(
    "wire/null-refused",
    sentence="An optional member that is null is refused.",
    defect_class="valid input refused",
    killer="validation/OpenTunnel/description/type/null",
)
def null_refused(emulator: Emulator) -> None:
    parse = emulator.parse

    def changed(body: bytes) -> dict[str, Any]:
        params = parse(body)
        if None in params.values():
            raise ApiError("SerializationException", "null")
        return params

    emulator.parse = changed  # type: ignore[method-assign]


@fault(
    "wire/operation-missing",
    sentence="One operation is not there.",
    defect_class=DISPATCH,
    killer="protocol/RotateTunnelAccessToken/implemented",
)
def operation_missing(emulator: Emulator) -> None:
    del emulator.operations["RotateTunnelAccessToken"]
