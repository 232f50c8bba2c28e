"""Access tokens appear where they are issued and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.contract.sensitive import STRONG_BITS, capacity_bits, differing, secrets_in, strength_bits
from tunnelspec.verdict import Axis, Kind, Level

_CITES = ("model", "smithy-sensitive")


@check("secrets/not-in-errors", level=Level.MUST, axis=Axis.SAFETY, kind=Kind.LEAK, cites=_CITES)
def not_in_errors(context: CheckContext) -> Iterator[Yielded]:
    """An error must not contain a sensitive value that the service issued: errors end up in logs."""
    if context.response.status >= 400 and _leaks(context):
        yield "an error must not contain an access token", "it contains a token that was issued earlier"


@check("secrets/not-again", level=Level.MUST, axis=Axis.SAFETY, kind=Kind.LEAK, cites=_CITES)
def not_again(context: CheckContext) -> Iterator[Yielded]:
    """An access token is returned once, by the call that issues it; no later response may repeat it."""
    if context.response.accepted and _leaks(context):
        yield "no later response may contain an access token", "it contains a token that was issued earlier"


@check("secrets/strong", level=Level.SHOULD, axis=Axis.SAFETY, kind=Kind.LEAK, cites=("rfc6749-10.10",))
def strong(context: CheckContext) -> Iterator[Yielded]:
    """An access token should be long and random: whoever guesses it connects to the tunnel.

    A token is short if fewer than 2 to the power of 64 have its length and kinds of characters, repetitive if it has
    half as many bits by the frequencies of its own, and near another of the same response if what differs has that
    few. RFC 6749 requires 128 bits of OAuth's tokens.
    """
    values = [value for _, value in secrets_in(context.exchange, context.contract)]
    if not context.response.accepted or not values:
        return
    parts = [differing(value, other) for value in values for other in values if value != other]
    is_short = any(capacity_bits(value) < STRONG_BITS for value in values)
    is_repetitive = any(strength_bits(value) < STRONG_BITS / 2 for value in values)
    if is_short or is_repetitive or any(capacity_bits(part) < STRONG_BITS / 2 for part in parts):
        yield (
            f"an access token should have {STRONG_BITS} bits of entropy or more",
            f"a token of {len(min(values, key=len))} characters has fewer, or differs from another in fewer",
        )


def _leaks(context: CheckContext) -> bool:
    response, secrets = context.response, context.exchange.secrets
    if not secrets:
        return False
    fields = "\n".join(value for _, value in response.headers)
    # In a URL the padding of base64 is left out or escaped.
    parts = (secret.rstrip("=") for secret in secrets)
    return any(part.encode() in response.body or part in fields for part in parts)
