"""Legal variants of what is taken and what is refused: other bounds than the model's, and lenient readings."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.emulator.validation import Validator, fits
from tunnelspec.faults.changes import quota, recoded
from tunnelspec.faults.registry import OPEN, variant


def _on_params(emulator: Emulator, operation: str, is_refused: Callable[[dict[str, Any]], bool], code: str) -> None:
    perform = emulator.operations[operation]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        if is_refused(params):
            raise ApiError(code, "refused by this variant")
        return perform(params)

    emulator.operations[operation] = changed


@variant("fifty-tags", sentence="More than 50 tags on a call are refused.", why="The quota is 50.")
def fifty_tags(emulator: Emulator) -> None:
    most = quota(emulator, "tags")
    for name in ("OpenTunnel", "TagResource"):
        _on_params(emulator, name, lambda p: len(p.get("tags", ())) > most, "LimitExceededException")


@variant("reserved-prefix", sentence="Tags that begin with aws: are refused.", why="The prefix is reserved.")
def reserved_prefix(emulator: Emulator) -> None:
    def refused(params: dict[str, Any]) -> bool:
        texts = [text for tag in params.get("tags", ()) for text in tag.values()]
        return any(text.lower().startswith("aws:") for text in (*texts, *params.get("tagKeys", ())))

    for name in ("OpenTunnel", "TagResource", "UntagResource"):
        _on_params(emulator, name, refused, "ValidationException")


@variant("no-duplicate-keys", sentence="A list with one key twice is refused.", why=OPEN)
def no_duplicate_keys(emulator: Emulator) -> None:
    def refused(params: dict[str, Any]) -> bool:
        keys = [tag["key"] for tag in params.get("tags", ())]
        return len(set(keys)) < len(keys)

    for name in ("OpenTunnel", "TagResource"):
        _on_params(emulator, name, refused, "ValidationException")


@variant("three-services", sentence="More than three services are refused.", why="A documented limit.")
def three_services(emulator: Emulator) -> None:
    most = quota(emulator, "destinationConfig", "services")
    for name in ("OpenTunnel", "RotateTunnelAccessToken"):
        _on_params(
            emulator,
            name,
            lambda p: len(p.get("destinationConfig", {}).get("services", ())) > most,
            "LimitExceededException",
        )


@variant("source-without-destination", sentence="SOURCE with a destination is refused.", why="Documented.")
def source_without_destination(emulator: Emulator) -> None:
    _on_params(
        emulator,
        "RotateTunnelAccessToken",
        lambda p: p["clientMode"] == "SOURCE" and "destinationConfig" in p,
        "InvalidRequestException",
    )


@variant("things-must-exist", sentence="A thing that nobody made is refused.", why=OPEN, may_skip=True)
def things_must_exist(emulator: Emulator) -> None:
    for name in ("OpenTunnel", "RotateTunnelAccessToken"):
        _on_params(
            emulator,
            name,
            lambda p: "thingName" in p.get("destinationConfig", {}),
            "ResourceNotFoundException",
        )


@variant("empty-body-accepted", sentence="An empty body counts as {}.", why="Smithy asks for it.")
def empty_body_accepted(emulator: Emulator) -> None:
    parse = emulator.parse
    emulator.parse = lambda body: parse(body.strip(b" \t\r\n") or b"{}")  # type: ignore[method-assign]


@variant("fractions-refused", sentence="1.5 and 1.0 are no integers.", why="Smithy's tests refuse them.")
def fractions_refused(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, Any]) -> dict[str, Any]:
        if any(isinstance(inner, float) for inner in _values(body)):
            raise ApiError("SerializationException", "fraction")
        return validate(operation, body)

    emulator.validate = changed  # type: ignore[method-assign]


def _values(value: Any) -> list[Any]:
    """Every leaf of a JSON value, however deeply it nests."""
    leaves, todo = [], [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict | list):
            todo += item.values() if isinstance(item, dict) else item
        else:
            leaves.append(item)
    return leaves


@variant("loose-booleans", sentence='"true" and 1 are booleans.', why="Recorded of AWS services.")
def loose_booleans(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("delete") in ("true", 1):
            body = {**body, "delete": True}
        return validate(operation, body)

    emulator.validate = changed  # type: ignore[method-assign]


@variant("surrogates-replaced", sentence="Half a surrogate pair becomes U+FFFD.", why=OPEN)
def surrogates_replaced(emulator: Emulator) -> None:
    parse = emulator.parse

    def changed(body: bytes) -> dict[str, Any]:
        text = json.dumps(parse(body), ensure_ascii=False)
        clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return parse(clean.encode())

    emulator.parse = changed  # type: ignore[method-assign]


@variant("utf16-lengths", sentence="Tag lengths count UTF-16 units.", why="Implementations differ.")
def utf16_lengths(emulator: Emulator) -> None:
    for name in ("OpenTunnel", "TagResource"):
        bounds = emulator.schemas[name]["properties"]["tags"]["items"]["properties"]

        def refused(params: dict[str, Any], bounds: Any = bounds) -> bool:
            return any(
                len(tag[part].encode("utf-16-le")) // 2 > bounds[part]["maxLength"]
                for tag in params.get("tags", ())
                for part in ("key", "value")
            )

        _on_params(emulator, name, refused, "ValidationException")


@variant("dots-in-services", sentence="A service may be named like a host.", why="AWS's docs do so.")
def dots_in_services(emulator: Emulator) -> None:
    for name in ("OpenTunnel", "RotateTunnelAccessToken"):
        schema = emulator.schemas[name]["properties"]["destinationConfig"]["properties"]
        service = schema["services"]["items"]
        service["pattern"] = service["pattern"].replace(":_", ".:_")
        emulator.validators[name] = Validator(emulator.schemas[name])


@variant("null-elements-dropped", sentence="A null in a list is dropped.", why=OPEN)
def null_elements_dropped(emulator: Emulator) -> None:
    validate = emulator.validate

    def clean(value: Any, depth: int = 0) -> Any:
        if depth > 20:
            return value
        if isinstance(value, dict):
            return {name: clean(inner, depth + 1) for name, inner in value.items()}
        if isinstance(value, list):
            return [clean(inner, depth + 1) for inner in value if inner is not None]
        return value

    emulator.validate = lambda operation, body: validate(operation, clean(body))  # type: ignore[method-assign]


@variant("rotation-needs-connection", sentence="Tokens of an unconnected tunnel stay.", why=OPEN, may_skip=True)
def rotation_needs_connection(emulator: Emulator) -> None:
    _on_params(
        emulator,
        "RotateTunnelAccessToken",
        lambda p: bool(emulator.find(p["tunnelId"])),
        "InvalidStateException",
    )


@variant(
    "limit-403",
    sentence="Beyond 50 tags and 3 services, LimitExceededException has status 403.",
    why="The Smithy model says so, though AWS JSON ignores it.",
    may_warn=True,
)
def limit_403(emulator: Emulator) -> None:
    fifty_tags(emulator)
    three_services(emulator)
    recoded(emulator, "LimitExceededException", "LimitExceededException", 403)


@variant("fifty-in-all", sentence="A tunnel that has 50 tags takes no more.", why="The quota is 50.")
def fifty_in_all(emulator: Emulator) -> None:
    put, most = emulator.put_tags, quota(emulator, "tags")

    def changed(tunnel: Tunnel, tags: list[dict[str, Any]]) -> None:
        if len({*tunnel.tags, *(tag["key"] for tag in tags)}) > most:
            raise ApiError("LimitExceededException", "Too many tags")
        put(tunnel, tags)

    emulator.put_tags = changed  # type: ignore[method-assign]


@variant("first-of-duplicate-keys", sentence="Of a key that is listed twice the first counts.", why=OPEN)
def first_of_duplicate_keys(emulator: Emulator) -> None:
    put = emulator.put_tags
    emulator.put_tags = lambda tunnel, tags: put(tunnel, tags[::-1])  # type: ignore[method-assign]


def _foreign(emulator: Emulator, code: str) -> None:
    find = emulator.find_arn

    def changed(arn: str) -> Tunnel:
        if not arn.startswith("arn:aws:iot:us-east-1:123456789012:tunnel/"):
            raise ApiError(code, "This is no resource of yours")
        return find(arn)

    emulator.find_arn = changed  # type: ignore[method-assign]


@variant("foreign-arn-invalid", sentence="What is no ARN of the account is ValidationException.", why=OPEN)
def foreign_arn_invalid(emulator: Emulator) -> None:
    _foreign(emulator, "ValidationException")


@variant(
    "foreign-arn-denied",
    sentence="What is no ARN of the account is AccessDeniedException.",
    why=OPEN,
    may_skip=True,
)
def foreign_arn_denied(emulator: Emulator) -> None:
    _foreign(emulator, "AccessDeniedException")


@variant("existence-first", sentence="Whether a tunnel exists is asked before the rest is judged.", why=OPEN)
def existence_first(emulator: Emulator) -> None:
    for name in ("CloseTunnel", "RotateTunnelAccessToken"):
        judged = emulator.validators[name]
        schema = emulator.schemas[name]["properties"]["tunnelId"]

        def changed(body: Any, judged: Any = judged, schema: Any = schema) -> dict[str, Any]:
            tunnel_id = body.get("tunnelId")
            if isinstance(tunnel_id, str) and fits(schema, tunnel_id):
                emulator.find(tunnel_id)
            found: dict[str, Any] = judged(body)
            return found

        emulator.validators[name] = changed  # type: ignore[assignment]


@variant("old-unicode", sentence="Characters newer than Unicode 3.2 are unassigned.", why="Versions differ.")
def old_unicode(emulator: Emulator) -> None:
    old = unicodedata.ucd_3_2_0

    def refused(params: dict[str, Any]) -> bool:
        texts = [params.get("description", ""), *params.get("tagKeys", ())]
        texts += [text for tag in params.get("tags", ()) for text in tag.values()]
        return any(not text.isascii() and any(old.category(c) == "Cn" for c in text) for text in texts)

    for name in ("OpenTunnel", "TagResource", "UntagResource"):
        _on_params(emulator, name, refused, "ValidationException")
