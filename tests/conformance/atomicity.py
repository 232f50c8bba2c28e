"""Rejected calls of each operation that changes something: afterwards everything must be as before."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import full_body
from tunnelspec.exchange import RawRequest, Request
from tunnelspec.model import rules
from tunnelspec.scenario.atomicity import require_unchanged, try_on_tunnel, try_opening
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import Steps, scenario
from tunnelspec.strategies import rejected, signatures

#: The description of what must not be opened; no other case uses it.
_MARK = "opened by a rejected call"
_OPENING = {
    "description": "pump 7",
    "tags": [{"key": "Site", "value": "Hall 3"}, {"key": "Line", "value": "2"}],
}
#: Members with an effect that shows, beside the member that violates a constraint.
_EFFECTS: dict[str, dict[str, object]] = {
    "OpenTunnel": {
        **_OPENING,
        "description": _MARK,
        "destinationConfig": {"services": ["SSH"]},
        "timeoutConfig": {"maxLifetimeTimeoutMinutes": 5},
    },
    "CloseTunnel": {"delete": True},
    "RotateTunnelAccessToken": {"clientMode": "ALL", "destinationConfig": {"services": ["VNC"]}},
    "TagResource": {"tags": [{"key": "Line", "value": "3"}, {"key": "Team", "value": "blue"}]},
    "UntagResource": {"tagKeys": ["Site", "Line"]},
}
#: The malformed bodies that are sent where there is no time for all.
_MALFORMED = ("trailing-garbage", "two-documents", "unclosed", "nan")
#: What most targets reject before they look at the operation, in the same way.
_UNUSUAL = (
    "other-content-type",
    "missing-content-type",
    "other-method",
    "other-path",
    "miscased-target",
    "wrong-prefix",
)
_WRONGLY_SIGNED = ("wrong-secret", "missing", "unknown-key", "expired", "body-altered")
_FEW_UNUSUAL = ("content-type-json", "content-type-missing", "method-put", "other-path", "target-lower-case")


@lru_cache(maxsize=16)  # the self-check runs these cases hundreds of times
def _violating(contract: Contract, operation: str, *, thorough: bool) -> tuple[Request, ...]:
    return tuple(rejected.violating(contract, operation, _EFFECTS[operation], thorough=thorough))


def _malformed(client: ScenarioClient, situations: Collection[str], few: Collection[str]) -> list[RawRequest]:
    """Calls of OpenTunnel in these situations, or few of them where there is no time for all."""
    contract = client.session.contract
    body = {**full_body(contract, "OpenTunnel"), "description": _MARK}
    calls = rejected.malformed_calls(contract, "OpenTunnel", body, situations)
    return [call for call in calls if client.thorough or call.name in few]


def _require_no_tunnel(client: ScenarioClient, calls: Sequence[Request | RawRequest]) -> None:
    require_unchanged(client, try_opening(client, _MARK), calls, shared=True)


def _rejected_calls(operation: str) -> Steps:
    def steps(client: ScenarioClient) -> None:
        calls = _violating(client.session.contract, operation, thorough=client.thorough)
        if operation == "OpenTunnel":
            _require_no_tunnel(client, [*calls, *_malformed(client, ("malformed-json",), _MALFORMED)])
        else:
            require_unchanged(client, try_on_tunnel(client, _OPENING), calls)

    steps.__doc__ = f"{operation} must change nothing where it rejects a call."
    return steps


for _operation in _EFFECTS:
    _steps = _rejected_calls(_operation)
    scenario(f"atomicity/{_operation}/rejected-calls", rules.UNCHANGED, checks=("validation/decision",))(_steps)


def _wrongly_signed(client: ScenarioClient) -> list[RawRequest]:
    """Calls of OpenTunnel with these wrong signatures, or one of them where there is no time for all."""
    contract = client.session.contract
    body = json.dumps({**full_body(contract, "OpenTunnel"), "description": _MARK}).encode()
    calls = signatures.wrong(contract, replace(signatures.right(contract, "OpenTunnel"), body=body))
    return [call for call in calls if call.name in (_WRONGLY_SIGNED if client.thorough else _WRONGLY_SIGNED[:1])]


@scenario("atomicity/OpenTunnel/unusual-requests", rules.UNCHANGED)
def unusual_requests(client: ScenarioClient) -> None:
    """A request with another method, path, target, content type or signature must open no tunnel where it is
    rejected."""
    _require_no_tunnel(client, [*_malformed(client, _UNUSUAL, _FEW_UNUSUAL), *_wrongly_signed(client)])
