"""Legal variants: what AWS's sources leave open or allow. The suite must stay silent on each."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from itertools import count
from typing import Any
from zlib import crc32

from tunnelspec.emulator import Answer, ApiError, Call, Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.emulator.validation import Validator
from tunnelspec.faults.registry import variant
from tunnelspec.faults.shapes import on_output
from tunnelspec.faults.wire import on_error, with_header

OPEN = "AWS's sources do not say."


def _on_params(
    emulator: Emulator, operation: str, is_refused: Callable[[dict[str, Any]], bool], code: str
) -> None:
    perform = emulator.operations[operation]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        if is_refused(params):
            raise ApiError(code, "refused by this variant")
        return perform(params)

    emulator.operations[operation] = changed


def _recoded(emulator: Emulator, old: str, new: str, status: int = 400) -> None:
    def change(error: ApiError) -> None:
        if error.code == old:
            error.code, error.status = new, status

    on_error(emulator, change)


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


@variant("small-pages", sentence="Pages hold fewer tunnels than asked for.", why="maxResults is a maximum.")
def small_pages(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]
    emulator.operations["ListTunnels"] = lambda params: perform(
        {**params, "maxResults": max(1, params.get("maxResults", emulator.page_size) // 2)}
    )


@variant("extra-members", sentence="Answers have members that nobody knows.", why="Services grow members.")
def extra_members(emulator: Emulator) -> None:
    for name in emulator.operations:
        on_output(emulator, name, lambda out: out.update(somethingNew={"a": [1]}))


@variant("tags-in-any-order", sentence="Tags come in reverse order.", why=OPEN)
def tags_in_any_order(emulator: Emulator) -> None:
    tags_of = emulator.tags_of
    emulator.tags_of = lambda tunnel: tags_of(tunnel)[::-1]  # type: ignore[method-assign]


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
    _recoded(emulator, "ResourceNotFoundException", "ResourceNotFoundException", 404)


@variant(
    "unknown-operation-404",
    sentence="An unknown target is answered with status 404.",
    why="AWS's pages of common errors say so.",
    may_warn=True,
)
def unknown_operation_404(emulator: Emulator) -> None:
    _recoded(emulator, "UnknownOperationException", "UnknownOperationException", 404)


@variant("invalid-request", sentence="Broken constraints are InvalidRequestException.", why=OPEN)
def invalid_request(emulator: Emulator) -> None:
    _recoded(emulator, "ValidationException", "InvalidRequestException")


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


@variant("fifty-tags", sentence="More than 50 tags on a call are refused.", why="The quota is 50.")
def fifty_tags(emulator: Emulator) -> None:
    for name in ("OpenTunnel", "TagResource"):
        _on_params(emulator, name, lambda p: len(p.get("tags", ())) > 50, "LimitExceededException")


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
    for name in ("OpenTunnel", "RotateTunnelAccessToken"):
        _on_params(
            emulator,
            name,
            lambda p: len(p.get("destinationConfig", {}).get("services", ())) > 3,
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


@variant("others-tunnels", sentence="The account holds 250 tunnels of others.", why="Accounts are shared.")
def others_tunnels(emulator: Emulator) -> None:
    for _ in range(250):
        emulator.open_tunnel({"description": "somebody else's"})


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


@variant(
    "empty-last-page",
    sentence="A list whose end falls on the end of a page has an empty page more.",
    why="Only the absence of a token ends a list.",
)
def empty_last_page(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if "nextToken" not in output and len(output["tunnelSummaries"]) == params.get("maxResults"):
            last = emulator.find(output["tunnelSummaries"][-1]["tunnelId"])
            wanted = params.get("thingName")
            if "nextToken" in params:
                wanted = emulator.read_token(params["nextToken"])[0]
            output["nextToken"] = emulator.make_token(wanted, last.number)
        return output

    emulator.operations["ListTunnels"] = changed


@variant("default-not-told", sentence="A lifetime that was not given is not told.", why=OPEN)
def default_not_told(emulator: Emulator) -> None:
    perform = emulator.operations["OpenTunnel"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if "maxLifetimeTimeoutMinutes" not in params.get("timeoutConfig", {}):
            emulator.find(output["tunnelId"]).timeout = {}
        return output

    emulator.operations["OpenTunnel"] = changed


@variant("closed-untouchable", sentence="Closed tunnels cannot be closed, tagged or rotated.", why=OPEN)
def closed_untouchable(emulator: Emulator) -> None:
    for name in ("CloseTunnel", "TagResource", "UntagResource", "RotateTunnelAccessToken"):
        perform = emulator.operations[name]

        def changed(params: dict[str, Any], perform: Any = perform) -> dict[str, Any]:
            by_arn = "resourceArn" in params
            tunnel = emulator.find_arn(params["resourceArn"]) if by_arn else emulator.find(params["tunnelId"])
            if tunnel.status == "CLOSED" and not params.get("delete"):
                raise ApiError("InvalidStateException", "closed")
            output: dict[str, Any] = perform(params)
            return output

        emulator.operations[name] = changed


@variant("rotation-stays", sentence="A rotation with a destination leaves what is described.", why=OPEN)
def rotation_stays(emulator: Emulator) -> None:
    perform = emulator.operations["RotateTunnelAccessToken"]
    emulator.operations["RotateTunnelAccessToken"] = lambda params: perform(
        {name: value for name, value in params.items() if name != "destinationConfig"}
    )


@variant(
    "tags-not-described", sentence="DescribeTunnel tells no tags.", why="ListTagsForResource is there for it."
)
def tags_not_described(emulator: Emulator) -> None:
    describe = emulator.description

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        return {name: value for name, value in describe(tunnel).items() if name != "tags"}

    emulator.description = changed  # type: ignore[method-assign]


@variant("system-tags", sentence="AWS puts tags of its own on every tunnel.", why="CloudFormation does.")
def system_tags(emulator: Emulator) -> None:
    tags_of = emulator.tags_of
    emulator.tags_of = lambda tunnel: [  # type: ignore[method-assign]
        {"key": "aws:cloudformation:stack-name", "value": "fleet"},
        *tags_of(tunnel),
    ]


@variant("services-in-any-order", sentence="Services are told in another order.", why=OPEN)
def services_in_any_order(emulator: Emulator) -> None:
    describe = emulator.description

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        told = describe(tunnel)
        if "destinationConfig" in told:
            found = told["destinationConfig"]
            told["destinationConfig"] = {**found, "services": sorted(found["services"], reverse=True)}
        return told

    emulator.description = changed  # type: ignore[method-assign]


@variant("oldest-tags-dropped", sentence="Beyond 50 tags the oldest go.", why=OPEN)
def oldest_tags_dropped(emulator: Emulator) -> None:
    put = emulator.put_tags

    def changed(tunnel: Tunnel, tags: list[dict[str, Any]]) -> None:
        put(tunnel, tags)
        for key in list(tunnel.tags)[:-50]:
            del tunnel.tags[key]

    emulator.put_tags = changed  # type: ignore[method-assign]


@variant(
    "microseconds", sentence="Times have six decimal places.", why="Finer than a millisecond SHOULD be cut."
)
def microseconds(emulator: Emulator) -> None:
    emulator.timestamp = lambda seconds: round(seconds, 6)  # type: ignore[method-assign]


@variant("null-token", sentence="The last page has a null page token.", why="The model says so.", may_warn=True)
def null_token(emulator: Emulator) -> None:
    on_output(emulator, "ListTunnels", lambda out: out.setdefault("nextToken", None))


@variant(
    "null-members-told",
    sentence="What a tunnel does not have is null.",
    why="Smithy says SHOULD NOT.",
    may_warn=True,
)
def null_members_told(emulator: Emulator) -> None:
    describe = emulator.description
    absent = {"description": None, "destinationConfig": None}
    emulator.description = lambda tunnel: {**absent, **describe(tunnel)}  # type: ignore[method-assign]


@variant("empty-texts", sentence="No description is told as an empty one.", why="Output is not constrained.")
def empty_texts(emulator: Emulator) -> None:
    summary = emulator.summary
    emulator.summary = lambda tunnel: {"description": "", **summary(tunnel)}  # type: ignore[method-assign]


@variant("no-tags-left-out", sentence="A tunnel without tags has no member tags.", why="{} says the same.")
def no_tags_left_out(emulator: Emulator) -> None:
    def change(told: dict[str, Any]) -> None:
        if not told.get("tags", True):
            del told["tags"]

    on_output(emulator, "ListTagsForResource", change)
    on_output(emulator, "DescribeTunnel", lambda out: change(out["tunnel"]))


@variant(
    "limit-403",
    sentence="Beyond 50 tags and 3 services, LimitExceededException has status 403.",
    why="The Smithy model says so, though AWS JSON ignores it.",
    may_warn=True,
)
def limit_403(emulator: Emulator) -> None:
    fifty_tags(emulator)
    three_services(emulator)
    _recoded(emulator, "LimitExceededException", "LimitExceededException", 403)


@variant("fifty-in-all", sentence="A tunnel that has 50 tags takes no more.", why="The quota is 50.")
def fifty_in_all(emulator: Emulator) -> None:
    put = emulator.put_tags

    def changed(tunnel: Tunnel, tags: list[dict[str, Any]]) -> None:
        if len({*tunnel.tags, *(tag["key"] for tag in tags)}) > 50:
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

        def changed(body: Any, judged: Any = judged) -> dict[str, Any]:
            tunnel_id = body.get("tunnelId")
            if isinstance(tunnel_id, str) and tunnel_id.isalnum() and len(tunnel_id) <= 36:
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


@variant(
    "never-updated", sentence="A tunnel's last update is its creation.", why="What updates it is not said."
)
def never_updated(emulator: Emulator) -> None:
    describe = emulator.summary

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        told = describe(tunnel)
        return {**told, "lastUpdatedAt": told["createdAt"]}

    emulator.summary = changed  # type: ignore[method-assign]


@variant("ties-in-any-order", sentence="Tunnels of one second are listed in any order.", why="Ties are open.")
def ties_in_any_order(emulator: Emulator) -> None:
    whole_seconds(emulator)
    store, open_tunnel = emulator.store, emulator.store.open
    newest_first = store.newest_first

    def changed(lifetime_s: float) -> Tunnel:
        tunnel = open_tunnel(lifetime_s)
        tunnel.number = (int(tunnel.created_at) << 32) + crc32(tunnel.id.encode())
        return tunnel

    store.open = changed  # type: ignore[method-assign]
    store.newest_first = lambda: sorted(  # type: ignore[method-assign]
        newest_first(), key=lambda tunnel: tunnel.number, reverse=True
    )
