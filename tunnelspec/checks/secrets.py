"""Access tokens appear where they are issued and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.verdict import Axis, Level


@check("secrets/not-in-errors", level=Level.MUST, axis=Axis.SAFETY, cites=("model", "smithy-sensitive"))
def not_in_errors(context: CheckContext) -> Iterator[Yielded]:
    """No error tells a sensitive value that the service issued earlier: errors end up in logs."""
    if context.answer.status >= 400 and _leaks(context):
        yield "an error without any token", "a token that was issued earlier"


@check("secrets/not-again", level=Level.MUST, axis=Axis.SAFETY, cites=("model", "smithy-sensitive"))
def not_again(context: CheckContext) -> Iterator[Yielded]:
    """A token is told once, by the call that issues it: no later answer repeats it."""
    if context.answer.accepted and _leaks(context):
        yield "no token that was issued earlier", "a token that was issued earlier"


def _leaks(context: CheckContext) -> bool:
    body = context.answer.response.body
    return any(secret.encode() in body for secret in context.exchange.secrets)
