"""Faults that respond to hostile or merely wrong input with a server error; each occurs in real emulators."""

from __future__ import annotations

import json
from collections.abc import Callable

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CRASH
from tunnelspec.faults.params import values

_ABOVE = "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above"


class _Crash(Fault, defect_class=CRASH):
    def crash(self) -> HttpResponse:
        """The response that a bug causes."""
        return self.render_error(ApiError("InternalFailure", status=500))


class UnknownTunnel(_Crash, killer="validation/DescribeTunnel/tunnelId/exists/unknown"):
    """A tunnel that does not exist is used all the same: status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ResourceNotFoundException", "InternalFailure", 500))


class Unsigned(_Crash, killer="auth/*/missing"):
    """A request without an Authorization field causes status 500, though no signature is verified."""

    served = True

    def handle(self, request: HttpRequest) -> HttpResponse:
        return super().handle(request) if "authorization" in request.headers else self.crash()


class UnreadableCredential(_Crash, killer="auth/*/malformed"):
    """An Authorization field without a credential causes status 500, though no signature is verified."""

    served = True

    def handle(self, request: HttpRequest) -> HttpResponse:
        return self.crash() if "nonsense" in request.headers.get("authorization", "") else super().handle(request)


class TargetBeyondAscii(_Crash, killer="protocol/*/target-not-ascii"):
    """A target with a byte beyond ASCII causes status 500."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return super().handle(request) if request.headers.get("x-amz-target", "").isascii() else self.crash()


class UnknownCharset(_Crash, killer="protocol/*/content-type-charset-unknown"):
    """A charset that Python does not know causes status 500."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return self.crash() if "x-tunnelspec" in request.headers.get("content-type", "") else super().handle(request)


class ManyViolations(_Crash, killer="validation/OpenTunnel/tags[].*/pattern/many-newline-at-the-end"):
    """The error for more than ten violations cannot be rendered: status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        problems = (error.message or "").partition(" validation errors")[0]
        return self.crash() if problems.isdecimal() and int(problems) > 10 else super().render_error(error)


class RotatedTwice(_Crash, killer="lifecycle/CloseTunnel/stays-closed"):
    """The second RotateTunnelAccessToken of a closed tunnel causes status 500."""

    def set_up(self) -> None:
        super().set_up()
        self.rotated: set[str] = set()

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        if tunnel.id in self.rotated:
            raise ApiError("InternalFailure", status=500)
        if tunnel.status == "CLOSED":
            self.rotated.add(tunnel.id)
        return super().rotate_tunnel_access_token(params)


class RotatedWithDestination(_Crash, killer="tokens/RotateTunnelAccessToken/keeps-the-rest"):
    """RotateTunnelAccessToken of both ends with a destination causes status 500."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        if params["clientMode"] == "ALL" and "destinationConfig" in params:
            raise ApiError("InternalFailure", status=500)
        return super().rotate_tunnel_access_token(params)


class BrokenConstraint(_Crash, killer=_ABOVE):
    """The error for a violated constraint cannot be rendered: status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", "InternalFailure", 500))


class BehindAProxy(_Crash, killer="protocol/*/truncated", defect_class=CRASH):
    """The server breaks on malformed JSON, and the proxy before it responds with 503 and a page."""

    served = True

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if b"SerializationException" not in response.body:
            return response
        return HttpResponse(503, [("Content-Type", "text/html"), ("Retry-After", "5")], b"<h1>503</h1>")


class NotAnArn(_Crash, killer="validation/*/resourceArn/minLength/at"):
    """An ARN with too few colons is split all the same: status 500."""

    def find_arn(self, arn: str) -> Tunnel:
        if len(arn.split(":")) < 6:
            raise IndexError(arn)
        return super().find_arn(arn)


