"""Faults of identity: what resembles an identifier is taken for it, and what must be issued once is issued twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from itertools import count

from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import IDENTITY
from tunnelspec.faults.rows import Faults
from tunnelspec.faults.stores import with_arns, with_ids
from tunnelspec.verdict import Level

found = Faults("identity", IDENTITY, "identity/")
issued = Faults("identity", IDENTITY, "identity/OpenTunnel/unique-")
weak = Faults("identity", IDENTITY, "identity/OpenTunnel/", level=Level.SHOULD)

# Tunnels that are found by what is not quite their id or ARN.


def _alike(self: Emulator, tunnel_id: str, is_alike: Callable[[str, str], bool]) -> str:
    """The id of the newest tunnel that is alike, if no tunnel has this id; else the id itself."""
    alike = [tunnel.id for tunnel in self.store.newest_first() if is_alike(tunnel.id, tunnel_id)]
    return alike[0] if alike and self.store.get(tunnel_id) is None else tunnel_id


def _same_whatever_case(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _loose_id(name: str, operation: str, sentence: str, is_alike: Callable[[str, str], bool]) -> None:
    """Seed a fault: an operation finds a tunnel by an id for which `is_alike(its id, that id)` is true."""

    def perform(call: Callable[[str, Params], Params], self: Emulator, performed: str, params: Params) -> Params:
        if performed == operation:
            params = {**params, "tunnelId": _alike(self, params["tunnelId"], is_alike)}
        return call(performed, params)

    found(name, f"{operation}/near-misses", sentence).around(Emulator.perform, perform)


_loose_id("id-by-prefix", "DescribeTunnel", "DescribeTunnel finds an id by its beginning.", str.startswith)
_loose_id("id-whatever-case", "CloseTunnel", "CloseTunnel ignores the case of ids.", _same_whatever_case)
_loose_id(
    "id-cut",
    "RotateTunnelAccessToken",
    "RotateTunnelAccessToken compares the first 36 characters of ids.",
    lambda one, other: one == other[:36],
)


class RejectedAfterClosing(Fault, killer="identity/CloseTunnel/near-misses", defect_class=IDENTITY):
    """CloseTunnel closes the tunnel whose id it rejects because of its case."""

    def close_tunnel(self, params: Params) -> Params:
        alike = _alike(self, params["tunnelId"], _same_whatever_case)
        if alike != params["tunnelId"]:
            self.store.close(self.find(alike))
        return super().close_tunnel(params)


def _loose_arn(name: str, operation: str, sentence: str, prefix: str) -> None:
    """Seed a fault: an operation finds ARNs that begin so by what stands after their last slash."""

    def perform(call: Callable[[str, Params], Params], self: Emulator, performed: str, params: Params) -> Params:
        if performed == operation:
            arn = params["resourceArn"]
            tunnel = self.store.get(arn.rpartition("/")[2])
            if tunnel is not None and arn.startswith(prefix.format(self)):
                params = {**params, "resourceArn": tunnel.arn}
        return call(performed, params)

    found(name, f"{operation}/near-misses", sentence).around(Emulator.perform, perform)


_loose_arn("arn-by-its-end", "ListTagsForResource", "ListTagsForResource reads the id of an ARN alone.", "")
_loose_arn("arn-of-any-account", "TagResource", "TagResource ignores an ARN's account.", "arn:aws:iot:{0.region}:")
_loose_arn(
    "arn-of-any-type",
    "UntagResource",
    "UntagResource ignores the resource type of an ARN.",
    "arn:aws:iot:{0.region}:{0.account}:",
)
found("arn-whatever-case", "*/near-misses", "The case of the id in an ARN does not count.").around(
    Emulator.find_arn, lambda call, self, arn: call("/".join([*arn.split("/")[:-1], arn.rpartition("/")[2].lower()]))
)

# The form of an ARN.


def _arns(name: str, sentence: str, prefix: str) -> None:
    """Seed a fault: ARNs begin so."""
    weak(name, "arn-form", sentence).around(
        Emulator.make_store, lambda call, self: with_arns(self, prefix.format(self))
    )


_arns("stale-arns", "ARNs have the form of an old API reference.", "arn:aws:tunnel:{0.region}:{0.account}:tunnel/")
_arns("arns-of-another-service", "ARNs name instances of EC2.", "arn:aws:ec2:{0.region}:{0.account}:instance/")
_arns(
    "arns-of-one-region",
    "ARNs have the region of the server's configuration, not that of the request.",
    "arn:aws:iot:ap-southeast-2:{0.account}:tunnel/",
)

# What is issued once.


def _id_of_the_second(second: int, number: int) -> str:
    return f"{second:x}-0000-{number % 8}"


issued("ids-of-one-digit", "identifiers", "Ids are numbers that begin again after ten tunnels.").around(
    Emulator.make_store, lambda call, self: with_ids(self, lambda number: f"tunnel-{number % 10}")
)
issued("ids-of-the-second", "identifiers", "Ids are the second of the start and a number below eight.").around(
    Emulator.make_store, lambda call, self: with_ids(self, partial(_id_of_the_second, int(self.clock())))
)


class ArnsComeAgain(Fault, killer="identity/OpenTunnel/unique-identifiers", defect_class=IDENTITY):
    """Every eighth tunnel has the ARN of the first."""

    arns = remembered(list[str])

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        self.arns.append(output["tunnelArn"])
        return {**output, "tunnelArn": self.arns[0]} if len(self.arns) % 8 == 0 else output


def _tokens(name: str, sentence: str, token: Callable[[int, float], str]) -> None:
    """Seed a fault: access tokens are made of their number and of the time, in seconds."""
    numbers = count()
    issued(name, "access-tokens", sentence).around(
        Emulator.new_token, lambda call, self: token(next(numbers), self.clock())
    )


_tokens(
    "tokens-by-the-number",
    "Access tokens are a digest of their number, which has four bits.",
    lambda number, now: sha256(bytes([number % 16])).hexdigest(),
)
_tokens(
    "tokens-of-the-minute",
    "Access tokens are a digest of the hour, with a number below 20.",
    lambda number, now: f"{sha256(str(int(now // 3600)).encode()).hexdigest()}{number % 20:02}",
)


class TokensAfterTheTunnel(Fault, killer="identity/OpenTunnel/unique-access-tokens", defect_class=IDENTITY):
    """A tunnel gets the destination token of one that was deleted long ago."""

    free = remembered(list[str])

    def delete(self, tunnel: Tunnel) -> None:
        self.free.append(tunnel.tokens["destination"])
        super().delete(tunnel)

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        return {**output, "destinationAccessToken": self.free.pop(0)} if len(self.free) > 8 else output


def _request_ids(name: str, sentence: str, request_id: Callable[[int, float], str]) -> None:
    """Seed a fault: request ids are made of their number and of the time, in seconds."""
    numbers = count()
    weak(name, "unique-request-ids", sentence).after(
        Emulator.response,
        lambda response, self, status, body: response.set_header(
            "x-amzn-RequestId", request_id(next(numbers), self.clock())
        ),
    )


_request_ids(
    "one-request-id",
    "Every response has the same request id.",
    lambda number, now: "00000000-0000-4000-8000-000000000000",
)
_request_ids("request-ids-of-the-second", "Request ids are the time in seconds.", lambda number, now: str(int(now)))
_request_ids("request-ids-of-four-bits", "Request ids have four bits.", lambda number, now: f"{number % 16:02x}")
