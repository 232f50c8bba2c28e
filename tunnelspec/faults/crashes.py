"""Faults that answer hostile or merely wrong input with a server error, each seen of a real emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tunnelspec.emulator import Answer, ApiError, Call, Emulator
from tunnelspec.faults.changes import crash_on, recoded
from tunnelspec.faults.registry import Change, fault
from tunnelspec.faults.wire import CRASH


def _crash_on_value(emulator: Emulator, is_fatal: Callable[[Any], bool]) -> None:
    """Answer 500 to a body in which some value is of this kind."""
    parse = emulator.parse

    def changed(body: bytes) -> dict[str, Any]:
        params = parse(body)
        if any(is_fatal(value) for value in _within(params)):
            raise ApiError("InternalFailure", status=500)
        return params

    emulator.parse = changed  # type: ignore[method-assign]


def _within(value: Any) -> list[Any]:
    """A JSON value and everything in it, however deeply it nests."""
    found, todo = [], [value]
    while todo:
        item = todo.pop()
        found.append(item)
        if isinstance(item, dict | list):
            todo += item.values() if isinstance(item, dict) else item
    return found


@fault(
    "crashes/unknown-tunnel",
    sentence="A tunnel that is not there is looked up without a look whether it is: status 500.",
    defect_class=CRASH,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def unknown_tunnel(emulator: Emulator) -> None:
    recoded(emulator, "ResourceNotFoundException", "InternalFailure", 500)


@fault(
    "crashes/broken-constraint",
    sentence="The error for a broken constraint cannot be rendered: status 500.",
    defect_class=CRASH,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above",
)
def broken_constraint(emulator: Emulator) -> None:
    recoded(emulator, "ValidationException", "InternalFailure", 500)


@fault(
    "crashes/not-an-arn",
    sentence="An ARN with too few colons is taken apart all the same: status 500.",
    defect_class=CRASH,
    killer="validation/*/resourceArn/minLength/at",
)
def not_an_arn(emulator: Emulator) -> None:
    find = emulator.find_arn

    def changed(arn: str) -> Any:
        if len(arn.split(":")) < 6:
            raise IndexError(arn)
        return find(arn)

    emulator.find_arn = changed  # type: ignore[method-assign]


@fault(
    "crashes/null-byte",
    sentence="A text with a null byte, which the database cannot hold, is answered with status 500.",
    defect_class=CRASH,
    killer="validation/OpenTunnel/description/pattern/excludes-Cc-*",
)
def null_byte(emulator: Emulator) -> None:
    _crash_on_value(emulator, lambda value: isinstance(value, str) and "\0" in value)


@fault(
    "crashes/beyond-the-basic-plane",
    sentence="A text beyond the basic plane, which the database cannot hold, is answered with status 500.",
    defect_class=CRASH,
    killer="validation/OpenTunnel/description/pattern/*astral*",
)
def beyond_the_basic_plane(emulator: Emulator) -> None:
    _crash_on_value(emulator, lambda value: isinstance(value, str) and any(c > "\uffff" for c in value))


@fault(
    "crashes/integer-beyond-64-bits",
    sentence="An integer that no database column holds is answered with status 500.",
    defect_class=CRASH,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/beyond-64-bits",
)
def integer_beyond_64_bits(emulator: Emulator) -> None:
    _crash_on_value(emulator, lambda value: isinstance(value, int) and abs(value) >= 2**63)


@fault(
    "crashes/null-member",
    sentence="A member that is null is used as if it were there: status 500.",
    defect_class=CRASH,
    killer="validation/OpenTunnel/description/type/null",
)
def null_member(emulator: Emulator) -> None:
    _crash_on_value(emulator, lambda value: isinstance(value, dict) and None in value.values())


@fault(
    "crashes/null-in-list",
    sentence="A null in a list is used as if it were an element: status 500.",
    defect_class=CRASH,
    killer="validation/*/null",
)
def null_in_list(emulator: Emulator) -> None:
    _crash_on_value(emulator, lambda value: isinstance(value, list) and None in value)


@fault(
    "crashes/empty-body",
    sentence="An empty body is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/empty-body",
)
def empty_body(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: call.method == "POST" and not call.body)


@fault(
    "crashes/byte-order-mark",
    sentence="A byte order mark is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/byte-order-mark",
)
def byte_order_mark(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: call.body.startswith(b"\xef\xbb\xbf"))


@fault(
    "crashes/long-number",
    sentence="A number with thousands of digits is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/long-number",
)
def long_number(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: b"9" * 4301 in call.body)


@fault(
    "crashes/large-body",
    sentence="A body of more than half a million bytes is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/large-body",
)
def large_body(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: len(call.body) > 500_000)


@fault(
    "crashes/repeated-name",
    sentence="An object that repeats a name is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/duplicate-names",
)
def repeated_name(emulator: Emulator) -> None:
    def repeats(call: Call) -> bool:
        try:
            json.loads(call.body, object_pairs_hook=_once)
        except _Twice:
            return True
        except (ValueError, RecursionError):
            return False
        return False

    crash_on(emulator, repeats)


class _Twice(Exception):
    """An object has the same name twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise _Twice
    return dict(pairs)


