"""Conforming variants of what identifies: ids, ARNs and request ids that look unlike AWS's."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import uuid4

from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, HttpResponse, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.faults.base import UNSPECIFIED, Variant
from tunnelspec.faults.stores import with_arns, with_ids


class ShortIds(Variant, why="The pattern allows them."):
    """Ids are numbers that count up from 1, so that a shortened id is often another tunnel's."""

    def make_store(self) -> Store:
        return with_ids(self, str)


class IdsOfColons(Variant, why="The pattern allows them."):
    """Ids consist of colons, signs and capitals, and every other one extends the one before it."""

    def make_store(self) -> Store:
        return with_ids(self, lambda n: f"T:{n // 2:04X}" + "+=" * (n % 2))


class RequestIdsCountUp(Variant, why=UNSPECIFIED):
    """Request ids are numbers that count up."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        self.numbers = count(1)
        super().__init__(contract, **options)

    def response(self, status: int, body: bytes) -> HttpResponse:
        return super().response(status, body).set_header("x-amzn-RequestId", str(next(self.numbers)))


class ForeignArnsInvalid(Variant, why="Any error may be returned for the ARN of something else."):
    """A call about an ARN of another account, region or service is an invalid request."""

    def find_arn(self, arn: str) -> Tunnel:
        if not arn.startswith(f"arn:aws:iot:{self.region}:{self.account}:"):
            raise ApiError("InvalidRequestException", "The ARN is not valid")
        return super().find_arn(arn)


class TokensAlike(Variant, why=UNSPECIFIED):
    """Access tokens begin with the same 200 characters."""

    def new_token(self) -> str:
        return "AQGA" * 50 + super().new_token()[-40:]


class TokensOfThirtyTwoDigits(Variant, why="128 bits are enough."):
    """Access tokens are random UUIDs without dashes."""

    def new_token(self) -> str:
        return uuid4().hex


class PartitionOfChina(Variant, why="The partition is not always aws."):
    """ARNs are of another partition."""

    def make_store(self) -> Store:
        return with_arns(self, f"arn:aws-cn:iot:{self.region}:{self.account}:tunnel/")
