"""Faults of members that are null: they count as values where they should count as absent."""

from __future__ import annotations

from tunnelspec.emulator import Emulator, Params
from tunnelspec.faults.defect_classes import NULL
from tunnelspec.faults.rows import Faults


def _is_null(params: Params, name: str) -> bool:
    return name in params and params[name] is None


def _null_as(name: str, killer: str, sentence: str, value: object) -> None:
    Faults("lifecycle", NULL)(f"null-{name}", killer, sentence).after(
        Emulator.parse, lambda params, self, body: {**params, name: value} if _is_null(params, name) else params
    )


_null_as("delete", "lifecycle/CloseTunnel/delete-null", "CloseTunnel with a null `delete` deletes the tunnel.", True)
_null_as("description", "lifecycle/OpenTunnel/null-members", "A null description is stored as a text.", "null")
_null_as("thingName", "listing/ListTunnels/null-members", "A null filter selects the thing named null.", "null")
_null_as("maxResults", "listing/ListTunnels/null-members", "A null page size is 1.", 1)
Faults("nulls", NULL, "lifecycle/RotateTunnelAccessToken/")(
    "null-destination-of-source", "null-destination", "A null destination is rejected beside the source."
).refusing(
    Emulator.validate,
    lambda self, operation, body: _is_null(body, "destinationConfig") and body.get("clientMode") == "SOURCE",
)
