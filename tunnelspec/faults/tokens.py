"""Faults of access tokens."""

from __future__ import annotations

from itertools import count
from uuid import uuid4

from tunnelspec.emulator import ApiError, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ACCESS_TOKENS, LEAK
from tunnelspec.verdict import Level

SOURCE, DESTINATION = "sourceAccessToken", "destinationAccessToken"
_OPEN, _ROTATE = "tokens/OpenTunnel", "tokens/RotateTunnelAccessToken"


class _Token(Fault, defect_class=ACCESS_TOKENS): ...


class Empty(_Token, killer=f"{_OPEN}/non-empty"):
    """The destination access token is empty."""

    def open_tunnel(self, params: Params) -> Params:
        return {**super().open_tunnel(params), DESTINATION: ""}


class OneForBoth(_Token, killer=f"{_OPEN}/sides-differ"):
    """Source and destination get the same token."""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        return {**output, DESTINATION: output[SOURCE]}


class TheSameForAll(_Token, killer=f"{_OPEN}/new-each-time"):
    """Every tunnel gets the same pair of tokens."""

    def set_up(self) -> None:
        super().set_up()
        self.pair = {SOURCE: self.new_token(), DESTINATION: self.new_token()}

    def open_tunnel(self, params: Params) -> Params:
        return {**super().open_tunnel(params), **self.pair}


# Strength. Tokens that repeat are also issued twice, which a rule of its own is about.


class _Weak(_Token):
    level = Level.SHOULD

    def set_up(self) -> None:
        super().set_up()
        self.issued = count(1)


class CountUp(_Weak, killer="protocol/OpenTunnel/plain"):
    """Access tokens are numbers that count up."""

    def new_token(self) -> str:
        return str(next(self.issued))


class CountUpAtTheEnd(_Weak, killer="protocol/OpenTunnel/plain"):
    """Access tokens are one long text with a number at the end that counts up."""

    def new_token(self) -> str:
        return f"AQGAAXhfQzYtdGhlLXNhbWUtdGV4dC1mb3ItYWxs{next(self.issued):08}"


class EightDigits(_Weak, killer="protocol/OpenTunnel/plain"):
    """Access tokens have eight hexadecimal digits."""

    def new_token(self) -> str:
        return uuid4().hex[:8]


class Words(_Weak, killer="protocol/OpenTunnel/plain"):
    """Access tokens are words of error messages with a number."""

    def new_token(self) -> str:
        number = next(self.issued)
        return ("string", "except", "value", "tunnel")[number % 4] + str(number)


class RotatedShort(_Weak, killer="protocol/RotateTunnelAccessToken/plain"):
    """The tokens of a rotation have six digits."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        return {name: f"{uuid4().int % 10**6:06}" if name in (SOURCE, DESTINATION) else v for name, v in output.items()}


# Rotation.


class SourceAndMore(_Token, killer=f"{_ROTATE}/source-alone"):
    """SOURCE returns the destination's token too."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        return {**output, DESTINATION: self.new_token()} if params["clientMode"] == "SOURCE" else output


class DestinationAndMore(_Token, killer=f"{_ROTATE}/destination-alone"):
    """DESTINATION returns the source's token too."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        return {**output, SOURCE: self.new_token()} if params["clientMode"] == "DESTINATION" else output


class EndsExchanged(_Token, killer=f"{_ROTATE}/destination-alone"):
    """DESTINATION returns its token as the source's."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        if params["clientMode"] == "DESTINATION":
            output[SOURCE] = output.pop(DESTINATION)
        return output


class AllButOne(_Token, killer=f"{_ROTATE}/all-both"):
    """ALL returns the source's token only."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        if params["clientMode"] == "ALL":
            del output[DESTINATION]
        return output


class SourceAsBefore(_Token, killer=f"{_ROTATE}/source-new"):
    """SOURCE returns the old token."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        old = self.find(params["tunnelId"]).tokens["source"]
        output = super().rotate_tunnel_access_token(params)
        return {**output, SOURCE: old} if params["clientMode"] == "SOURCE" else output


class DestinationAsBefore(_Token, killer=f"{_ROTATE}/destination-new"):
    """DESTINATION returns the old token."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        old = self.find(params["tunnelId"]).tokens["destination"]
        output = super().rotate_tunnel_access_token(params)
        return {**output, DESTINATION: old} if params["clientMode"] == "DESTINATION" else output


class OneForBothRotated(_Token, killer=f"{_ROTATE}/sides-differ"):
    """A rotation gives both sides the same token."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        return {**output, DESTINATION: output[SOURCE]} if params["clientMode"] == "ALL" else output


