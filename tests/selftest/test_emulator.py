"""The emulator as boto3 sees it: every operation, every modelled error, signatures verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve

_KEYS = {"AKIDEXAMPLE": "a-secret-for-this-test"}
_UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Clock:
    """A clock that tests move; epoch seconds, starting now so that signatures are in time."""

    def __init__(self) -> None:
        import time

        self.offset = 0.0
        self._time = time.time

    def __call__(self) -> float:
        return self._time() + self.offset


@pytest.fixture
def emulator(contract: Contract) -> Emulator:
    """An emulator that verifies signatures and admits three open tunnels."""
    return Emulator(contract, clock=Clock(), credentials=_KEYS, max_open_tunnels=3)


@pytest.fixture
def url(emulator: Emulator) -> Iterator[str]:
    """Where it listens."""
    with serve(emulator) as server:
        yield server.url


def client(url: str, secret: str = _KEYS["AKIDEXAMPLE"], region: str = "us-east-1", key: str = "AKIDEXAMPLE") -> Any:
    """A real boto3 client that does not retry."""
    return boto3.client(
        "iotsecuretunneling",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}),
    )


def test_every_operation(url: str) -> None:
    """A tunnel's whole life."""
    service = client(url)
    opened = service.open_tunnel(
        description="été 𝔘",
        tags=[{"key": "Site", "value": ""}],
        destinationConfig={"thingName": "pump-7", "services": ["SSH"]},
        timeoutConfig={"maxLifetimeTimeoutMinutes": 5},
    )
    tunnel = service.describe_tunnel(tunnelId=opened["tunnelId"])["tunnel"]
    assert tunnel["status"] == "OPEN"
    assert tunnel["description"] == "été 𝔘"
    assert tunnel["timeoutConfig"] == {"maxLifetimeTimeoutMinutes": 5}
    assert tunnel["sourceConnectionState"]["status"] == "DISCONNECTED"
    rotated = service.rotate_tunnel_access_token(tunnelId=opened["tunnelId"], clientMode="SOURCE")
    assert rotated["sourceAccessToken"] != opened["sourceAccessToken"]
    assert "destinationAccessToken" not in rotated
    service.tag_resource(resourceArn=opened["tunnelArn"], tags=[{"key": "Site", "value": "B"}])
    listed = service.list_tags_for_resource(resourceArn=opened["tunnelArn"])
    assert listed["tags"] == [{"key": "Site", "value": "B"}]
    service.untag_resource(resourceArn=opened["tunnelArn"], tagKeys=["Site", "absent"])
    assert service.list_tags_for_resource(resourceArn=opened["tunnelArn"])["tags"] == []
    service.close_tunnel(tunnelId=opened["tunnelId"])
    assert service.describe_tunnel(tunnelId=opened["tunnelId"])["tunnel"]["status"] == "CLOSED"
    service.close_tunnel(tunnelId=opened["tunnelId"], delete=True)
    assert service.list_tunnels()["tunnelSummaries"] == []


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("describe_tunnel", {"tunnelId": _UNKNOWN}),
        ("close_tunnel", {"tunnelId": _UNKNOWN}),
        ("rotate_tunnel_access_token", {"tunnelId": _UNKNOWN, "clientMode": "ALL"}),
        ("list_tags_for_resource", {"resourceArn": f"arn:aws:iot:us-east-1:123456789012:tunnel/{_UNKNOWN}"}),
        (
            "tag_resource",
            {"resourceArn": "arn:aws:iot:us-east-1:1:tunnel/x", "tags": [{"key": "a", "value": "b"}]},
        ),
        ("untag_resource", {"resourceArn": "not-an-arn", "tagKeys": []}),
    ],
)
def test_unknown_resources(url: str, method: str, arguments: dict[str, Any]) -> None:
    """ResourceNotFoundException, as boto3's own class."""
    service = client(url)
    with pytest.raises(service.exceptions.ResourceNotFoundException):
        getattr(service, method)(**arguments)


def test_limit_exceeded(url: str) -> None:
    """LimitExceededException, as boto3's own class."""
    service = client(url)
    for _ in range(3):
        service.open_tunnel()
    with pytest.raises(service.exceptions.LimitExceededException):
        service.open_tunnel()


def test_a_tunnel_closes_when_its_time_is_over(emulator: Emulator, url: str) -> None:
    """One minute is over after a minute."""
    service = client(url)
    opened = service.open_tunnel(timeoutConfig={"maxLifetimeTimeoutMinutes": 1})
    clock = emulator.store.clock
    assert isinstance(clock, Clock)
    clock.offset = 59
    assert service.describe_tunnel(tunnelId=opened["tunnelId"])["tunnel"]["status"] == "OPEN"
    clock.offset = 61
    assert service.describe_tunnel(tunnelId=opened["tunnelId"])["tunnel"]["status"] == "CLOSED"


def test_pages_are_disjoint_and_complete(contract: Contract) -> None:
    """A walk sees every tunnel of the filter once, the newest first."""
    emulator = Emulator(contract)
    with serve(emulator) as server:
        service = client(server.url)
        ids = [
            service.open_tunnel(destinationConfig={"thingName": "a", "services": ["x"]})["tunnelId"] for _ in range(7)
        ]
        service.open_tunnel()
        seen: list[str] = []
        page = service.list_tunnels(thingName="a", maxResults=3)
        while True:
            seen += [item["tunnelId"] for item in page["tunnelSummaries"]]
            if "nextToken" not in page:
                break
            page = service.list_tunnels(thingName="a", maxResults=3, nextToken=page["nextToken"])
        assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "another-secret"}, "InvalidSignatureException"),
        ({"region": "eu-central-1"}, "InvalidSignatureException"),
        ({"key": "AKIDUNKNOWN"}, "UnrecognizedClientException"),
    ],
)
def test_wrong_signatures_are_refused(url: str, changes: dict[str, str], code: str) -> None:
    """By AWS's codes."""
    with pytest.raises(ClientError) as caught:
        client(url, **changes).list_tunnels()
    assert caught.value.response["Error"]["Code"] == code


def test_old_signatures_are_refused(emulator: Emulator, url: str) -> None:
    """More than a quarter of an hour is too long."""
    clock = emulator.store.clock
    assert isinstance(clock, Clock)
    clock.offset = 1000
    with pytest.raises(ClientError, match="Signature expired"):
        client(url).list_tunnels()


def test_missing_and_malformed_authorization(contract: Contract) -> None:
    """No header, and a header of something else."""
    import requests

    target = next(iter(contract.operations.values())).target
    headers = {"Content-Type": contract.service.content_type, "X-Amz-Target": target}
    with serve(Emulator(contract, credentials=_KEYS)) as server:
        for header, code in (
            ({}, "MissingAuthenticationTokenException"),
            ({"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, "IncompleteSignatureException"),
            ({"Authorization": "Bearer x"}, "MissingAuthenticationTokenException"),
        ):
            answer = requests.post(server.url, data=b"{}", headers={**headers, **header}, timeout=5)
            assert answer.json()["__type"] == code
