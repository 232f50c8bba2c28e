"""The requirements that the model checks responses against, each with its level and its sources."""

from __future__ import annotations

from dataclasses import dataclass

from tunnelspec.verdict import Level


@dataclass(frozen=True, slots=True)
class Rule:
    """A requirement on behaviour, as one general sentence. `cites` are ids of the document's `x-sources`."""

    id: str
    requirement: str
    cites: tuple[str, ...]
    level: Level = Level.MUST


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A response that violates a rule: what the rule requires of it, and what it is. Neither holds an access token."""

    rule: Rule
    requirement: str
    observation: str


#: Every rule by id.
RULES: dict[str, Rule] = {}


def _rule(name: str, requirement: str, *cites: str, level: Level = Level.MUST) -> Rule:
    rule = RULES[name] = Rule(name, requirement, cites, level)
    return rule


_SHOULD = Level.SHOULD

ACCEPTED = _rule(
    "behaviour/accepted", "A valid call must succeed, unless the status of its tunnel forbids it.", "model"
)

REJECTED = _rule(
    "behaviour/rejected",
    "A value outside its pattern must be rejected, also where the target issued the rest of it.",
    *("smithy-constraints", "model"),
)
NEAR_MISS = _rule(
    "identity/near-miss",
    "A call must be rejected if its identifier only resembles that of a tunnel.",
    *("model", "api-reference"),
)

UNCHANGED = _rule("atomicity/unchanged", "A rejected call must change nothing.", "rfc9110", "api-reference")
ARN_FORM = _rule(
    "identity/arn-form",
    "An ARN should have the form and the region that AWS documents for tunnels.",
    "service-authorization",
    level=_SHOULD,
)

NEW = _rule(
    "lifecycle/new", "Each OpenTunnel must create a tunnel with a tunnelId and an ARN of its own.", "api-reference"
)
SAME = _rule("lifecycle/same", "The tunnelId and the ARN of a tunnel must not change.", "api-reference")
OPEN = _rule("lifecycle/open", "A tunnel must be OPEN until it is closed or its lifetime ends.", "lifecycle")
CLOSED = _rule("lifecycle/closed", "A closed tunnel must be CLOSED and must not be reopened.", "lifecycle")
GONE = _rule(
    "lifecycle/gone",
    "A call that names a deleted tunnel must fail with ResourceNotFoundException.",
    *("model", "api-reference"),
)
KEPT = _rule("lifecycle/kept", "DescribeTunnel must return a closed tunnel until it is deleted.", "lifecycle")
CONNECTION = _rule(
    "lifecycle/connection",
    "The connection states of a tunnel must be DISCONNECTED until a client connects.",
    "lifecycle",
)
DESCRIPTION = _rule(
    "lifecycle/description", "The description of a tunnel must be the text given to OpenTunnel.", "api-reference"
)
DESTINATION = _rule(
    "lifecycle/destination", "The destination of a tunnel must be the one given to OpenTunnel.", "api-reference"
)
TIMEOUT = _rule("lifecycle/timeout", "The lifetime of a tunnel must be the one given to OpenTunnel.", "api-reference")
DEFAULT = _rule("lifecycle/default-timeout", "A lifetime that was not given must be the documented default.", "model")
SECONDS = _rule("lifecycle/seconds", "Timestamps must be seconds since 1970-01-01T00:00Z.", "model", "smithy-awsjson")
CREATED = _rule("lifecycle/created", "The creation time of a tunnel must not change.", "api-reference")
ORDERED = _rule("lifecycle/ordered", "The last update of a tunnel must not precede its creation.", "api-reference")
UPDATED = _rule("lifecycle/updated", "The time of the last update must not go back.", "api-reference")
LIFETIME = _rule(
    "lifecycle/lifetime",
    "A tunnel must be CLOSED once its lifetime is over, and be described until it is deleted.",
    *("lifecycle", "api-reference"),
)
CLOCK = _rule(
    "lifecycle/clock",
    "The times of a tunnel must agree with the clock that signed the request, within the skew of a valid signature.",
    *("sigv4-troubleshooting", "api-reference"),
)
CLOCK_MOVES = _rule(
    "lifecycle/clock-moves", "A tunnel that is opened later must have a later time of creation.", "api-reference"
)
CLOSED_AT = _rule(
    "lifecycle/closed-at",
    "The last update of a closed tunnel should be when it was closed.",
    "api-reference",
    level=_SHOULD,
)
DOCUMENTED = _rule(
    "lifecycle/documented",
    "The status of each connection should be returned, as the lifecycle describes it.",
    *("lifecycle", "api-reference"),
    level=_SHOULD,
)
ORDER = _rule(
    "lifecycle/services-order",
    "The services of a tunnel should be returned in the order in which they were given, each as often.",
    "smithy-list",
    level=_SHOULD,
)

NON_EMPTY = _rule("tokens/non-empty", "An access token must not be empty.", "api-reference")
SIDES = _rule("tokens/sides", "Source and destination must have different access tokens.", "api-reference")
NEW_TOKENS = _rule("tokens/new", "OpenTunnel must return access tokens that were never issued before.", "api-reference")
ROTATED = _rule(
    "tokens/rotated",
    "RotateTunnelAccessToken must return access tokens that were never issued before.",
    "rotate-reference",
)
EXACTLY = _rule(
    "tokens/exactly",
    "RotateTunnelAccessToken must return the access tokens of the client mode, and no others.",
    "rotate-reference",
)
ROTATED_ARN = _rule(
    "tokens/arn", "RotateTunnelAccessToken must return the ARN of the tunnel that was named.", "rotate-reference"
)
ROTATED_WITH_ARN = _rule(
    "tokens/arn-returned",
    "RotateTunnelAccessToken should return the tunnel's ARN.",
    "rotate-reference",
    level=_SHOULD,
)

LISTED = _rule(
    "listing/listed", "ListTunnels must return every OPEN tunnel that the filter selects.", "model", "api-reference"
)
LISTED_CLOSED = _rule("listing/closed", "ListTunnels must return closed tunnels until they are deleted.", "lifecycle")
DELETED = _rule("listing/deleted", "ListTunnels must not return a deleted tunnel.", "api-reference")
NEWEST = _rule("listing/newest-first", "ListTunnels must return newer tunnels first.", "model", "api-reference")
FILTER = _rule(
    "listing/filter", "A list for a thing must hold only tunnels whose destination is that thing.", "api-reference"
)
SIZE = _rule("listing/size", "A page must hold at most maxResults tunnels.", "api-reference")
DISJOINT = _rule("listing/disjoint", "A list must hold each tunnel once.", "api-reference")
ENDS = _rule("listing/ends", "A list must end: its last page must have no page token.", "model", "api-reference")
ISSUED = _rule(
    "listing/issued-token",
    "A page token must be accepted with the request that returned it.",
    *("model", "smithy-model", "api-reference"),
)
STATUS = _rule("listing/status", "ListTunnels must return the current status of a tunnel.", "api-reference")
TEXT = _rule("listing/description", "A description in a list must be the one of its tunnel.", "api-reference")
AGREES = _rule(
    "listing/agrees", "ListTunnels and DescribeTunnel must agree on the ARN and the creation time.", "api-reference"
)

STORED = _rule("tags/stored", "A tag must have the value that was last given for its key.", "tagging", "api-reference")
REMOVED = _rule("tags/removed", "A key that was removed must not be listed.", "api-reference")
NOTHING_ELSE = _rule("tags/nothing-else", "A tunnel must have no tag that it was not given.", "tagging")
ONE_EACH = _rule("tags/one-each", "A key must be listed once.", "tagging")
ABSENT_KEY = _rule(
    "tags/absent-key", "UntagResource should succeed for a key that is not there.", "api-reference", level=_SHOULD
)
BOTH = _rule(
    "tags/both", "DescribeTunnel and ListTagsForResource should return the same tags.", "api-reference", level=_SHOULD
)
