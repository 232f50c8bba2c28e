"""The bundled reference emulator: all operations of the service, in memory.

The operations stand in one file: together they are what a reader compares with the API reference.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from tunnelspec.contract.document import Contract
from tunnelspec.emulator.messages import ApiError
from tunnelspec.emulator.protocol import AwsJsonService, Params
from tunnelspec.emulator.store import Store, Tunnel, new_token


class Emulator(AwsJsonService):
    """One account in one region; clock and credentials as in AwsJsonService.

    `max_open_tunnels` is the quota beyond which OpenTunnel raises LimitExceededException, None for none;
    `page_size` is the number of tunnels on a page of ListTunnels without `maxResults`.
    """

    METHODS: ClassVar[Mapping[str, str]] = {
        "OpenTunnel": "open_tunnel",
        "DescribeTunnel": "describe_tunnel",
        "CloseTunnel": "close_tunnel",
        "ListTunnels": "list_tunnels",
        "RotateTunnelAccessToken": "rotate_tunnel_access_token",
        "ListTagsForResource": "list_tags_for_resource",
        "TagResource": "tag_resource",
        "UntagResource": "untag_resource",
    }

    def __init__(
        self,
        contract: Contract,
        *,
        clock: Callable[[], float] = time.time,
        credentials: Mapping[str, str] | None = None,
        session_tokens: Mapping[str, str] | None = None,
        region: str = "us-east-1",
        account: str = "123456789012",
        max_open_tunnels: int | None = None,
        page_size: int = 50,
    ) -> None:
        super().__init__(contract, clock=clock, credentials=credentials, session_tokens=session_tokens, region=region)
        self.account = account
        self.max_open_tunnels = max_open_tunnels
        self.page_size = page_size
        self.store = self.make_store()
        self.set_up()

    def make_store(self) -> Store:
        """What holds the tunnels."""
        return Store(self.clock, self.region, self.account)

    def set_up(self) -> None:
        """Set up what a subclass remembers; the rest is complete."""

    # The operations.

    def open_tunnel(self, params: Params) -> Params:
        """OpenTunnel."""
        if self.max_open_tunnels is not None:
            open_tunnels = sum(tunnel.status == "OPEN" for tunnel in self.store.newest_first())
            if open_tunnels >= self.max_open_tunnels:
                raise ApiError("LimitExceededException", "Too many open tunnels")
        timeout = {"maxLifetimeTimeoutMinutes": self.default_lifetime(), **params.get("timeoutConfig", {})}
        tunnel = self.store.open(timeout["maxLifetimeTimeoutMinutes"] * 60)
        tunnel.timeout = timeout
        tunnel.description = params.get("description")
        tunnel.destination = params.get("destinationConfig")
        self.put_tags(tunnel, params.get("tags", []))
        tunnel.tokens = {"source": self.new_token(), "destination": self.new_token()}
        return {
            "tunnelId": tunnel.id,
            "tunnelArn": tunnel.arn,
            "sourceAccessToken": tunnel.tokens["source"],
            "destinationAccessToken": tunnel.tokens["destination"],
        }

    def describe_tunnel(self, params: Params) -> Params:
        """DescribeTunnel."""
        return {"tunnel": self.description(self.find(params["tunnelId"]))}

    def close_tunnel(self, params: Params) -> Params:
        """CloseTunnel."""
        tunnel = self.find(params["tunnelId"])
        self.store.close(tunnel)
        if params.get("delete"):
            self.delete(tunnel)
        return {}

    def list_tunnels(self, params: Params) -> Params:
        """ListTunnels: newest first; a page token holds the filter and the number of the page's last tunnel."""
        thing, before = params.get("thingName"), None
        if "nextToken" in params:
            token_thing, before = self.read_token(params["nextToken"])
            if thing is not None and thing != token_thing:
                raise ApiError("ValidationException", "The token belongs to another filter")
            thing = token_thing
        tunnels = [tunnel for tunnel in self.listed(thing) if before is None or tunnel.number < before]
        size = params.get("maxResults", self.page_size)
        page = tunnels[:size]
        output: Params = {"tunnelSummaries": [self.summary(tunnel) for tunnel in page]}
        if len(tunnels) > size:
            output["nextToken"] = self.make_token(thing, page[-1].number)
        return output

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        """RotateTunnelAccessToken."""
        tunnel = self.find(params["tunnelId"])
        output: Params = {"tunnelArn": tunnel.arn}
        for side in ("source", "destination"):
            if params["clientMode"] in (side.upper(), "ALL"):
                tunnel.tokens[side] = output[f"{side}AccessToken"] = self.new_token()
        if "destinationConfig" in params:
            tunnel.destination = params["destinationConfig"]
        tunnel.updated_at = self.clock()
        return output

    def list_tags_for_resource(self, params: Params) -> Params:
        """ListTagsForResource."""
        return {"tags": self.tags_of(self.find_arn(params["resourceArn"]))}

    def tag_resource(self, params: Params) -> Params:
        """TagResource."""
        self.put_tags(self.find_arn(params["resourceArn"]), params["tags"])
        return {}

    def untag_resource(self, params: Params) -> Params:
        """UntagResource; a key that the tunnel does not have is no error."""
        tunnel = self.find_arn(params["resourceArn"])
        for key in params["tagKeys"]:
            tunnel.tags.pop(key, None)
        return {}

    # What the operations share.

    def find(self, tunnel_id: str) -> Tunnel:
        """The tunnel with this id. Raises ApiError."""
        tunnel = self.store.get(tunnel_id)
        if tunnel is None:
            raise ApiError("ResourceNotFoundException", "Tunnel not found")
        return tunnel

    def find_arn(self, arn: str) -> Tunnel:
        """The tunnel with this ARN. Raises ApiError."""
        tunnel = self.store.by_arn(arn)
        if tunnel is None:
            raise ApiError("ResourceNotFoundException", "Resource not found")
        return tunnel

    def listed(self, thing: str | None) -> list[Tunnel]:
        """The tunnels of a thing (None: all) as ListTunnels orders them."""
        return [
            tunnel
            for tunnel in self.store.newest_first()
            if thing is None or (tunnel.destination or {}).get("thingName") == thing
        ]

    def delete(self, tunnel: Tunnel) -> None:
        """Delete a tunnel."""
        self.store.delete(tunnel)

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        """Add tags; an existing key takes the new value."""
        for tag in tags:
            tunnel.tags[tag["key"]] = tag["value"]

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        """A tunnel's tags as responses have them."""
        return [{"key": key, "value": value} for key, value in tunnel.tags.items()]

    def summary(self, tunnel: Tunnel) -> Params:
        """A tunnel as ListTunnels returns it."""
        return self.shared_members(tunnel)

    def shared_members(self, tunnel: Tunnel) -> Params:
        """The members that ListTunnels and DescribeTunnel both return."""
        members = {
            "tunnelId": tunnel.id,
            "tunnelArn": tunnel.arn,
            "status": tunnel.status,
            "createdAt": self.timestamp(tunnel.created_at),
            "lastUpdatedAt": self.timestamp(tunnel.updated_at),
        }
        if tunnel.description is not None:
            members["description"] = tunnel.description
        return members

    def description(self, tunnel: Tunnel) -> Params:
        """A tunnel as DescribeTunnel returns it."""
        connection = {"status": "DISCONNECTED", "lastUpdatedAt": self.timestamp(tunnel.created_at)}
        description = {
            **self.shared_members(tunnel),
            "sourceConnectionState": connection,
            "destinationConnectionState": dict(connection),
            "timeoutConfig": tunnel.timeout,
            "tags": self.tags_of(tunnel),
        }
        if tunnel.destination is not None:
            description["destinationConfig"] = tunnel.destination
        return description

    def timestamp(self, seconds: float) -> object:
        """A time on the wire: epoch seconds with milliseconds."""
        return round(seconds, 3)

    def new_token(self) -> str:
        """A new access token."""
        return new_token()

    def default_lifetime(self) -> int:
        """The lifetime in minutes of a tunnel that is opened without one."""
        timeout = self.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]
        minutes: int = timeout["maxLifetimeTimeoutMinutes"]["default"]
        return minutes

    def make_token(self, thing: str | None, number: int) -> str:
        """A page token: the filter, and the number of the tunnel after which the next page begins."""
        return base64.urlsafe_b64encode(json.dumps([thing, number]).encode()).decode()

    def read_token(self, token: str) -> tuple[str | None, int]:
        """The content of a page token. Raises ApiError for a token that this emulator did not issue."""
        try:
            thing, number = json.loads(base64.urlsafe_b64decode(token.encode()))
        except (ValueError, TypeError, RecursionError):
            raise ApiError("ValidationException", "Invalid nextToken") from None
        if not isinstance(number, int) or not isinstance(thing, str | None):
            raise ApiError("ValidationException", "Invalid nextToken")
        return thing, number
