"""Legal variants of how an answer looks: times, envelopes, error types and statuses."""

from __future__ import annotations

from itertools import count
from typing import Any

from tunnelspec.emulator import Answer, ApiError, Call, Emulator
from tunnelspec.faults.changes import on_error, on_output, recoded, with_header
from tunnelspec.faults.registry import OPEN, variant


@variant("whole-second-timestamps", sentence="Times have no fraction.", why="Precision is optional.")
def whole_seconds(emulator: Emulator) -> None:
    emulator.timestamp = int  # type: ignore[method-assign, assignment]


@variant("exponent-timestamps", sentence="Times are written 1.7E9.", why="Recorded of AWS services.")
def exponent_timestamps(emulator: Emulator) -> None:
    encode = emulator.encode
    emulator.timestamp = lambda seconds: float(f"{seconds:.0f}")  # type: ignore[method-assign]

    def changed(value: dict[str, Any]) -> bytes:
        import re

        return re.sub(rb"(At\":)(\d)(\d+)\.0", rb"\1\2.\3E9", encode(value))

    emulator.encode = changed  # type: ignore[method-assign]


@variant("extra-members", sentence="Answers have members that nobody knows.", why="Services grow members.")
def extra_members(emulator: Emulator) -> None:
    for name in emulator.operations:
        on_output(emulator, name, lambda out: out.update(somethingNew={"a": [1]}))


@variant("throttling", sentence="One call in eight is throttled.", why="Quotas apply to every account.")
def throttling(emulator: Emulator) -> None:
    handle, calls = emulator.handle, count(1)

    def changed(call: Call) -> Answer:
        if next(calls) % 8 == 0:
            return emulator.render_error(ApiError("ThrottlingException", "Rate exceeded"))
        return handle(call)

    emulator.handle = changed  # type: ignore[method-assign]


@variant("namespaced-type", sentence="An error's type has a namespace.", why="Clients drop it.")
def namespaced_type(emulator: Emulator) -> None:
    body = emulator.error_body
    emulator.error_body = lambda error: {  # type: ignore[method-assign]
        **body(error),
        "__type": f"com.amazon.coral.service#{error.code}",
    }


@variant("capital-message", sentence="The message is named Message.", why="Recorded of AWS services.")
def capital_message(emulator: Emulator) -> None:
    emulator.error_body = lambda error: {"__type": error.code, "Message": error.message or ""}  # type: ignore[method-assign]


@variant("no-message", sentence="Errors have no message.", why="The member is optional.")
def no_message(emulator: Emulator) -> None:
    emulator.error_body = lambda error: {"__type": error.code}  # type: ignore[method-assign]


@variant("empty-object", sentence="Operations without output answer {}.", why="Clients must take it.")
def empty_object(emulator: Emulator) -> None:
    render = emulator.render

    def changed(operation: str, output: dict[str, Any]) -> Answer:
        made = render(operation, output)
        made.body = made.body or b"{}"
        return made

    emulator.render = changed  # type: ignore[method-assign]


@variant("charset", sentence="The content type has a charset.", why="Parameters do not matter.")
def charset(emulator: Emulator) -> None:
    with_header(emulator, "Content-Type", emulator.service.content_type + "; charset=utf-8")


@variant(
    "not-found-404",
    sentence="An unknown tunnel is answered with status 404.",
    why="The Smithy model says so, though AWS JSON ignores it.",
    may_warn=True,
)
def not_found_404(emulator: Emulator) -> None:
    recoded(emulator, "ResourceNotFoundException", "ResourceNotFoundException", 404)


@variant(
    "unknown-operation-404",
    sentence="An unknown target is answered with status 404.",
    why="AWS's pages of common errors say so.",
    may_warn=True,
)
def unknown_operation_404(emulator: Emulator) -> None:
    recoded(emulator, "UnknownOperationException", "UnknownOperationException", 404)


@variant("invalid-request", sentence="Broken constraints are InvalidRequestException.", why=OPEN)
def invalid_request(emulator: Emulator) -> None:
    recoded(emulator, "ValidationException", "InvalidRequestException")


@variant(
    "types-as-validation",
    sentence="Wrong types are ValidationException.",
    why="Services differ; SerializationException is what was recorded.",
    may_warn=True,
)
def types_as_validation(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code == "SerializationException" and error.message and "structure exp" not in error.message:
            error.code = "ValidationException"

    on_error(emulator, change)


@variant(
    "missing-as-serialization",
    sentence="A missing member is SerializationException.",
    why="Tolerated; ValidationException is what was recorded.",
    may_warn=True,
)
def missing_as_serialization(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if "not be null" in (error.message or ""):
            error.code = "SerializationException"

    on_error(emulator, change)


@variant("microseconds", sentence="Times have six decimal places.", why="Finer than a millisecond SHOULD be cut.")
def microseconds(emulator: Emulator) -> None:
    emulator.timestamp = lambda seconds: round(seconds, 6)  # type: ignore[method-assign]
