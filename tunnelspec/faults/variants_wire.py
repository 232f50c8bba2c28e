"""Legal variants on the wire: what the protocol, or what was recorded of AWS's services, allows.

A catalogue: its entries are small, stand by themselves, and are looked up by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tunnelspec.emulator import Answer, ApiError, Call, Emulator
from tunnelspec.emulator.service import Params
from tunnelspec.faults.changes import on_error
from tunnelspec.faults.registry import variant

RECORDED = "Recorded of AWS services."


def _on_call(emulator: Emulator, change: Callable[[Call], Answer | None]) -> None:
    """Answer some calls in another way."""
    handle = emulator.handle
    emulator.handle = lambda call: change(call) or handle(call)  # type: ignore[method-assign]


def _kind(call: Call) -> str:
    return call.headers.get("content-type", "").split(";")[0].strip().lower()


def _xml(status: int, code: str) -> Answer:
    return Answer(status, [("Content-Type", "application/xml")], f"<{code}/>".encode())


# Errors.


@variant("type-with-uri", sentence="An error's type ends in an address.", why="Clients drop it.")
def type_with_uri(emulator: Emulator) -> None:
    body = emulator.error_body
    emulator.error_body = lambda error: {  # type: ignore[method-assign]
        **body(error),
        "__type": f"{error.code}:http://internal.amazon.com/coral/com.amazon.coral.service/",
    }


@variant("type-everywhere", sentence="An error's type is in the header and in code too.", why="Each is allowed.")
def type_everywhere(emulator: Emulator) -> None:
    body = emulator.error_body
    emulator.error_body = lambda error: {**body(error), "code": error.code}  # type: ignore[method-assign]
    render = emulator.render_error

    def changed(error: ApiError) -> Answer:
        made = render(error)
        made.headers.append(("X-Amzn-ErrorType", error.code))
        return made

    emulator.render_error = changed  # type: ignore[method-assign]


@variant("field-list", sentence="Errors list the members that are wrong.", why="Smithy's framework does so.")
def field_list(emulator: Emulator) -> None:
    body = emulator.error_body
    emulator.error_body = lambda error: {  # type: ignore[method-assign]
        **body(error),
        "fieldList": [{"path": "/", "message": "Member must be something else"}],
    }


@variant("bad-request", sentence="Broken constraints are BadRequestException.", why="Services map the type.")
def bad_request(emulator: Emulator) -> None:
    _recoded(emulator, "BadRequestException")


@variant(
    "invalid-parameter",
    sentence="Broken constraints are InvalidParameterException.",
    why="Services map the type.",
)
def invalid_parameter(emulator: Emulator) -> None:
    _recoded(emulator, "InvalidParameterException")


def _recoded(emulator: Emulator, code: str) -> None:
    def change(error: ApiError) -> None:
        if error.code == "ValidationException":
            error.code = code

    on_error(emulator, change)


@variant(
    "overflow-as-serialization",
    sentence="An integer beyond 32 bits is a SerializationException.",
    why="Smithy's tests have it so, recorded services call it out of range.",
)
def overflow_as_serialization(emulator: Emulator) -> None:
    parse = emulator.parse

    def changed(body: bytes) -> Params:
        params = parse(body)
        todo: list[Any] = [params]
        while todo:
            value = todo.pop()
            if isinstance(value, dict | list):
                todo += value.values() if isinstance(value, dict) else value
            elif isinstance(value, int) and not -(2**31) <= value < 2**31:
                raise ApiError("SerializationException", "beyond 32 bits")
        return params

    emulator.parse = changed  # type: ignore[method-assign]


# Bodies.


@variant("pretty-json", sentence="Answers are indented.", why="White space does not matter in JSON.")
def pretty_json(emulator: Emulator) -> None:
    emulator.encode = lambda value: json.dumps(value, indent=2, ensure_ascii=False).encode()  # type: ignore[method-assign]


@variant("escaped-json", sentence="Answers are in ASCII, the rest escaped.", why="It is the same text.")
def escaped_json(emulator: Emulator) -> None:
    emulator.encode = lambda value: json.dumps(value).encode()  # type: ignore[method-assign]


@variant("first-name-wins", sentence="Of a repeated name the first counts.", why="RFC 8259 leaves it open.")
def first_name_wins(emulator: Emulator) -> None:
    emulator.parse = _parser(emulator, lambda pairs: dict(reversed(pairs)))  # type: ignore[method-assign, assignment]


@variant("repeated-names-refused", sentence="A repeated name is refused.", why="RFC 8259 leaves it open.")
def repeated_names_refused(emulator: Emulator) -> None:
    def once(pairs: list[tuple[str, Any]]) -> Params:
        if len(dict(pairs)) < len(pairs):
            raise ApiError("SerializationException", "a name stands there twice")
        return dict(pairs)

    emulator.parse = _parser(emulator, once)  # type: ignore[method-assign, assignment]


def _parser(emulator: Emulator, hook: Callable[[list[tuple[str, Any]]], Params]) -> Callable[[bytes], Params]:
    parse = emulator.parse

    def changed(body: bytes) -> Params:
        parse(body)
        read: Params = json.loads(body, object_pairs_hook=hook)
        return read

    return changed


@variant("byte-order-mark-ignored", sentence="A byte order mark is ignored.", why="RFC 8259 lets parsers do so.")
def byte_order_mark_ignored(emulator: Emulator) -> None:
    parse = emulator.parse
    emulator.parse = lambda body: parse(body.removeprefix(b"\xef\xbb\xbf"))  # type: ignore[method-assign]


@variant("invalid-utf8-replaced", sentence="Bytes that are no UTF-8 become U+FFFD.", why="RFC 8259 is silent.")
def invalid_utf8_replaced(emulator: Emulator) -> None:
    parse = emulator.parse
    emulator.parse = lambda body: parse(body.decode("utf-8", "replace").encode())  # type: ignore[method-assign]


@variant("deep-json-refused", sentence="JSON nested more than 100 deep is refused.", why="RFC 8259 allows it.")
def deep_json_refused(emulator: Emulator) -> None:
    parse = emulator.parse

    def changed(body: bytes) -> Params:
        if b"[" * 101 in body:
            raise ApiError("SerializationException", "nested too deeply")
        return parse(body)

    emulator.parse = changed  # type: ignore[method-assign]


@variant("large-body-413", sentence="A body of half a million bytes is refused with 413 alone.", why=RECORDED)
def large_body_413(emulator: Emulator) -> None:
    _on_call(emulator, lambda call: Answer(413) if len(call.body) > 500_000 else None)


@variant(
    "large-body-refused",
    sentence="A body of half a million bytes is RequestEntityTooLargeException.",
    why="AWS's pages of common errors have it.",
)
def large_body_refused(emulator: Emulator) -> None:
    too_large = ApiError("RequestEntityTooLargeException", "too large", status=413)
    _on_call(emulator, lambda call: emulator.render_error(too_large) if len(call.body) > 500_000 else None)


# Other protocols, methods and paths.


@variant("content-type-ignored", sentence="The content type is not looked at.", why="Recorded services differ.")
def content_type_ignored(emulator: Emulator) -> None:
    operation_of = emulator.operation_of

    def changed(call: Call) -> str:
        headers = {**call.headers, "content-type": emulator.service.content_type}
        return operation_of(Call(call.method, call.path, call.query, headers, call.body))

    emulator.operation_of = changed  # type: ignore[method-assign]


@variant("content-type-403", sentence="Another content type is answered with 403 in XML.", why=RECORDED)
def content_type_403(emulator: Emulator) -> None:
    wanted = emulator.service.content_type
    _on_call(emulator, lambda call: _xml(403, "AccessDeniedException") if _kind(call) != wanted else None)


@variant("content-type-404", sentence="Another content type is answered with 404 in XML.", why=RECORDED)
def content_type_404(emulator: Emulator) -> None:
    wanted = emulator.service.content_type
    _on_call(emulator, lambda call: _xml(404, "UnknownOperationException") if _kind(call) != wanted else None)


@variant("content-type-415", sentence="Another content type is answered with 415.", why="HTTP has it so.")
def content_type_415(emulator: Emulator) -> None:
    wanted = emulator.service.content_type
    error = ApiError("UnsupportedMediaTypeException", status=415)
    _on_call(emulator, lambda call: emulator.render_error(error) if _kind(call) != wanted else None)


@variant("json-in-an-envelope", sentence="application/json is answered as {Output, Version}.", why=RECORDED)
def json_in_an_envelope(emulator: Emulator) -> None:
    handle = emulator.handle

    def changed(call: Call) -> Answer:
        if _kind(call) != "application/json":
            return handle(call)
        headers = {**call.headers, "content-type": emulator.service.content_type}
        made = handle(Call(call.method, call.path, call.query, headers, call.body))
        body = b'{"Output":%s,"Version":"1.0"}' % (made.body or b"{}")
        return Answer(made.status, [("Content-Type", "application/json")], body)

    emulator.handle = changed  # type: ignore[method-assign]


@variant("healthy", sentence="GET is answered with 200 and the word healthy.", why=RECORDED)
def healthy(emulator: Emulator) -> None:
    text = [("Content-Type", "text/plain")]
    _on_call(emulator, lambda call: Answer(200, text, b"healthy") if call.method == "GET" else None)


@variant("methods-405", sentence="Other methods are answered with 405.", why="HTTP has it so.")
def methods_405(emulator: Emulator) -> None:
    error = ApiError("UnknownOperationException", status=405)
    _on_call(emulator, lambda call: emulator.render_error(error) if call.method != "POST" else None)


@variant("cross-origin", sentence="OPTIONS is answered with 204, for browsers.", why="HTTP has it so.")
def cross_origin(emulator: Emulator) -> None:
    allowed = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "POST")]
    _on_call(emulator, lambda call: Answer(204, allowed) if call.method == "OPTIONS" else None)


@variant("path-ignored", sentence="The path is not looked at.", why=RECORDED)
def path_ignored(emulator: Emulator) -> None:
    operation_of = emulator.operation_of
    emulator.operation_of = lambda call: operation_of(  # type: ignore[method-assign]
        Call(call.method, "/", call.query, call.headers, call.body)
    )


@variant("paths-redirected", sentence="Other paths are redirected to /.", why="Nothing is said of them.")
def paths_redirected(emulator: Emulator) -> None:
    _on_call(emulator, lambda call: Answer(301, [("Location", "/")]) if call.path != "/" else None)


@variant("long-path-414", sentence="A path of thousands of characters is answered with 414.", why="RFC 9110.")
def long_path_414(emulator: Emulator) -> None:
    _on_call(emulator, lambda call: Answer(414) if len(call.path) > 2000 else None)


# Order and headers.


@variant("parsed-before-dispatch", sentence="The body is parsed before the target is read.", why=RECORDED)
def parsed_before_dispatch(emulator: Emulator) -> None:
    operation_of = emulator.operation_of

    def changed(call: Call) -> str:
        emulator.parse(call.body)
        return operation_of(call)

    emulator.operation_of = changed  # type: ignore[method-assign]


@variant(
    "target-missing-unauthenticated",
    sentence="A request without a target lacks authentication, it is said.",
    why="Services that cannot name the operation say so.",
)
def target_missing_unauthenticated(emulator: Emulator) -> None:
    operation_of = emulator.operation_of

    def changed(call: Call) -> str:
        if "x-amz-target" not in call.headers:
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        return operation_of(call)

    emulator.operation_of = changed  # type: ignore[method-assign]


@variant("lower-case-headers", sentence="Header names are in lower case.", why="Their case does not matter.")
def lower_case_headers(emulator: Emulator) -> None:
    answer = emulator.answer

    def changed(status: int, body: bytes) -> Answer:
        made = answer(status, body)
        made.headers = [(name.lower(), value) for name, value in made.headers]
        return made

    emulator.answer = changed  # type: ignore[method-assign]


@variant("more-headers", sentence="Answers have further headers.", why=RECORDED)
def more_headers(emulator: Emulator) -> None:
    answer = emulator.answer

    def changed(status: int, body: bytes) -> Answer:
        made = answer(status, body)
        made.headers += [("x-amz-id-2", "a+b/c="), ("x-amz-crc32", "0"), ("Server", "Server")]
        return made

    emulator.answer = changed  # type: ignore[method-assign]
