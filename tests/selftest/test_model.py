"""The model takes any JSON value in any place of a response, and follows a target where AWS's sources are silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import Response
from tunnelspec.model import LIFECYCLE, OPERATIONS, RULES, Expectation, Model, Status
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.session import Session
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.runner import Call
from tunnelspec.strict_json import Json

#: Each JSON type, empty and not, and numbers beyond a float.
_VALUES: tuple[Json, ...] = (None, True, 7, 10**400, -1.5, "", "text", [], [{}], ["text", 7, None], {}, {"key": [1]})


@pytest.fixture(scope="module")
def calls(contract: Contract) -> list[Call]:
    """A sequence of calls of all operations, each response full of members."""
    client = ScenarioClient(Session(contract, DirectSender(Emulator(contract))))
    for _ in range(2):
        client.open(
            description="pump 7",
            destinationConfig={"thingName": client.thing, "services": ["SSH"]},
            tags=[{"key": "Site", "value": "Hall 3"}],
        )
    client.rotate("t1", "ALL", destinationConfig={"services": ["VNC"]})
    client.describe("t1")
    client.describe("t2")
    client.tag("t2", {"Line": "2"})
    client.untag("t2", "Site")
    client.list_tags("t2")
    client.walk(thing=client.thing, size=1)
    client.close_tunnel("t1")
    client.describe("t1")
    assert {call.operation for call in client.calls} == OPERATIONS
    assert client.evidence == []
    return client.calls


def _variants(value: Json) -> Iterator[Json]:
    """The value with each place in it, and itself, replaced by each JSON type."""
    yield from _VALUES
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: variant} for variant in _variants(inner))
            yield {name: other for name, other in value.items() if name != key}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], variant, *value[index + 1 :]] for variant in _variants(inner))


def test_any_json_in_any_place_of_a_response_is_handled(contract: Contract, calls: list[Call]) -> None:
    """No response makes the model raise, neither when it arrives nor at the calls after it."""
    for index, changed in enumerate(calls):
        for variant in _variants(changed.response.json):
            model = Model(contract)
            for position, call in enumerate(calls):
                response = call.response
                if position == index:
                    response = Response(200, response.headers, json.dumps(variant).encode())
                found = list(model.check(call.operation, call.body, response, 0.0)) if position >= index else []
                assert all(mismatch.rule.id in RULES and mismatch.observation for mismatch in found)
                model.apply(call.operation, call.body, response, 0.0)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("call", LIFECYCLE)
def test_the_lifecycle_table_is_what_the_model_does(call: str, status: Status, contract: Contract) -> None:
    """What each call must do in each status, and the status after it."""
    model = Model(contract)
    opened = Response(200, (), b'{"tunnelId": "t", "tunnelArn": "arn"}')
    model.apply("OpenTunnel", {}, opened, 0.0)
    tunnel = model.state.tunnels["t"]
    tunnel.status = status
    operation, _, delete = call.partition(", ")
    body: dict[str, Any] = {"resourceArn": "arn"} if operation.endswith("Resource") else {"tunnelId": "t"}
    members: dict[str, dict[str, Any]] = {
        "TagResource": {"tags": [{"key": "k", "value": "v"}]},
        "UntagResource": {"tagKeys": ["k"]},
    }
    body |= members.get(operation, {})
    body |= {"clientMode": "ALL"} if operation == "RotateTunnelAccessToken" else {}
    body |= {"delete": True} if delete else {}
    assert model.expected(operation, body) is LIFECYCLE[call][status].expectation
    model.apply(operation, body, Response(200, (), b"{}"), 0.0)
    assert tunnel.status is LIFECYCLE[call][status].next


def test_a_rejected_call_changes_nothing(contract: Contract) -> None:
    """The model stays as it is, and reports the rejection of a call that must succeed."""
    model = Model(contract)
    model.apply("OpenTunnel", {}, Response(200, (), b'{"tunnelId": "t", "tunnelArn": "a"}'), 0.0)
    rejected = Response(400, (), b'{"__type": "ValidationException"}')
    body = {"tunnelId": "t", "delete": True}
    (mismatch,) = model.check("CloseTunnel", body, rejected, 0.0)
    assert mismatch.rule.id == "behaviour/accepted"
    model.apply("CloseTunnel", body, rejected, 0.0)
    assert model.state.tunnels["t"].status is Status.OPEN


def test_only_an_issued_page_token_must_be_accepted(contract: Contract) -> None:
    """With the filter and the page size of the request that returned it."""
    model = Model(contract)
    page = Response(200, (), b'{"tunnelSummaries": [], "nextToken": "next"}')
    model.apply("ListTunnels", {"maxResults": 1}, page, 0.0)
    assert model.expected("ListTunnels", {"maxResults": 1, "nextToken": "next"}) is Expectation.ACCEPT
    assert model.expected("ListTunnels", {"maxResults": 2, "nextToken": "next"}) is Expectation.EITHER
    assert model.expected("ListTunnels", {"maxResults": 1, "nextToken": "other"}) is Expectation.EITHER
