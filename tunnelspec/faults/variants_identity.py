"""Conforming variants of what identifies: ids, ARNs and request ids that look unlike AWS's."""

from __future__ import annotations

from itertools import count
from uuid import uuid4

from tunnelspec.emulator import Emulator
from tunnelspec.faults.base import UNSPECIFIED
from tunnelspec.faults.rows import variant
from tunnelspec.faults.stores import with_arns, with_ids

_ALLOWED = "The pattern allows them."
_numbers = count(1)


variant(
    "short-ids", _ALLOWED, "Ids are numbers that count up from 1, so that a shortened id is often another tunnel's."
).around(Emulator.make_store, lambda call, self: with_ids(self, str))
variant(
    "ids-of-colons",
    _ALLOWED,
    "Ids consist of colons, signs and capitals, and every other one extends the one before it.",
).around(
    Emulator.make_store, lambda call, self: with_ids(self, lambda number: f"T:{number // 2:04X}" + "+=" * (number % 2))
)
variant("ids-that-begin-with-a-colon", _ALLOWED, "Every other id is the one before it with a colon in front.").around(
    Emulator.make_store, lambda call, self: with_ids(self, lambda number: ":" * (number % 2) + f"{number // 2:04X}")
)
variant("partition-of-china", "The partition is not always aws.", "ARNs are of another partition.").around(
    Emulator.make_store, lambda call, self: with_arns(self, f"arn:aws-cn:iot:{self.region}:{self.account}:tunnel/")
)
variant("request-ids-count-up", UNSPECIFIED, "Request ids are numbers that count up.").after(
    Emulator.response, lambda response, self, status, body: response.set_header("x-amzn-RequestId", str(next(_numbers)))
)
variant(
    "foreign-arns-invalid",
    "Any error may be returned for the ARN of something else.",
    "A call about an ARN of another account, region or service is an invalid request.",
).refusing(
    Emulator.find_arn,
    lambda self, arn: not arn.startswith(f"arn:aws:iot:{self.region}:{self.account}:"),
    "InvalidRequestException",
)
variant("tokens-alike", UNSPECIFIED, "Access tokens begin with the same 200 characters.").after(
    Emulator.new_token, lambda token, self: "AQGA" * 50 + token[-40:]
)
variant("tokens-of-thirty-two-digits", "128 bits are enough.", "Access tokens are random UUIDs without dashes.").around(
    Emulator.new_token, lambda call, self: uuid4().hex
)
