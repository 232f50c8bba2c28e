"""Faults of members that are null: they count as values where they should count as absent."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import NULL


def _null_as(name: str, killer: str, sentence: str, value: object) -> None:
    class NullAs(Fault, name=f"lifecycle/null-{name}", killer=killer, sentence=sentence, defect_class=NULL):
        def parse(self, body: bytes) -> Params:
            params = super().parse(body)
            return {**params, name: value} if name in params and params[name] is None else params


_null_as("delete", "lifecycle/CloseTunnel/delete-null", "CloseTunnel with a null `delete` deletes the tunnel.", True)
_null_as("description", "lifecycle/OpenTunnel/null-members", "A null description is stored as a text.", "null")
_null_as("thingName", "listing/ListTunnels/null-members", "A null filter selects the thing named null.", "null")
_null_as("maxResults", "listing/ListTunnels/null-members", "A null page size is 1.", 1)


class NullDestinationOfSource(Fault, killer="lifecycle/RotateTunnelAccessToken/null-destination", defect_class=NULL):
    """A null destination is rejected beside the source, as one with a value may be."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        is_null = "destinationConfig" in params and params["destinationConfig"] is None
        if is_null and params.get("clientMode") == "SOURCE":
            raise ApiError("ValidationException", "no destination with SOURCE")
        return params