class EmptyRotated(_Token, killer=f"{_ROTATE}/non-empty"):
    """A rotation returns an empty token."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        return {**output, SOURCE: ""} if params["clientMode"] == "ALL" else output


class TakingTurns(_Token, killer=f"{_ROTATE}/never-again"):
    """Rotations alternate between two pairs of tokens."""

    def set_up(self) -> None:
        super().set_up()
        self.turns = count()
        #: The outputs by ARN and turn.
        self.outputs: dict[tuple[str, int], Params] = {}

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        if params["clientMode"] == "ALL":
            output = self.outputs.setdefault((output["tunnelArn"], next(self.turns) % 2), output)
        return output


class ArnOfTheNewest(_Token, killer=f"{_ROTATE}/arn"):
    """A rotation returns the ARN of the newest tunnel."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        return {**super().rotate_tunnel_access_token(params), "tunnelArn": self.store.newest_first()[0].arn}


class RotationLivesLonger(_Token, killer=f"{_ROTATE}/lifetime"):
    """A rotation gives the tunnel the longest lifetime."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        timeout = self.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]
        longest = {name: member["maximum"] for name, member in timeout.items()}
        self.find(params["tunnelId"]).timeout = longest
        return super().rotate_tunnel_access_token(params)


class RotationForgets(_Token, killer=f"{_ROTATE}/keeps-the-rest"):
    """A rotation without a destination removes the tunnel's destination."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        self.find(params["tunnelId"]).destination = None
        return super().rotate_tunnel_access_token(params)


# Leaks.


class RotatedReturned(_Token, killer="tokens/DescribeTunnel/untold", defect_class=LEAK):
    """DescribeTunnel returns the tokens after a rotation."""

    def set_up(self) -> None:
        super().set_up()
        #: The ids of tunnels whose tokens were rotated.
        self.rotated: set[str] = set()

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        self.rotated.add(params["tunnelId"])
        return output

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        return {**description, "accessTokens": dict(tunnel.tokens)} if tunnel.id in self.rotated else description


class Listed(_Token, killer="tokens/ListTunnels/untold", defect_class=LEAK):
    """ListTunnels returns the destination access tokens."""

    def summary(self, tunnel: Tunnel) -> Params:
        return {**super().summary(tunnel), "token": tunnel.tokens.get("destination")}


class Tagged(_Token, killer="tokens/ListTagsForResource/untold", defect_class=LEAK):
    """A tunnel has its source access token as a tag."""

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        return [*super().tags_of(tunnel), {"key": "token", "value": tunnel.tokens["source"]}]


class _Deleting(_Token, defect_class=LEAK):
    """Remembers the tunnel that was deleted last."""

    deleted: Tunnel | None = None

    def delete(self, tunnel: Tunnel) -> None:
        self.deleted = tunnel
        super().delete(tunnel)


class InErrorAfterDeletion(_Deleting, killer="tokens/DescribeTunnel/untold-in-errors"):
    """The error for a deleted tunnel contains its access tokens."""

    def render_error(self, error: ApiError) -> HttpResponse:
        if self.deleted is not None and error.code == "ResourceNotFoundException":
            error.message = f"No tunnel {self.deleted.tokens}"
        return super().render_error(error)


class InErrorHeaders(_Deleting, killer="tokens/DescribeTunnel/untold-in-errors"):
    """The errors after a deletion have the deleted tunnel's access token in a header field."""

    def render_error(self, error: ApiError) -> HttpResponse:
        response = super().render_error(error)
        return response if self.deleted is None else response.set_header("X-Debug", self.deleted.tokens["source"])


class DescribedWithDestination(_Token, killer="lifecycle/DescribeTunnel/services", defect_class=LEAK):
    """DescribeTunnel returns the destination's token beside its services."""

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        if tunnel.destination is None:
            return description
        return {**description, "destinationConfig": {**tunnel.destination, "token": tunnel.tokens["destination"]}}


class InErrorOnceClosed(_Token, killer="lifecycle/CloseTunnel/stays-closed", defect_class=LEAK):
    """The rotation of a closed tunnel is rejected with its token."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        if tunnel.status == "CLOSED":
            raise ApiError("ValidationException", f"closed: {tunnel.tokens['source']}")
        return super().rotate_tunnel_access_token(params)