class OtherPath(_Crash, killer="protocol/*/other-path"):
    """A path without a handler has status 502."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(502, [("Content-Type", "text/html")]) if request.path != "/" else super().handle(request)


class SecondClose(_Crash, killer="lifecycle/CloseTunnel/*"):
    """Closing a tunnel that is closed causes status 500."""

    def close_tunnel(self, params: Params) -> Params:
        if self.find(params["tunnelId"]).status == "CLOSED":
            raise RuntimeError("no transition")
        return super().close_tunnel(params)


# Requests, values and parameters that are fatal: name, case that must fail, sentence, which ones.


def _on_request(name: str, case: str, cause: str, is_fatal: Callable[[HttpRequest], object]) -> None:
    class Fatal(_Crash, name=f"crashes/{name}", killer=f"protocol/*/{case}", sentence=f"{cause} causes status 500."):
        def handle(self, request: HttpRequest) -> HttpResponse:
            return self.crash() if is_fatal(request) else super().handle(request)


_on_request("empty-body", "empty-body", "An empty body", lambda r: r.method == "POST" and not r.body)
_on_request("byte-order-mark", "byte-order-mark", "A byte order mark", lambda r: r.body.startswith(b"\xef\xbb\xbf"))
_on_request("long-number", "long-number", "A number of thousands of digits", lambda r: b"9" * 4301 in r.body)
_on_request("large-body", "large-body", "A body of more than half a million bytes", lambda r: len(r.body) > 500_000)
_on_request("long-body", "largest", "A body of more than 64 KiB", lambda r: len(r.body) > 65_536)
_on_request("repeated-name", "duplicate-names", "An object that repeats a name", lambda r: _repeats_a_name(r.body))
_on_request("missing-target", "target-missing", "A request without a target", lambda r: "x-amz-target" not in r.headers)
_on_request("missing-content-type", "content-type-missing", "A missing content type", lambda r: not r.media_type)
_on_request("other-method", "method-options", "A method without a handler", lambda r: r.method == "OPTIONS")


def _repeats_a_name(body: bytes) -> bool:
    sizes: list[tuple[int, int]] = []
    try:
        json.loads(body, object_pairs_hook=lambda pairs: sizes.append((len(pairs), len(dict(pairs)))))
    except (ValueError, RecursionError):
        return False
    return any(pairs > names for pairs, names in sizes)


def _on_value(name: str, case: str, cause: str, is_fatal: Callable[[object], bool]) -> None:
    class Fatal(_Crash, name=f"crashes/{name}", killer=f"validation/{case}", sentence=f"{cause} causes status 500."):
        def parse(self, body: bytes) -> Params:
            params = super().parse(body)
            if any(is_fatal(value) for value in values(params)):
                raise ApiError("InternalFailure", status=500)
            return params


_on_value(
    "null-byte",
    "OpenTunnel/description/pattern/excludes-Cc-*",
    "A null byte, which the database cannot store,",
    lambda value: isinstance(value, str) and "\0" in value,
)
_on_value(
    "beyond-the-basic-plane",
    "OpenTunnel/description/pattern/*astral*",
    "A character beyond the basic plane, which the database cannot store,",
    lambda value: isinstance(value, str) and any(c > "\uffff" for c in value),
)
_on_value(
    "integer-beyond-64-bits",
    "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/beyond-64-bits",
    "An integer beyond 64 bits",
    lambda value: isinstance(value, int) and abs(value) >= 2**63,
)
_on_value(
    "null-member",
    "OpenTunnel/description/type/null",
    "A member that is null",
    lambda value: isinstance(value, dict) and None in value.values(),
)
_on_value("null-in-list", "*/null", "A null in a list", lambda value: isinstance(value, list) and None in value)


def _on_params(name: str, case: str, cause: str, is_fatal: Callable[[Params], bool]) -> None:
    """AWS does not specify whether these are accepted; a server error is wrong either way."""

    class Fatal(_Crash, name=f"crashes/{name}", killer=f"validation/{case}", sentence=f"{cause}: status 500."):
        def perform(self, operation: str, params: Params) -> Params:
            if is_fatal(params):
                raise IndexError(operation)
            return super().perform(operation, params)


_on_params(
    "reserved-prefix",
    "*/tags[].key/open/reserved-prefix",
    "A tag that begins with aws: is looked up as one of AWS's own",
    lambda params: any(tag["key"].lower().startswith("aws:") for tag in params.get("tags", ())),
)
_on_params(
    "repeated-key",
    "*/tags/open/duplicate-keys",
    "Tags are inserted into a table with unique keys, one after the other",
    lambda params: len({tag["key"] for tag in params.get("tags", ())}) < len(params.get("tags", ())),
)
_on_params(
    "fourth-service",
    "OpenTunnel/destinationConfig.services/open/more-than-three-services",
    "There is room for three services",
    lambda params: len(params.get("destinationConfig", {}).get("services", ())) > 3,
)
_on_params(
    "source-with-destination",
    "RotateTunnelAccessToken/input/open/source-with-destination",
    "A rotation for the source has no place for a destination",
    lambda params: params.get("clientMode") == "SOURCE" and "destinationConfig" in params,
)
