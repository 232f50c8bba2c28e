"""Rejected calls of each operation that changes something: afterwards everything must be as before."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.malformed import malformed, placeholders
from tunnelspec.contract.minimal import full_body
from tunnelspec.exchange import Live, RawRequest, Request
from tunnelspec.model import rules
from tunnelspec.scenario.atomicity import find_change, try_on_tunnel, try_opening
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import Steps, scenario
from tunnelspec.strategies import boundary

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
_FEW_UNUSUAL = ("content-type-json", "content-type-missing", "method-put", "other-path", "target-lower-case")


@lru_cache(maxsize=16)  # the self-check runs these cases hundreds of times
def _violating(contract: Contract, operation: str, *, thorough: bool) -> tuple[Request, ...]:
    """One request for each constraint, or all, about the tunnel `t1`."""
    done: set[str] = set()
    requests: list[Request] = []
    for variant in boundary.cases(contract, operation):
        request = variant.request
        if not request.breaks or contract.situations[request.situation].decision != "reject":
            continue
        if thorough or request.breaks[0] not in done:
            done.add(request.breaks[0])
            body = _with_effect(contract, operation, request)
            requests.append(Request(operation, _about(body, "t1"), request.situation, request.breaks))
    return tuple(requests)


def _with_effect(contract: Contract, operation: str, request: Request) -> dict[str, object]:
    """The body with members that have an effect, as long as it violates the same constraints."""
    body = dict(request.body)
    for name, effect in _EFFECTS[operation].items():
        there = body.get(name)
        both = [*effect, *there] if isinstance(effect, list) and isinstance(there, list) and there else None
        for value in (both, effect if name not in body else None):
            fuller = {**body, name: value}
            if value is not None and classify(contract, operation, fuller).breaks == request.breaks:
                body = fuller
                break
    return body


def _about(value: Any, name: str) -> Any:
    """A body whose placeholders stand for identifiers of the tunnel of this name."""
    if isinstance(value, Live):
        return Live(name, value.member)
    if isinstance(value, Mapping):
        return {key: _about(inner, name) for key, inner in value.items()}
    return [_about(inner, name) for inner in value] if isinstance(value, list) else value


def _raw_openings(contract: Contract, situations: Collection[str], few: Collection[str] | None) -> Iterator[RawRequest]:
    """The requests of the list in these situations, or few of them, each with a whole body of OpenTunnel."""
    body = {**full_body(contract, "OpenTunnel"), "description": _MARK}
    values = placeholders(contract, "OpenTunnel", body)
    for case in malformed():
        if case.situation in situations and (few is None or case.name in few):
            headers = case.filled_headers(values)
            text = case.filled_body(values) if case.situation == "malformed-json" else json.dumps(body).encode()
            yield RawRequest(text, "OpenTunnel", headers, case.situation, case.method, case.path, name=case.name)


def _rejected_calls(operation: str) -> Steps:
    def steps(client: ScenarioClient) -> None:
        contract = client.session.contract
        calls: list[Request | RawRequest] = [*_violating(contract, operation, thorough=client.thorough)]
        if operation == "OpenTunnel":
            calls += _raw_openings(contract, ("malformed-json",), None if client.thorough else _MALFORMED)
            attempt = try_opening(client, client.number("ListTunnels", "maxResults"), _MARK)
        else:
            attempt = try_on_tunnel(client, _OPENING)
        change = find_change(attempt, calls, shared=operation == "OpenTunnel")
        client.confirmed += [change] if change is not None else []

    steps.__doc__ = f"{operation} must change nothing where it rejects a call."
    return steps


for _operation in _EFFECTS:
    _steps = _rejected_calls(_operation)
    scenario(f"atomicity/{_operation}/rejected-calls", rules.UNCHANGED, checks=("validation/decision",))(_steps)


@scenario("atomicity/OpenTunnel/unusual-requests", rules.UNCHANGED)
def unusual_requests(client: ScenarioClient) -> None:
    """A request with another method, path, target or content type must open no tunnel where it is rejected."""
    calls = _raw_openings(client.session.contract, _UNUSUAL, None if client.thorough else _FEW_UNUSUAL)
    attempt = try_opening(client, client.number("ListTunnels", "maxResults"), _MARK)
    change = find_change(attempt, [*calls], shared=True)
    client.confirmed += [change] if change is not None else []
