"""Faults that show access tokens where nobody should read them."""

from __future__ import annotations

from urllib.parse import quote

from tunnelspec.emulator import ApiError, Emulator, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import LEAK
from tunnelspec.faults.rows import Faults

leak = Faults("tokens", LEAK)


class _Leak(Fault, prefix="tokens", defect_class=LEAK): ...


leak("listed", "tokens/ListTunnels/untold", "ListTunnels returns the destination access tokens.").summary(
    lambda row, tunnel: {**row, "token": tunnel.tokens.get("destination")}
)
leak(
    "described-in-a-url", "tokens/DescribeTunnel/untold", "DescribeTunnel has the source's token in a URL."
).description(lambda described, tunnel: {**described, "url": f"wss://data/?{quote(tunnel.tokens['source'])}"})
leak("tagged", "tokens/ListTagsForResource/untold", "A tunnel has its source access token as a tag.").after(
    Emulator.tags_of, lambda tags, self, tunnel: [*tags, {"key": "token", "value": tunnel.tokens["source"]}]
)
leak(
    "described-with-destination",
    "lifecycle/DescribeTunnel/services",
    "DescribeTunnel returns the destination's token beside its services.",
).description(
    lambda described, tunnel: {
        **described,
        **(
            {"destinationConfig": {**tunnel.destination, "token": tunnel.tokens["destination"]}}
            if tunnel.destination
            else {}
        ),
    }
)


class RotatedReturned(_Leak, killer="tokens/DescribeTunnel/untold"):
    """DescribeTunnel returns the tokens after a rotation."""

    #: The ids of tunnels whose tokens were rotated.
    rotated = remembered(set[str])

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        self.rotated.add(params["tunnelId"])
        return output

    def description(self, tunnel: Tunnel) -> Params:
        description = super().description(tunnel)
        return {**description, "accessTokens": dict(tunnel.tokens)} if tunnel.id in self.rotated else description


class _Deleting(_Leak):
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


class InErrorOnceClosed(_Leak, killer="lifecycle/CloseTunnel/stays-closed"):
    """The rotation of a closed tunnel is rejected with its token."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        tunnel = self.find(params["tunnelId"])
        if tunnel.status == "CLOSED":
            raise ApiError("ValidationException", f"closed: {tunnel.tokens['source']}")
        return super().rotate_tunnel_access_token(params)