@fault(
    "crashes/missing-target",
    sentence="A request without a target is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/target-missing",
)
def missing_target(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: "x-amz-target" not in call.headers)


@fault(
    "crashes/missing-content-type",
    sentence="A request without a content type is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/content-type-missing",
)
def missing_content_type(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: not call.headers.get("content-type"))


@fault(
    "crashes/other-method",
    sentence="A method without a handler is answered with status 500.",
    defect_class=CRASH,
    killer="protocol/*/method-options",
)
def other_method(emulator: Emulator) -> None:
    crash_on(emulator, lambda call: call.method == "OPTIONS")


@fault(
    "crashes/other-path",
    sentence="A path without a handler is answered with status 502.",
    defect_class=CRASH,
    killer="protocol/*/other-path",
)
def other_path(emulator: Emulator) -> None:
    handle = emulator.handle

    def changed(call: Call) -> Answer:
        return Answer(502, [("Content-Type", "text/html")], b"") if call.path != "/" else handle(call)

    emulator.handle = changed  # type: ignore[method-assign]


@fault(
    "crashes/second-close",
    sentence="Closing a tunnel that is closed is answered with status 500.",
    defect_class=CRASH,
    killer="lifecycle/CloseTunnel/*",
)
def second_close(emulator: Emulator) -> None:
    close = emulator.operations["CloseTunnel"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        if emulator.find(params["tunnelId"]).status == "CLOSED":
            raise RuntimeError("no transition")
        return close(params)

    emulator.operations["CloseTunnel"] = changed


#: What AWS's sources leave open may be taken or refused, but not answered with a server error.
_OPEN: dict[str, tuple[str, str, Callable[[dict[str, Any]], bool]]] = {
    "reserved-prefix": (
        "A tag that begins with aws: is looked up as one of AWS's own",
        "validation/*/tags[].key/open/reserved-prefix",
        lambda body: any(str(tag.get("key")).lower().startswith("aws:") for tag in body.get("tags") or ()),
    ),
    "repeated-key": (
        "Tags are put into a table with unique keys, one after the other",
        "validation/*/tags/open/duplicate-keys",
        lambda body: len({tag.get("key") for tag in body.get("tags") or ()}) < len(body.get("tags") or ()),
    ),
    "fourth-service": (
        "There are three places for services",
        "validation/OpenTunnel/destinationConfig.services/open/more-than-three-services",
        lambda body: len((body.get("destinationConfig") or {}).get("services") or ()) > 3,
    ),
    "source-with-destination": (
        "A rotation for the source has no place for a destination",
        "validation/RotateTunnelAccessToken/input/open/source-with-destination",
        lambda body: body.get("clientMode") == "SOURCE" and "destinationConfig" in body,
    ),
}


def _crash_on_params(is_fatal: Callable[[dict[str, Any]], bool]) -> Change:
    def apply(emulator: Emulator) -> None:
        perform = emulator.perform

        def changed(operation: str, params: dict[str, Any]) -> dict[str, Any]:
            if is_fatal(params):
                raise IndexError(operation)
            return perform(operation, params)

        emulator.perform = changed  # type: ignore[method-assign]

    return apply


for _name, (_sentence, _killer, _is_fatal) in _OPEN.items():
    fault(f"crashes/{_name}", sentence=f"{_sentence}: status 500.", defect_class=CRASH, killer=_killer)(
        _crash_on_params(_is_fatal)
    )
