"""The fixture `iot_tunneling_emulator`: the bundled emulator for the tests of any project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, serve


@dataclass(frozen=True, slots=True)
class TunnelingEmulator:
    """A running emulator that verifies signatures by these credentials, and holds nothing at first."""

    endpoint_url: str
    region: str
    access_key_id: str
    secret_access_key: str

    def client(self, **options: object) -> object:
        """A boto3 client of it; `options` go to boto3. Raises ImportError where boto3 is not installed."""
        import boto3

        given = {
            "endpoint_url": self.endpoint_url,
            "region_name": self.region,
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
        }
        return boto3.client("iotsecuretunneling", **{**given, **options})


@contextmanager
def running_emulator(region: str = "us-east-1") -> Iterator[TunnelingEmulator]:
    """A new emulator on a free port of 127.0.0.1, for as long as the context lasts."""
    key, secret = "AKIDTUNNELSPECFIXTURE", "secret-of-the-fixture"
    with serve(Emulator(load(), credentials={key: secret}, region=region)) as server:
        yield TunnelingEmulator(server.url, region, key, secret)
