"""What the model knows of a target: tunnels opened by this client, access tokens issued, lists being read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tunnelspec.contract import Contract
from tunnelspec.model.lifecycle import Status

#: Not known: AWS's sources do not say what the calls so far made of it.
UNKNOWN: Final[Any] = object()
#: The number of tags to try where the document sets no limit.
MANY_TAGS = 50


@dataclass
class Tunnel:
    """A tunnel opened by this client. `expires_at` is in seconds on the caller's clock.

    A member that is UNKNOWN is read from the next response that has it. Another client may close a `contested` tunnel
    at any moment. `changed` is the number of the call that opened, closed or deleted it last.
    """

    number: int
    id: str
    arn: str
    expires_at: float
    status: Status = Status.OPEN
    contested: bool = False
    description: str | None = None
    destination: Any = None
    timeout_minutes: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    tags_known: bool = True
    untagged: set[str] = field(default_factory=set)
    created_at: float | None = None
    updated_at: float | None = None
    changed: int = 0

    @property
    def thing(self) -> Any:
        """The name of the destination's thing, None for no thing, or UNKNOWN."""
        return UNKNOWN if self.destination is UNKNOWN else (self.destination or {}).get("thingName")


@dataclass(frozen=True, slots=True)
class Walk:
    """A list up to a page: its request, the tunnels that it must hold, and what it has held. A page may be read twice.

    `began` is the number of the last change before it.
    """

    thing: str | None
    size: int | None
    due: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()
    last_created: float | None = None
    began: int = 0

    def is_steady(self, tunnel: Tunnel) -> bool:
        """Whether a tunnel has not been opened, closed or deleted since the list began. What of others is listed is
        unspecified."""
        return tunnel.changed <= self.began


class State:
    """One account as far as this client knows it. Not thread-safe."""

    def __init__(self, contract: Contract, region: str = "") -> None:
        self.contract = contract
        self.region = region
        #: By tunnelId.
        self.tunnels: dict[str, Tunnel] = {}
        #: By the page token that continues the list.
        self.walks: dict[str, Walk] = {}
        #: Every access token that was issued.
        self.tokens: set[str] = set()
        #: How many calls have opened, closed or deleted a tunnel.
        self.changes = 0
        opening = contract.operations["OpenTunnel"].input
        self.default_minutes: int = opening.at("timeoutConfig.maxLifetimeTimeoutMinutes").default
        #: Whether keys that were not there have been removed together with others.
        self.ignores_absent_keys = False
        #: A target may reject or drop tags beyond this number.
        self.max_tags = opening.at("tags").most_items(MANY_TAGS)

    def change(self, tunnel: Tunnel) -> None:
        """Note that a tunnel is opened, closed or deleted by this call."""
        self.changes += 1
        tunnel.changed = self.changes

    def find(self, body: Mapping[str, Any]) -> Tunnel | None:
        """The tunnel that a request names by id or by ARN."""
        if "tunnelId" in body:
            return self.tunnels.get(body["tunnelId"])
        arn = body.get("resourceArn")
        return next((tunnel for tunnel in self.tunnels.values() if tunnel.arn == arn), None)

    def continued(self, body: Mapping[str, Any]) -> Walk | None:
        """The list that a ListTunnels request continues, with its filter and its page size."""
        walk = self.walks.get(body.get("nextToken") or "")
        same = walk is not None and (walk.thing, walk.size) == (body.get("thingName"), body.get("maxResults"))
        return walk if same else None

    def walk(self, body: Mapping[str, Any]) -> Walk:
        """The list that a ListTunnels request begins or continues; of a token of any other list nothing is due."""
        thing, size = body.get("thingName"), body.get("maxResults")
        if body.get("nextToken") is not None:
            return self.continued(body) or Walk(None, size, began=self.changes)
        existing = (tunnel for tunnel in self.tunnels.values() if tunnel.status is not Status.DELETED)
        due = frozenset(tunnel.id for tunnel in existing if thing is None or tunnel.thing == thing)
        return Walk(thing, size, due, began=self.changes)
