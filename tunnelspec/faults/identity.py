"""Faults of identity: what resembles an identifier is taken for it, and what must be issued once is issued twice."""

from __future__ import annotations

from abc import abstractmethod
from hashlib import sha256
from itertools import count
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.emulator import HttpResponse, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import IDENTITY
from tunnelspec.faults.stores import with_arns, with_ids
from tunnelspec.verdict import Level


def _near(operation: str) -> str:
    return f"identity/{operation}/near-misses"


class _Identity(Fault, defect_class=IDENTITY): ...


# Names of tunnels.


class _LooseId(_Identity):
    """Finds a tunnel by an id that is not quite its own, in one operation."""

    operation = ""

    @abstractmethod
    def is_alike(self, tunnel: Tunnel, tunnel_id: str) -> bool:
        """Whether this id is taken for the tunnel's."""

    def _alike(self, params: Params) -> Params:
        name = params["tunnelId"]
        alike = [tunnel for tunnel in self.store.newest_first() if self.is_alike(tunnel, name)]
        return {**params, "tunnelId": alike[0].id} if alike and self.store.get(name) is None else params


class IdByPrefix(_LooseId, killer=_near("DescribeTunnel")):
    """DescribeTunnel returns the tunnel whose id begins with the given one."""

    def is_alike(self, tunnel: Tunnel, tunnel_id: str) -> bool:
        return tunnel.id.startswith(tunnel_id)

    def describe_tunnel(self, params: Params) -> Params:
        return super().describe_tunnel(self._alike(params))


class IdWhateverCase(_LooseId, killer=_near("CloseTunnel")):
    """CloseTunnel ignores the case of ids."""

    def is_alike(self, tunnel: Tunnel, tunnel_id: str) -> bool:
        return tunnel.id.lower() == tunnel_id.lower()

    def close_tunnel(self, params: Params) -> Params:
        return super().close_tunnel(self._alike(params))


class IdCut(_LooseId, killer=_near("RotateTunnelAccessToken")):
    """RotateTunnelAccessToken compares the first 36 characters of ids."""

    def is_alike(self, tunnel: Tunnel, tunnel_id: str) -> bool:
        return tunnel.id == tunnel_id[:36]

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        return super().rotate_tunnel_access_token(self._alike(params))


class _LooseArn(_Identity):
    """Finds a tunnel by what stands after the last slash of an ARN."""

    def _by_name(self, params: Params) -> Params:
        tunnel = self.store.get(params["resourceArn"].rpartition("/")[2])
        return {**params, "resourceArn": tunnel.arn} if tunnel is not None else params


class ArnByItsEnd(_LooseArn, killer=_near("ListTagsForResource")):
    """ListTagsForResource reads the id of an ARN and nothing else of it."""

    def list_tags_for_resource(self, params: Params) -> Params:
        return super().list_tags_for_resource(self._by_name(params))


class ArnWhateverCase(_Identity, killer=_near("*")):
    """The case of the id in an ARN does not count."""

    def find_arn(self, arn: str) -> Tunnel:
        start, slash, name = arn.rpartition("/")
        return super().find_arn(start + slash + name.lower())


class ArnOfAnyAccount(_LooseArn, killer=_near("TagResource")):
    """TagResource ignores the account of an ARN."""

    def tag_resource(self, params: Params) -> Params:
        is_tunnel = params["resourceArn"].startswith(f"arn:aws:iot:{self.region}:")
        return super().tag_resource(self._by_name(params) if is_tunnel else params)


class ArnOfAnyType(_LooseArn, killer=_near("UntagResource")):
    """UntagResource ignores the resource type of an ARN."""

    def untag_resource(self, params: Params) -> Params:
        is_tunnel = params["resourceArn"].startswith(f"arn:aws:iot:{self.region}:{self.account}:")
        return super().untag_resource(self._by_name(params) if is_tunnel else params)


class RejectedAfterClosing(_LooseId, killer=_near("CloseTunnel")):
    """CloseTunnel closes the tunnel whose id it rejects because of its case."""

    def is_alike(self, tunnel: Tunnel, tunnel_id: str) -> bool:
        return tunnel.id.lower() == tunnel_id.lower()

    def close_tunnel(self, params: Params) -> Params:
        alike = self._alike(params)
        if alike is not params:
            self.store.close(self.find(alike["tunnelId"]))
        return super().close_tunnel(params)


