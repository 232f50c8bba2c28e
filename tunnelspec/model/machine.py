"""The model itself: a transition table, the state that it moves, and the judgement of each answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.contract import Contract, classify
from tunnelspec.model import listing, rules, tags, tokens, tunnels
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, Told, Tunnel, Walk

#: What a call on a tunnel calls for, by the tunnel's status: the operation succeeds, is refused with
#: ResourceNotFoundException, or may go either way where AWS's sources are silent. Rotating the tokens of
#: a tunnel whose ends never connected is among those: AWS's own acceptance tests allow for its refusal.
TABLE: Mapping[str, Mapping[str, str]] = {
    "DescribeTunnel": {"OPEN": "accept", "CLOSED": "accept", "GONE": "not-found"},
    "ListTagsForResource": {"OPEN": "accept", "CLOSED": "accept", "GONE": "not-found"},
    "CloseTunnel": {"OPEN": "accept", "CLOSED": "either", "GONE": "not-found"},
    "TagResource": {"OPEN": "accept", "CLOSED": "either", "GONE": "not-found"},
    "UntagResource": {"OPEN": "accept", "CLOSED": "either", "GONE": "not-found"},
    "RotateTunnelAccessToken": {"OPEN": "either", "CLOSED": "either", "GONE": "not-found"},
}
#: The operations that the model knows, and those of them that change nothing.
OPERATIONS = frozenset({*TABLE, "OpenTunnel", "ListTunnels"})
READS = frozenset({"DescribeTunnel", "ListTagsForResource", "ListTunnels"})
#: A tunnel this near to the end of its lifetime, in seconds, may be open or closed.
_SLACK_S = 5.0
#: As many tags as are tried where the document sets no limit.
_MANY = 50


class Model:
    """One account as far as this client knows it: its own tunnels. Not thread-safe.

    `now` is any clock in seconds that never goes back, the same for all calls.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.tunnels: dict[str, Tunnel] = {}
        self.walks: dict[str, Walk] = {}
        #: Page tokens that a client made out of issued ones: they may be refused, or mean what is left of them.
        self.altered: set[str] = set()
        self._tokens: set[str] = set()
        opening = contract.operations["OpenTunnel"].input
        self._default: int = opening.at("timeoutConfig.maxLifetimeTimeoutMinutes").default
        #: More tags than this may be refused or kept, as the target likes.
        self.most_tags = opening.at("tags").most_items(_MANY)

    def due(self, operation: str, body: Mapping[str, Any]) -> str:
        """What a call calls for: accept, not-found, reject or either."""
        token = body.get("nextToken")
        if operation == "ListTunnels" and token is not None and token not in self.walks:
            return "either" if token in self.altered else "reject"
        situation = classify(self._contract, operation, body).situation
        if situation in ("open", "external-reference"):
            return "either"
        if operation in ("OpenTunnel", "ListTunnels"):
            return "accept"
        tunnel = self.find(body)
        if tunnel is None:
            return "not-found"
        decision = TABLE[operation][tunnel.status]
        if tunnel.contested and operation not in READS:
            return "either"
        if operation == "TagResource" and len({*tunnel.tags, *_keys(body)}) > self.most_tags:
            return "either" if decision == "accept" else decision
        return decision

    def judge(self, operation: str, body: Mapping[str, Any], told: Told, now: float) -> list[Mismatch]:
        """Everything that an answer to this call breaks. The model stays as it is."""
        return list(self._judge(operation, body, told, now))

    def _judge(self, operation: str, body: Mapping[str, Any], told: Told, now: float) -> Iterator[Mismatch]:
        due, tunnel = self.due(operation, body), self.find(body)
        if not told.accepted:
            expired = tunnel is not None and now >= tunnel.expires_at and operation not in READS
            if due == "accept" and not expired:
                closed = tunnel is not None and tunnel.status == "CLOSED"
                rule = rules.KEPT if closed else rules.ACCEPTED
                yield Mismatch(rule, f"{operation} succeeds", f"status {told.status}, {told.code}")
            elif due == "not-found" and told.code not in self._contract.situations["not-found"].codes:
                codes = " or ".join(self._contract.situations["not-found"].codes)
                yield Mismatch(rules.GONE, codes, f"status {told.status}, {told.code}")
            elif due == "reject" and told.status >= 500:
                yield Mismatch(rules.UNISSUED, "the page token is refused", f"status {told.status}")
            return
        if due == "not-found":
            yield Mismatch(rules.GONE, f"{operation} finds no such tunnel", "it succeeded")
        elif due == "reject":
            yield Mismatch(rules.UNISSUED, "the page token is refused", "it was taken for one")
        elif operation == "OpenTunnel":
            yield from self._opened(told)
        elif operation == "ListTunnels" and body.get("nextToken") not in self.altered:
            yield from listing.page(self._walk(body), told, body.get("maxResults"), self.tunnels, now)
        elif tunnel is not None and operation == "DescribeTunnel":
            shown = told.structure("tunnel") or {}
            yield from tunnels.described(tunnel, shown, self._default, now)
            yield from tags.described(tunnel, shown.get("tags"))
        elif tunnel is not None and operation == "ListTagsForResource":
            yield from tags.listed(tunnel, told.items("tags"))
        elif tunnel is not None and operation == "RotateTunnelAccessToken":
            yield from tokens.rotated(body["clientMode"], tunnel.arn, told.structure() or {}, self._tokens)

    def advance(self, operation: str, body: Mapping[str, Any], told: Told, now: float) -> str | None:
        """Move on after an answer, following it where it differs; the token of a list's next page."""
        if not told.accepted:
            return None
        if operation == "OpenTunnel":
            self._open(body, told, now)
        elif operation == "ListTunnels":
            return self._listed(body, told)
        tunnel = self.find(body)
        if tunnel is None:
            return None
        if operation == "DescribeTunnel":
            tunnels.learn(tunnel, told.structure("tunnel") or {}, now)
        elif operation == "CloseTunnel":
            tunnel.status = "GONE" if body.get("delete") else "CLOSED"
        elif operation == "RotateTunnelAccessToken":
            self._tokens.update(tokens.issued(told.structure() or {}).values())
            if body.get("destinationConfig"):
                # Whether this changes what DescribeTunnel tells is nowhere said.
                tunnel.destination = UNKNOWN
        elif operation == "TagResource":
            tunnel.tags.update((tag["key"], tag["value"]) for tag in body["tags"])
            tunnel.untagged -= _keys(body)
            tunnel.tags_known = tunnel.tags_known and len(tunnel.tags) <= self.most_tags
        elif operation == "UntagResource":
            for key in body["tagKeys"]:
                if tunnel.tags.pop(key, None) is not None:
                    tunnel.untagged.add(key)
        return None

    def referable(self, told: Told, following: str | None) -> dict[str, str]:
        """The members of an answer that later calls may name, given what `advance` returned for it."""
        members = {name: value for name, value in (told.structure() or {}).items() if isinstance(value, str)}
        if following is None:
            members.pop("nextToken", None)
        return members

    def find(self, body: Mapping[str, Any]) -> Tunnel | None:
        """The tunnel that a body names by id or by ARN."""
        if "tunnelId" in body:
            return self.tunnels.get(body["tunnelId"])
        arn = body.get("resourceArn")
        return next((tunnel for tunnel in self.tunnels.values() if tunnel.arn == arn), None)

    def _opened(self, told: Told) -> Iterator[Mismatch]:
        shown = told.structure() or {}
        arns = {tunnel.arn for tunnel in self.tunnels.values()}
        if shown.get("tunnelId") in self.tunnels or shown.get("tunnelArn") in arns:
            yield Mismatch(rules.NEW, "a tunnel with its own id and ARN", "those of a tunnel opened before")
        yield from tokens.fresh(shown, self._tokens, rules.NEW_TOKENS)

    def _open(self, body: Mapping[str, Any], told: Told, now: float) -> None:
        shown = told.structure() or {}
        name, arn = shown.get("tunnelId"), shown.get("tunnelArn")
        self._tokens.update(tokens.issued(shown).values())
        if not isinstance(name, str) or not isinstance(arn, str) or name in self.tunnels:
            return
        minutes = (body.get("timeoutConfig") or {}).get("maxLifetimeTimeoutMinutes")
        lifetime_s = (minutes or self._default) * 60
        made = Tunnel(len(self.tunnels), name, arn, now + lifetime_s - _SLACK_S)
        made.description, made.timeout = body.get("description"), minutes
        made.destination = body.get("destinationConfig")
        given = body.get("tags") or []
        made.tags = {tag["key"]: tag["value"] for tag in given}
        made.tags_known = len(given) == len(made.tags) <= self.most_tags
        self.tunnels[name] = made

    def _walk(self, body: Mapping[str, Any]) -> Walk:
        token, thing = body.get("nextToken"), body.get("thingName")
        if token is not None:
            return self.walks[token]
        due = (t for t in self.tunnels.values() if t.status != "GONE" and (thing is None or t.thing == thing))
        return Walk(thing, frozenset(tunnel.id for tunnel in due))

    def _listed(self, body: Mapping[str, Any], told: Told) -> str | None:
        if body.get("nextToken") is not None and body["nextToken"] not in self.walks:
            return None
        walk = self._walk(body)
        following = listing.after(walk, told)
        if following is not None:
            self.walks[following] = walk
        return following


def _keys(body: Mapping[str, Any]) -> set[str]:
    return {tag["key"] for tag in body.get("tags", ())}
