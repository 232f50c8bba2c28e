"""The calls that scenarios make, one method per operation, and what they know of the tunnels that they opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunnelspec.exchange import Live, Response
from tunnelspec.model import Status, Tunnel
from tunnelspec.scenario.runner import NotApplicable, RejectionAllowed, ScenarioRunner
from tunnelspec.strategies import alphabets


class ScenarioCalls(ScenarioRunner):
    """Makes calls by operation. `thing` is the name of a thing that no other case uses."""

    thing: str

    def open(self, **members: object) -> str:
        """OpenTunnel with these members; the name of the tunnel."""
        self.call("OpenTunnel", members, returns="t")
        return self.last("t")

    def open_for(self, thing: str | None, services: Sequence[str] = (), **members: object) -> str | None:
        """OpenTunnel for this thing, or for none if the target requires that things exist; the thing, or None.

        Without a thing the tunnel has these services as its destination, if there are any.
        """
        if thing is not None:
            try:
                self.open(destinationConfig={"thingName": thing, "services": [*services] or ["SSH"]}, **members)
                return thing
            except NotApplicable:
                pass
        self.open(**({"destinationConfig": {"services": [*services]}} if services else {}), **members)
        return None

    def open_whole(self, **members: object) -> str:
        """OpenTunnel with every member, but for the thing of a target that requires that things exist; its name."""
        whole = {
            "description": "pump 7",
            "timeoutConfig": {"maxLifetimeTimeoutMinutes": self.lifetime},
            "tags": [{"key": "Site", "value": "Hall 3"}],
        }
        self.open_for(self.thing, ["SSH", "VNC"], **{**whole, **members})
        return self.last("t")

    def open_tagged(self, tags: Mapping[str, str]) -> str:
        """OpenTunnel with these tags; the name of the tunnel."""
        return self.open(tags=[{"key": key, "value": value} for key, value in tags.items()])

    def open_alike(self, count: int) -> list[str]:
        """OpenTunnel so many times with the same description, for the same thing where that is possible; the names."""
        thing: str | None = self.thing
        for _ in range(count):
            thing = self.open_for(thing, description="pump 7")
        return self.opened()[-count:]

    def describe(self, tunnel: str) -> Mapping[str, Any]:
        """DescribeTunnel; the members of the tunnel."""
        described = self.call("DescribeTunnel", {"tunnelId": Live(tunnel, "tunnelId")}).members.get("tunnel")
        return described if isinstance(described, dict) else {}

    def close_tunnel(self, tunnel: str, **members: object) -> Response:
        """CloseTunnel."""
        return self.call("CloseTunnel", {"tunnelId": Live(tunnel, "tunnelId"), **members})

    def rotate(self, tunnel: str, mode: str, **members: object) -> Response:
        """RotateTunnelAccessToken. Raises NotApplicable where the target rotates no tokens of an idle tunnel."""
        body = {"tunnelId": Live(tunnel, "tunnelId"), "clientMode": mode, **members}
        response = self.call("RotateTunnelAccessToken", body)
        if not response.accepted and self.state(tunnel).status is Status.OPEN:
            raise RejectionAllowed(f"the target may reject the rotation of unused tokens, and does: {response.summary}")
        return response

    def tag(self, tunnel: str, tags: Mapping[str, str]) -> Response:
        """TagResource, with the members of a tag in another order than OpenTunnel is given them."""
        listed = [{"value": value, "key": key} for key, value in tags.items()]
        return self.call("TagResource", {"resourceArn": Live(tunnel, "tunnelArn"), "tags": listed})

    def untag(self, tunnel: str, *keys: str) -> Response:
        """UntagResource."""
        return self.call("UntagResource", {"resourceArn": Live(tunnel, "tunnelArn"), "tagKeys": list(keys)})

    def list_tags(self, tunnel: str) -> Response:
        """ListTagsForResource."""
        return self.call("ListTagsForResource", {"resourceArn": Live(tunnel, "tunnelArn")})

    def page(self, *, thing: str | None = None, size: int | None = None, after: str | None = None) -> str:
        """ListTunnels; the name of the page. `after` names the page before it."""
        members = {
            "thingName": thing,
            "maxResults": size,
            "nextToken": Live(after, "nextToken") if after is not None else None,
        }
        self.call("ListTunnels", {k: v for k, v in members.items() if v is not None}, returns="page")
        return self.last("page")

    def opened(self) -> list[str]:
        """The names of this client's tunnels, in the order of their opening."""
        tunnels = self.model.state.tunnels
        return [name for name, members in self.names.items() if members.get("tunnelId") in tunnels]

    def state(self, tunnel: str) -> Tunnel:
        """What the model knows of a tunnel."""
        return self.model.state.tunnels[self.names[tunnel]["tunnelId"]]

    def thing_of(self, tunnel: str) -> str | None:
        """The name of a tunnel's thing, None if it has none or none is known."""
        thing = self.state(tunnel).thing
        return thing if isinstance(thing, str) else None

    def number(self, operation: str, *path: str, keyword: str = "maximum") -> int:
        """A bound in the contract document, such as the greatest `maxResults`."""
        member = self.session.contract.operations[operation].input
        for step in path:
            member = member.at(step)
        return int(member.bound(keyword))

    def longest(self, operation: str, path: str, end: str = "") -> str:
        """The longest text for a member, in characters of most bytes in UTF-8 but for this end."""
        return alphabets.longest_text(self.session.contract.operations[operation].input.at(path), end)

    @property
    def lifetime(self) -> int:
        """A lifetime in minutes that is neither a bound nor a round number of hours."""
        return self.number("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes") // 2 - 1
