"""Faults that respond to hostile or merely wrong input with a server error; each occurs in real emulators."""

from __future__ import annotations

import json
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import CRASH
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.params import values
from tunnelspec.faults.rows import Faults

_LIFETIME = "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum"


class _Served(Fault):
    served = True


crash = Faults("crashes", CRASH)
value = Faults("crashes", CRASH, "validation/")
served = Faults("crashes", CRASH, base=_Served)

# Requests.


def _on_request(name: str, case: str, cause: str, is_fatal: Callable[[HttpRequest], object]) -> None:
    crash(name, f"protocol/*/{case}", f"{cause} causes status 500.").crashing(is_fatal)


def _repeats_a_name(body: bytes) -> bool:
    sizes: list[tuple[int, int]] = []
    try:
        json.loads(body, object_pairs_hook=lambda pairs: sizes.append((len(pairs), len(dict(pairs)))))
    except (ValueError, RecursionError):
        return False
    return any(pairs > names for pairs, names in sizes)


_on_request("short-escapes", "unknown-member", "An escape such as \\b in a text", lambda r: rb"\b" in r.body)
_on_request("query", "path-with-query", "A query string", lambda r: r.method == "POST" and r.query)
_on_request("empty-body", "empty-body", "An empty body", lambda r: r.method == "POST" and not r.body)
_on_request("byte-order-mark", "byte-order-mark", "A byte order mark", lambda r: r.body.startswith(b"\xef\xbb\xbf"))
_on_request("long-number", "long-number", "A number of thousands of digits", lambda r: b"9" * 4301 in r.body)
_on_request("large-body", "large-body", "A body of more than half a million bytes", lambda r: len(r.body) > 500_000)
_on_request("long-body", "largest", "A body of more than 64 KiB", lambda r: len(r.body) > 65_536)
_on_request("repeated-name", "duplicate-names", "An object that repeats a name", lambda r: _repeats_a_name(r.body))
_on_request("missing-target", "target-missing", "A request without a target", lambda r: "x-amz-target" not in r.headers)
_on_request("empty-target", "target-empty", "An empty target", lambda r: r.headers.get("x-amz-target") == "")
_on_request("missing-content-type", "content-type-missing", "A missing content type", lambda r: not r.media_type)
_on_request("other-method", "method-options", "A method without a handler", lambda r: r.method == "OPTIONS")
_on_request("target-beyond-ascii", "target-not-ascii", "A target beyond ASCII", lambda r: not r.target.isascii())
_on_request(
    "unknown-charset", "content-type-charset-unknown", "An unknown charset", lambda r: "x-tunnelspec" in r.content_type
)
served(
    "unsigned", "auth/*/missing", "A missing Authorization field causes status 500, though no signature is verified."
).crashing(lambda request: "authorization" not in request.headers)
served(
    "unreadable-credential", "auth/*/malformed", "An Authorization field without a credential causes status 500."
).crashing(lambda request: "nonsense" in request.headers.get("authorization", ""))
crash("other-path", "protocol/*/other-path", "A path without a handler has status 502.").responding(
    lambda request: request.path != "/", 502, Content_Type="text/html"
)
served("behind-a-proxy", "protocol/*/truncated", "Malformed JSON ends in status 503 and a proxy's page.").around(
    Emulator.render_error,
    lambda call, self, error: (
        HttpResponse(503, [("Content-Type", "text/html"), ("Retry-After", "5")], b"<h1>503</h1>")
        if error.code == "SerializationException"
        else call(error)
    ),
)

# Errors.

crash(
    "unknown-tunnel", "validation/DescribeTunnel/tunnelId/exists/unknown", "An unknown tunnel causes status 500."
).recoded("ResourceNotFoundException", CRASHED, 500)
crash("broken-constraint", f"validation/{_LIFETIME}/above", "A violated constraint causes status 500.").recoded(
    "ValidationException", CRASHED, 500
)


def _violations(error: ApiError) -> int:
    """The number of violations in the message of an error."""
    number = (error.message or "").partition(" validation errors")[0]
    return int(number) if number.isdecimal() else 0


crash(
    "many-violations",
    "validation/OpenTunnel/tags[].*/pattern/many-newline-at-the-end",
    "The error for more than ten violations cannot be rendered: status 500.",
).around(
    Emulator.render_error,
    lambda call, self, error: call(ApiError(CRASHED, status=500) if _violations(error) > 10 else error),
)

