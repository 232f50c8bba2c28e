"""The words that scripts are written in: open, describe, close, rotate, tag, untag, list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from tunnelspec.contract import classify
from tunnelspec.contract.patterns import Pattern
from tunnelspec.exchange import Live, Request
from tunnelspec.model import Told, Tunnel
from tunnelspec.model.rules import ENDS, Mismatch
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.session import Session
from tunnelspec.scenario.runner import NotApplicable, ScenarioRunner

#: A list of a handful of tunnels that has more pages than this does not end.
MOST_PAGES = 12
#: A page token that no answer gave.
UNISSUED_TOKEN = "not-a-token-of-this-service"
#: What may become of a page token on the way.
ALTERATIONS: dict[str, Callable[[str], str]] = {
    "cut": lambda token: token[:-2],
    "reversed": lambda token: token[::-1],
    "doubled": lambda token: token * 2,
    "spoilt": lambda token: token[:1] + "-" + token[2:],
}


class RuleViolated(Exception):
    """An answer broke a rule that the script is about: the rest of it would prove nothing."""


class ScenarioClient(ScenarioRunner):
    """A play of this service. `watched` are the rules whose breach ends it; `case` names its things."""

    def __init__(self, session: Session, case: str = "", watched: Collection[str] = (), **clocks: Any) -> None:
        super().__init__(session, **clocks)
        self._watched = frozenset(watched)
        #: The name of a thing that no other case uses.
        self.thing = f"tunnelspec-{crc32(case.encode()):08x}"
        self._walking = False
        self._beside: list[Session] = []

    def call(self, operation: str, body: Mapping[str, Any], returns: str | None = None, name: str = "") -> Told:
        """One call. Raises Wrong, and NotApplicable where the target is free not to do it and does not."""
        if operation in self.session.unimplemented:
            raise NotApplicable(f"the target does not implement {operation}")
        situation = classify(self.session.contract, operation, body).situation
        if situation not in ("valid", "state-dependent", "external-reference", "open", "not-found"):
            raise NotApplicable(f"the document forbids this call of {operation}")
        free = self.model.due(operation, self._resolved(body)) == "either"
        told = super().call(operation, body, returns, name)
        self._stop_if_wrong()
        if not told.accepted and returns == "t":
            if free:
                raise NotApplicable(f"the target is free to refuse this {operation}, and does: {told.code}")
            raise SetupFailed(f"{operation} was refused: {told.code}")
        if returns == "t" and not {"tunnelId", "tunnelArn"} <= self.names[name or self.last("t")].keys():
            raise SetupFailed("OpenTunnel did not tell the id and the ARN of its tunnel")
        return told

    def replay(self, request: Request) -> Told:
        """Make a call of another play again, by its names there. Raises Unresolved for a lost one."""
        token = request.body.get("nextToken")
        if isinstance(token, str) and token != UNISSUED_TOKEN:
            # What the other play made out of a token may still mean something.
            self.model.altered.add(token)
        returns = {"OpenTunnel": "t", "ListTunnels": "page"}.get(request.operation)
        return self.call(request.operation, request.body, returns, request.returns)

    def open(self, **members: Any) -> str:
        """OpenTunnel with these members; the name of the tunnel."""
        self.call("OpenTunnel", members, returns="t")
        return self.last("t")

    def describe(self, tunnel: str) -> Mapping[str, Any]:
        """DescribeTunnel; what it tells."""
        return self.call("DescribeTunnel", {"tunnelId": Live(tunnel, "tunnelId")}).structure("tunnel") or {}

    def shut(self, tunnel: str, **members: Any) -> Told:
        """CloseTunnel."""
        return self.call("CloseTunnel", {"tunnelId": Live(tunnel, "tunnelId"), **members})

    def rotate(self, tunnel: str, mode: str, **members: Any) -> Told:
        """RotateTunnelAccessToken; the script ends where the target does not rotate idle tunnels' tokens."""
        body = {"tunnelId": Live(tunnel, "tunnelId"), "clientMode": mode, **members}
        told = self.call("RotateTunnelAccessToken", body)
        if not told.accepted and self.state(tunnel).status == "OPEN":
            raise NotApplicable(f"the target is free not to rotate tokens that nobody uses, and does not: {told.code}")
        return told

    def tag(self, tunnel: str, tags: Mapping[str, str]) -> Told:
        """TagResource."""
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        return self.call("TagResource", {"resourceArn": Live(tunnel, "tunnelArn"), "tags": listed})

    def untag(self, tunnel: str, *keys: str) -> Told:
        """UntagResource."""
        return self.call("UntagResource", {"resourceArn": Live(tunnel, "tunnelArn"), "tagKeys": list(keys)})

    def tags(self, tunnel: str) -> Told:
        """ListTagsForResource."""
        return self.call("ListTagsForResource", {"resourceArn": Live(tunnel, "tunnelArn")})

    def named(self, name: str, member: str) -> Live:
        """A placeholder for a member of what an earlier call returned."""
        return Live(name, member)

    def page(self, *, thing: str | None = None, size: int | None = None, after: str | None = None) -> str:
        """ListTunnels; the name of the page. `after` is the page before it."""
        given = {
            "thingName": thing,
            "maxResults": size,
            "nextToken": Live(after, "nextToken") if after is not None else None,
        }
        self.call("ListTunnels", {k: v for k, v in given.items() if v is not None}, returns="page")
        return self.last("page")

    def walk(self, *, thing: str | None = None, size: int | None = None) -> None:
        """A list from its first page to its last; a list for one thing must come to an end."""
        until = self.clock() + self.session.consistency_timeout_s
        self._walking = True
        while True:
            mark = len(self.found)
            self._walk(thing, size)
            if len(self.found) == mark or self.clock() >= until:
                break
            # A list may lag behind: one that is still wrong when patience ends is held against it.
            del self.found[mark:]
            self.sleep(0.5)
        self._walking = False
        self._stop_if_wrong()

    def altered(self, page: str, *ways: str) -> None:
        """Ask for pages by what a page's token becomes when it is altered, by these ways or by all."""
        token = self.names[page].get("nextToken", "")
        schema = self.session.contract.operations["ListTunnels"].input["properties"]["nextToken"]
        for way in ways or ALTERATIONS:
            other = ALTERATIONS[way](token)
            if other != token and Pattern(schema["pattern"]).matches(other):
                self.model.altered.add(other)
                self.call("ListTunnels", {"nextToken": other})

    def state(self, tunnel: str) -> Tunnel:
        """What the model knows of a tunnel."""
        return self.model.tunnels[self.names[tunnel]["tunnelId"]]

    def number(self, operation: str, *path: str, keyword: str = "maximum") -> int:
        """A bound in the contract document, such as the greatest `maxResults`."""
        schema = self.session.contract.operations[operation].input
        for step in path:
            schema = schema["items"] if step == "[]" else schema["properties"][step]
        return int(schema[keyword])

    def _walk(self, thing: str | None, size: int | None) -> None:
        after: str | None = None
        for _ in range(MOST_PAGES):
            after = self.page(thing=thing, size=size, after=after)
            if "nextToken" not in self.names.get(after, {}):
                return
        if thing is not None:
            self.disagree(Mismatch(ENDS, f"a last page within {MOST_PAGES}", "another page token"))

    def _stop_if_wrong(self) -> None:
        if not self._walking and any(item.finding.rule in self._watched for item in self.found):
            raise RuleViolated

    def beside(self, prefix: str, *, contested: bool = False) -> ScenarioClient:
        """A script for another client at the same time, which knows the tunnels that are there so far.

        What it opens stays until this script is closed, and its names begin with `prefix`. `contested`: one of
        the clients closes what the others still use.
        """
        made = ScenarioClient(self.session.fork(), clock=self.clock, sleep=self.sleep, prefix=prefix)
        made.names = dict(self.names)
        for name, tunnel in self.model.tunnels.items():
            # Others change it at the same time: what it holds meanwhile is not this client's to say.
            made.model.tunnels[name] = replace(tunnel, tags=dict(tunnel.tags), tags_known=False, contested=contested)
        self._beside.append(made.session)
        return made

    def take_over(self, other: ScenarioClient) -> None:
        """Count what another client did as done before this script's next call, and its findings as ours."""
        for item in other.found:
            self.found.append(replace(item, before=(*self.steps, *item.before)))
        for exchange, operation, body, told in other.calls:
            before = tuple(self.steps)
            self.steps.append(exchange)
            if operation == "OpenTunnel":
                # Two clients may have been given one tunnel, which neither of them could see.
                self.note(self.model.judge(operation, body, told, self.clock()), exchange, before)
            self.model.advance(operation, body, told, self.clock())
        self.session.sent += other.session.sent

    def close(self) -> None:
        """Delete what this script and those beside it opened. Raises TargetLost."""
        super().close()
        for session in self._beside:
            session.close()
