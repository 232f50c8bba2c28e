"""Faults of a success's content: types, members, values, secrets."""

from __future__ import annotations

from datetime import UTC, datetime

from tunnelspec.emulator import HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ENVELOPE, LEAK, TYPES
from tunnelspec.faults.params import without
from tunnelspec.verdict import Level

_DESCRIBE, _LIST, _OPEN = "protocol/DescribeTunnel/plain", "protocol/ListTunnels/plain", "protocol/OpenTunnel/plain"


class _Type(Fault, defect_class=TYPES): ...


class IsoTimestamps(_Type, killer=_DESCRIBE):
    """Times are ISO 8601 strings."""

    def timestamp(self, seconds: float) -> object:
        return datetime.fromtimestamp(seconds, UTC).isoformat()


class MillisecondTimestamps(_Type, killer=_DESCRIBE):
    """Times are in milliseconds."""

    def timestamp(self, seconds: float) -> object:
        return int(seconds * 1000)


class TimesAsText(_Type, killer=_DESCRIBE):
    """Times are numbers in quotes."""

    def timestamp(self, seconds: float) -> object:
        return str(round(seconds, 3))


class InfiniteTime(_Type, killer=_DESCRIBE):
    """A time is Infinity, which is not JSON."""

    def timestamp(self, seconds: float) -> object:
        return float("inf")


class LowerCaseStatus(_Type, killer=_DESCRIBE):
    """A tunnel's status is open in lower case."""

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), "status": "open"}


class LifetimeAsText(_Type, killer=_DESCRIBE):
    """The lifetime is a string of digits."""

    def description(self, tunnel: Tunnel) -> Params:
        timeout = {name: str(value) for name, value in tunnel.timeout.items()}
        return {**super().description(tunnel), "timeoutConfig": timeout}


class NullMembers(_Type, killer=_DESCRIBE, level=Level.SHOULD):
    """Members without a value are null."""

    def description(self, tunnel: Tunnel) -> Params:
        return {"description": None, **super().description(tunnel)}


class NoStatus(_Type, killer=_DESCRIBE, level=Level.SHOULD):
    """A description has no status."""

    def description(self, tunnel: Tunnel) -> Params:
        return without(super().description(tunnel), "status")


class NoArn(_Type, killer=_DESCRIBE, level=Level.SHOULD):
    """A description has no ARN."""

    def description(self, tunnel: Tunnel) -> Params:
        return without(super().description(tunnel), "tunnelArn")


class RotationWithoutArn(_Type, killer="protocol/RotateTunnelAccessToken/plain", level=Level.SHOULD):
    """RotateTunnelAccessToken returns the tokens alone."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        return without(super().rotate_tunnel_access_token(params), "tunnelArn")


class UnwrappedTunnel(_Type, killer=_DESCRIBE):
    """DescribeTunnel returns the tunnel itself, not a structure that holds it."""

    def describe_tunnel(self, params: Params) -> Params:
        tunnel: Params = super().describe_tunnel(params)["tunnel"]
        return tunnel


class TokenInDescription(_Type, killer=_DESCRIBE, defect_class=LEAK):
    """DescribeTunnel returns the source access token."""

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), "sourceAccessToken": tunnel.tokens["source"]}


class NoDestinationToken(_Type, killer=_OPEN):
    """OpenTunnel does not return the destination access token."""

    def open_tunnel(self, params: Params) -> Params:
        return without(super().open_tunnel(params), "destinationAccessToken")


class IdentifierBeyondItsPattern(_Type, killer="protocol/DescribeTunnel/plain"):
    """A tunnel's id has a slash, which the pattern of ids does not admit."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        return {**output, "tunnelId": f"tunnel/{output['tunnelId']}"}


class TagsAsMap(_Type, killer="protocol/ListTagsForResource/plain"):
    """Tags are a map."""

    def list_tags_for_resource(self, params: Params) -> Params:
        return {**super().list_tags_for_resource(params), "tags": {}}


class NumberToken(_Type, killer=_LIST):
    """The page token is a number."""

    def list_tunnels(self, params: Params) -> Params:
        return {**super().list_tunnels(params), "nextToken": 7}


class NullToken(_Type, killer=_LIST, level=Level.SHOULD):
    """The last page has a null page token."""

    def list_tunnels(self, params: Params) -> Params:
        return {"nextToken": None, **super().list_tunnels(params)}


class SummariesAsMap(_Type, killer="protocol/ListTunnels/*"):
    """The tunnels of a list are a map by id."""

    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        return {**output, "tunnelSummaries": {one["tunnelId"]: one for one in output["tunnelSummaries"]}}


class NoRequestId(_Type, killer="protocol/*/plain", defect_class=ENVELOPE, level=Level.SHOULD):
    """Responses have no request id."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("x-amzn-RequestId", None)
