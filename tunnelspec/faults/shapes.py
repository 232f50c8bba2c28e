"""Faults of a success's content: types, members, values, secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tunnelspec.emulator import HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ENVELOPE, LEAK, TYPES
from tunnelspec.faults.params import without
from tunnelspec.verdict import Level

_DESCRIBE = "protocol/DescribeTunnel/plain"


def _times(name: str, sentence: str, written: Callable[[float], object]) -> None:
    """Seed a fault: times, which are seconds since 1970, are written in another way."""

    class Times(Fault, name=f"shapes/{name}", killer=_DESCRIBE, sentence=sentence, defect_class=TYPES):
        def timestamp(self, seconds: float) -> object:
            return written(seconds)


_times(
    "iso-timestamps", "Times are ISO 8601 strings.", lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()
)
_times("millisecond-timestamps", "Times are in milliseconds.", lambda seconds: int(seconds * 1000))
_times("times-as-text", "Times are numbers in quotes.", lambda seconds: str(round(seconds, 3)))
_times("infinite-time", "A time is Infinity, which is not JSON.", lambda seconds: float("inf"))


def _output(
    name: str,
    operation: str,
    sentence: str,
    alter: Callable[[Params], Params],
    level: Level = Level.MUST,
    case: str = "plain",
) -> None:
    """Seed a fault: an operation returns its output after `alter`."""

    class Output(
        Fault,
        name=f"shapes/{name}",
        killer=f"protocol/{operation}/{case}",
        sentence=sentence,
        defect_class=TYPES,
        level=level,
    ):
        def perform(self, performed: str, params: Params) -> Params:
            output = super().perform(performed, params)
            return alter(output) if performed == operation else output


def _tunnel(name: str, sentence: str, alter: Callable[[Params], Params], level: Level = Level.MUST) -> None:
    """Seed a fault: DescribeTunnel returns the tunnel after `alter`."""

    class Described(Fault, name=f"shapes/{name}", killer=_DESCRIBE, sentence=sentence, defect_class=TYPES, level=level):
        def description(self, tunnel: Tunnel) -> Params:
            return alter(super().description(tunnel))


_tunnel("lower-case-status", "A tunnel's status is open in lower case.", lambda tunnel: {**tunnel, "status": "open"})
_tunnel(
    "lifetime-as-text",
    "The lifetime is a string of digits.",
    lambda tunnel: {**tunnel, "timeoutConfig": {name: str(value) for name, value in tunnel["timeoutConfig"].items()}},
)
_tunnel(
    "null-members", "Members without a value are null.", lambda tunnel: {"description": None, **tunnel}, Level.SHOULD
)
_tunnel("no-status", "A description has no status.", lambda tunnel: without(tunnel, "status"), Level.SHOULD)
_tunnel("no-arn", "A description has no ARN.", lambda tunnel: without(tunnel, "tunnelArn"), Level.SHOULD)
_output(
    "rotation-without-arn",
    "RotateTunnelAccessToken",
    "RotateTunnelAccessToken returns the tokens alone.",
    lambda output: without(output, "tunnelArn"),
    Level.SHOULD,
)
_output(
    "unwrapped-tunnel",
    "DescribeTunnel",
    "DescribeTunnel returns the tunnel itself, not a structure that holds it.",
    lambda output: output["tunnel"],
)


class TokenInDescription(Fault, killer=_DESCRIBE, defect_class=LEAK):
    """DescribeTunnel returns the source access token."""

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), "sourceAccessToken": tunnel.tokens["source"]}


_output(
    "no-destination-token",
    "OpenTunnel",
    "OpenTunnel does not return the destination access token.",
    lambda output: without(output, "destinationAccessToken"),
)


class IdentifierBeyondItsPattern(Fault, killer=_DESCRIBE, defect_class=TYPES):
    """A tunnel's id has a slash, which the pattern of ids does not admit."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        return {**output, "tunnelId": f"tunnel/{output['tunnelId']}"}


_output("tags-as-map", "ListTagsForResource", "Tags are a map.", lambda output: {**output, "tags": {}})
_output("number-token", "ListTunnels", "The page token is a number.", lambda output: {**output, "nextToken": 7})
_output(
    "null-token",
    "ListTunnels",
    "The last page has a null page token.",
    lambda output: {"nextToken": None, **output},
    Level.SHOULD,
)
_output(
    "summaries-as-map",
    "ListTunnels",
    "The tunnels of a list are a map by id.",
    lambda output: {**output, "tunnelSummaries": {one["tunnelId"]: one for one in output["tunnelSummaries"]}},
    case="*",
)


class NoRequestId(Fault, killer="protocol/*/plain", defect_class=ENVELOPE, level=Level.SHOULD):
    """Responses have no request id."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("x-amzn-RequestId", None)
