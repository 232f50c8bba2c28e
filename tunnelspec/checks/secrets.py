"""Access tokens appear where they are issued and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.checks.registry import CheckContext, Yielded, check
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


def _leaks(context: CheckContext) -> bool:
    body = context.response.body
    return any(secret.encode() in body for secret in context.exchange.secrets)