# The form of an ARN.


class _OtherArns(_Identity, level=Level.SHOULD): ...


class StaleArns(_OtherArns, killer="identity/OpenTunnel/arn-form"):
    """ARNs have the form of an old API reference, arn:aws:tunnel."""

    def make_store(self) -> Store:
        return with_arns(self, f"arn:aws:tunnel:{self.region}:{self.account}:tunnel/")


class ArnsOfAnotherService(_OtherArns, killer="identity/OpenTunnel/arn-form"):
    """ARNs name instances of EC2."""

    def make_store(self) -> Store:
        return with_arns(self, f"arn:aws:ec2:{self.region}:{self.account}:instance/")


class ArnsOfOneRegion(_OtherArns, killer="identity/OpenTunnel/arn-form"):
    """ARNs have the region of the server's configuration, not that of the request."""

    def make_store(self) -> Store:
        return with_arns(self, f"arn:aws:iot:ap-southeast-2:{self.account}:tunnel/")


# What is issued once.


class _Counting(_Identity):
    """Counts what it issues."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        self.numbers = count()
        super().__init__(contract, **options)


class IdsOfOneDigit(_Identity, killer="identity/OpenTunnel/unique-identifiers"):
    """Ids are numbers that begin again after ten tunnels."""

    def make_store(self) -> Store:
        return with_ids(self, lambda number: f"tunnel-{number % 10}")


class IdsOfTheSecond(_Identity, killer="identity/OpenTunnel/unique-identifiers"):
    """Ids are the second of the server's start and a number below eight."""

    def make_store(self) -> Store:
        started = int(self.clock())
        return with_ids(self, lambda number: f"{started:x}-0000-{number % 8}")


class ArnsComeAgain(_Counting, killer="identity/OpenTunnel/unique-identifiers"):
    """Every eighth tunnel has the ARN of the first."""

    first = ""

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        self.first = self.first or output["tunnelArn"]
        return {**output, "tunnelArn": self.first} if next(self.numbers) % 8 == 7 else output


class TokensByTheNumber(_Counting, killer="identity/OpenTunnel/unique-access-tokens"):
    """Access tokens are a digest of their number, which has four bits."""

    def new_token(self) -> str:
        return sha256(bytes([next(self.numbers) % 16])).hexdigest()


class TokensOfTheMinute(_Counting, killer="identity/OpenTunnel/unique-access-tokens"):
    """Access tokens are a digest of the hour, with a number below 20."""

    def new_token(self) -> str:
        return f"{sha256(str(int(self.clock() // 3600)).encode()).hexdigest()}{next(self.numbers) % 20:02}"


class TokensAfterTheTunnel(_Counting, killer="identity/OpenTunnel/unique-access-tokens"):
    """A tunnel gets the destination token of one that was deleted long ago."""

    def set_up(self) -> None:
        super().set_up()
        self.free: list[str] = []

    def delete(self, tunnel: Tunnel) -> None:
        self.free.append(tunnel.tokens["destination"])
        super().delete(tunnel)

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        if len(self.free) > 8:
            output["destinationAccessToken"] = self.free.pop(0)
        return output


class _RequestIds(_Counting, level=Level.SHOULD):
    @abstractmethod
    def request_id(self) -> str:
        """The id of the next response."""

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("x-amzn-RequestId", self.request_id())


class OneRequestId(_RequestIds, killer="identity/OpenTunnel/unique-request-ids"):
    """Every response has the same request id."""

    def request_id(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


class RequestIdsOfTheSecond(_RequestIds, killer="identity/OpenTunnel/unique-request-ids"):
    """Request ids are the time in seconds."""

    def request_id(self) -> str:
        return str(int(self.clock()))


class RequestIdsOfFourBits(_RequestIds, killer="identity/OpenTunnel/unique-request-ids"):
    """Request ids count up in four bits."""

    def request_id(self) -> str:
        return f"{next(self.numbers) % 16:02x}"