# Values.


def _holding(is_fatal: Callable[[object], object]) -> Callable[..., Params]:
    """A body with a value, at any depth, for which `is_fatal` is true causes status 500."""

    def parse(call: Callable[[bytes], Params], self: Emulator, body: bytes) -> Params:
        params = call(body)
        if any(is_fatal(value) for value in values(params)):
            raise ApiError(CRASHED, status=500)
        return params

    return parse


value(
    "null-byte",
    "OpenTunnel/description/pattern/excludes-Cc-*",
    "A null byte, which the database cannot store, causes status 500.",
).around(Emulator.parse, _holding(lambda value: isinstance(value, str) and "\0" in value))
value(
    "beyond-the-basic-plane",
    "OpenTunnel/description/pattern/*astral*",
    "A character beyond the basic plane causes status 500.",
).around(Emulator.parse, _holding(lambda value: isinstance(value, str) and any(c > "\uffff" for c in value)))
value("integer-beyond-64-bits", f"{_LIFETIME}/beyond-64-bits", "An integer beyond 64 bits causes status 500.").around(
    Emulator.parse, _holding(lambda value: isinstance(value, int) and abs(value) >= 2**63)
)
value("null-member", "OpenTunnel/description/type/null", "A member that is null causes status 500.").around(
    Emulator.parse, _holding(lambda value: isinstance(value, dict) and None in value.values())
)
value("null-in-list", "*/null", "A null in a list causes status 500.").around(
    Emulator.parse, _holding(lambda value: isinstance(value, list) and None in value)
)

# Parameters of which AWS does not specify whether they are accepted; a server error is wrong either way.

value(
    "reserved-prefix",
    "*/tags[].key/open/reserved-prefix",
    "A tag that begins with aws: is looked up as one of AWS's own: status 500.",
).refusing(
    Emulator.perform,
    lambda self, operation, params: any(tag["key"].lower().startswith("aws:") for tag in params.get("tags", ())),
    CRASHED,
)
value(
    "repeated-key",
    "*/tags/open/duplicate-keys",
    "Tags are inserted into a table with unique keys, one after the other: status 500.",
).refusing(
    Emulator.perform,
    lambda self, operation, params: len({tag["key"] for tag in params.get("tags", ())}) < len(params.get("tags", ())),
    CRASHED,
)
value(
    "fourth-service",
    "OpenTunnel/destinationConfig.services/open/more-than-three-services",
    "There is room for three services: status 500.",
).refusing(
    Emulator.perform,
    lambda self, operation, params: len(params.get("destinationConfig", {}).get("services", ())) > 3,
    CRASHED,
)
value(
    "source-with-destination",
    "RotateTunnelAccessToken/input/open/source-with-destination",
    "A rotation for the source has no place for a destination: status 500.",
).refusing(
    Emulator.perform,
    lambda self, operation, params: params.get("clientMode") == "SOURCE" and "destinationConfig" in params,
    CRASHED,
)
crash(
    "rotated-with-destination",
    "tokens/RotateTunnelAccessToken/keeps-the-rest",
    "A rotation of both ends has no place for a destination: status 500.",
).refusing(
    Emulator.perform,
    lambda self, operation, params: params.get("clientMode") == "ALL" and "destinationConfig" in params,
    CRASHED,
)

# State.

crash("not-an-arn", "validation/*/resourceArn/minLength/at", "An ARN with too few colons causes status 500.").refusing(
    Emulator.find_arn, lambda self, arn: arn.count(":") < 5, CRASHED
)
crash("second-close", "lifecycle/CloseTunnel/*", "Closing a tunnel that is closed causes status 500.").refusing(
    Emulator.close_tunnel, lambda self, params: self.find(params["tunnelId"]).status == "CLOSED", CRASHED
)


class RotatedTwice(Fault, killer="lifecycle/CloseTunnel/stays-closed", defect_class=CRASH):
    """The second RotateTunnelAccessToken of a closed tunnel causes status 500."""

    rotated = remembered(set[str])

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        if tunnel.id in self.rotated:
            raise ApiError(CRASHED, status=500)
        if tunnel.status == "CLOSED":
            self.rotated.add(tunnel.id)
        return super().rotate_tunnel_access_token(params)
