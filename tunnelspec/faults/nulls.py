"""Faults of members that are null: they count as values where they should count as absent."""

from __future__ import annotations

from tunnelspec.emulator import Emulator, Params
from tunnelspec.faults.defect_classes import NULL
from tunnelspec.faults.rows import Faults

times = Faults("times", NULL, "lifecycle/")


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

# Members of a structure that are null.


def _is_inner_null(body: Params, outer: str, inner: str) -> bool:
    """Whether a member of a structure is there, and null."""
    return _is_null(body.get(outer) or {}, inner)


times("null-thing-is-text", "OpenTunnel/null-inner-members", "A null thing name is stored as the text None.").after(
    Emulator.validate,
    lambda params, self, operation, body: (
        {**params, "destinationConfig": {**params["destinationConfig"], "thingName": "None"}}
        if _is_inner_null(body, "destinationConfig", "thingName")
        else params
    ),
)
times("null-lifetime-is-one-minute", "OpenTunnel/null-inner-members", "A lifetime that is null is one minute.").after(
    Emulator.validate,
    lambda params, self, operation, body: (
        {**params, "timeoutConfig": {"maxLifetimeTimeoutMinutes": 1}}
        if _is_inner_null(body, "timeoutConfig", "maxLifetimeTimeoutMinutes")
        else params
    ),
)
times(
    "null-destination-removes",
    "RotateTunnelAccessToken/null-destination",
    "RotateTunnelAccessToken removes the destination where it is null.",
).after(
    Emulator.validate,
    lambda params, self, operation, body: (
        {**params, "destinationConfig": None}
        if operation == "RotateTunnelAccessToken" and body.get("destinationConfig", params) is None
        else params
    ),
)
