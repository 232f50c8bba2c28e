"""Requests whose signature is wrong in exactly one respect, or has another form.

One operation stands for all, since a service verifies signatures before it looks at the operation. But a server may
have a route for each operation, one of which verifies nothing: each is called without a signature.
"""

from __future__ import annotations

import json
from dataclasses import replace

from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import minimal
from tunnelspec.exchange import RawRequest, Signing

#: How far a wrong date is off where the document does not say how far clocks may be apart, in minutes.
_OFF_MINUTES = 60
#: The cases without a signature that could be read.
UNREADABLE = ("missing", "other-scheme", "malformed", "truncated")
#: The cases that need credentials with a session token.
TEMPORARY = ("token-missing", "token-wrong")


def operation(contract: Contract) -> str:
    """The operation to call: the first that requires no member and creates nothing, else the first."""
    harmless = (
        name
        for name, called in contract.operations.items()
        if contract.created_by(name) is None and not called.input.required
    )
    return next(harmless, next(iter(contract.operations)))


def right(contract: Contract, name: str | None = None) -> RawRequest:
    """The correctly signed request from which the cases differ, or that of another operation."""
    name = name or operation(contract)
    described = contract.operations[name]
    body = json.dumps(minimal(described.input, live=False), separators=(",", ":")).encode()
    return RawRequest(body, name, contract.headers(name), described.situation)


def cases(contract: Contract) -> list[RawRequest]:
    """Every wrong signature, by name; no two are wrong in the same way. Then each other operation without any."""
    usual = right(contract)
    others = [right(contract, name) for name in contract.operations if name != usual.operation]
    return [
        *wrong(contract, usual),
        *(raw for other in others for raw in wrong(contract, other) if raw.name == "missing"),
    ]


def wrong(contract: Contract, usual: RawRequest) -> list[RawRequest]:
    """A request with every wrong signature."""
    service = contract.service.signing_name
    others = [name for name in contract.operations if name != usual.operation]
    target = (("X-Amz-Target", contract.operations[others[0]].target if others else "nothing"),)
    # A bit more than twice that, since the target's clock may be off as well.
    off_s = int(125 * (contract.service.clock_skew_minutes or _OFF_MINUTES))
    ways: dict[str, tuple[str, Signing]] = {
        "missing": ("signature-missing", Signing(authorization="")),
        "other-scheme": ("signature-missing", Signing(authorization="Bearer nonsense")),
        "malformed": ("signature-incomplete", Signing(authorization="AWS4-HMAC-SHA256 nonsense")),
        "truncated": ("signature-incomplete", Signing(cut=", Signature=")),
        "shortened": ("signature-shortened", Signing(digits=8)),
        "unknown-key": ("unknown-key", Signing(unknown_key=True)),
        "wrong-secret": ("signature-wrong", Signing(wrong_secret=True)),
        "wrong-region": ("signature-out-of-scope", Signing(region="xx-nowhere-1")),
        "wrong-service": ("signature-out-of-scope", Signing(service="dynamodb")),
        "miscased-service": ("signature-out-of-scope", Signing(service=_in_other_letters(service))),
        "wrong-day": ("signature-out-of-scope", Signing(scope_days=-1)),
        "expired": ("signature-out-of-time", Signing(skew_s=-off_s)),
        "not-yet": ("signature-out-of-time", Signing(skew_s=off_s)),
        "host-unsigned": ("signature-without-host", Signing(unsigned=("host",))),
        "target-unsigned": ("signature-without-target", Signing(unsigned=("x-amz-target",))),
        "body-altered": ("signature-wrong", Signing(altered_body=usual.body + b" ")),
        "target-altered": ("signature-wrong", Signing(altered_headers=target)),
        "token-missing": ("session-token", Signing(token="")),
        "token-wrong": ("session-token", Signing(token="a-session-token-that-nobody-was-given")),
        "presigned": ("presigned", Signing(in_query=True)),
    }
    return [
        replace(usual, situation=situation, name=name, signing=signing) for name, (situation, signing) in ways.items()
    ]


def _in_other_letters(service: str) -> str:
    """The name in lower case, as SDKs and policies write it, or with its cases swapped where that is its own."""
    return service.lower() if service.lower() != service else service.swapcase()
