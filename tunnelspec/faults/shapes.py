"""Faults of a success's content: types, members, values, secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tunnelspec.emulator import Emulator
from tunnelspec.faults.defect_classes import ENVELOPE, LEAK, TYPES
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

shapes = Faults("shapes", TYPES, "protocol/")
optional = Faults("shapes", TYPES, "protocol/", level=Level.SHOULD)
describing = Faults("shapes", TYPES, "protocol/DescribeTunnel/")

# Times.


def _times(name: str, sentence: str, written: Callable[[float], object]) -> None:
    """Seed a fault: times, which are seconds since 1970, are written in another way."""
    describing(name, "plain", sentence).around(Emulator.timestamp, lambda call, self, seconds: written(seconds))


_times("iso-timestamps", "Times are in ISO 8601.", lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat())
_times("millisecond-timestamps", "Times are in milliseconds.", lambda seconds: int(seconds * 1000))
_times("times-as-text", "Times are numbers in quotes.", lambda seconds: str(round(seconds, 3)))
_times("infinite-time", "A time is Infinity, which is not JSON.", lambda seconds: float("inf"))

# DescribeTunnel.

describing("lower-case-status", "plain", "A tunnel's status is open in lower case.").description(
    lambda described, tunnel: {**described, "status": "open"}
)
describing("lifetime-as-text", "plain", "The lifetime is a string of digits.").description(
    lambda described, tunnel: {
        **described,
        "timeoutConfig": {name: str(value) for name, value in described["timeoutConfig"].items()},
    }
)
describing("token-in-description", "plain", "DescribeTunnel returns the source access token.", LEAK).description(
    lambda described, tunnel: {**described, "sourceAccessToken": tunnel.tokens["source"]}
)
describing("unwrapped-tunnel", "plain", "DescribeTunnel returns the tunnel itself, not a structure around it.").output(
    "DescribeTunnel", lambda output: output["tunnel"]
)
optional("null-members", "DescribeTunnel/plain", "Members without a value are null.").description(
    lambda described, tunnel: {"description": None, **described}
)
optional("no-status", "DescribeTunnel/plain", "A description has no status.").description(
    lambda described, tunnel: without(described, "status")
)
optional("no-arn", "DescribeTunnel/plain", "A description has no ARN.").description(
    lambda described, tunnel: without(described, "tunnelArn")
)
describing("identifier-beyond-its-pattern", "plain", "A tunnel's id has a slash, against the pattern of ids.").output(
    "OpenTunnel", lambda output: {**output, "tunnelId": f"tunnel/{output['tunnelId']}"}
)

# Other operations.

optional("rotation-without-arn", "RotateTunnelAccessToken/plain", "A rotation returns the tokens alone.").output(
    "RotateTunnelAccessToken", lambda output: without(output, "tunnelArn")
)
shapes("no-destination-token", "OpenTunnel/plain", "OpenTunnel does not return the destination access token.").output(
    "OpenTunnel", lambda output: without(output, "destinationAccessToken")
)
shapes("tags-as-map", "ListTagsForResource/plain", "Tags are a map.").output(
    "ListTagsForResource", lambda output: {**output, "tags": {}}
)
shapes("number-token", "ListTunnels/plain", "The page token is a number.").output(
    "ListTunnels", lambda output: {**output, "nextToken": 7}
)
optional("null-token", "ListTunnels/plain", "The last page has a null page token.").output(
    "ListTunnels", lambda output: {"nextToken": None, **output}
)
shapes("summaries-as-map", "ListTunnels/*", "The tunnels of a list are a map by id.").output(
    "ListTunnels",
    lambda output: {**output, "tunnelSummaries": {row["tunnelId"]: row for row in output["tunnelSummaries"]}},
)
Faults("shapes", ENVELOPE, level=Level.SHOULD)(
    "no-request-id", "protocol/*/plain", "Responses have no request id."
).header("x-amzn-RequestId", None)
