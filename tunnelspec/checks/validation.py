"""Was the input correctly accepted or rejected, and is the error the right one?

Two questions, two checks: an emulator that correctly rejects but names the wrong error is nearer to the contract
than one that accepts, and its maintainer has something else to fix. The rows that decide are `situations` and
`errors` in `openapi/errors.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.contract.oracle import Situation
from tunnelspec.verdict import Axis, Finding, Kind, Level


@check(
    "validation/decision",
    level=Level.MUST,
    axis=Axis.DECISION,
    kind=Kind.ACCEPTED_INVALID,
    cites=("model",),
)
def decision(context: CheckContext) -> Iterator[Yielded]:
    """What the contract allows must be accepted, and what it forbids must be rejected."""
    row, response = context.row, context.response
    if row.decision == "accept" and (response.rejected or (row.is_of_http and response.status >= 500)):
        if not row.allows(response.named_error):
            # Where no error is allowed, a tolerated status is one by which HTTP itself rejects the request.
            is_tolerated = not row.codes and response.status in row.tolerated_status
            level = Level.SHOULD if is_tolerated else None
            yield _finding(
                context, "validation/decision", Axis.DECISION, Kind.REJECTED_VALID, response.summary, level=level
            )
    elif row.decision == "reject" and response.accepted:
        yield _finding(context, "validation/decision", Axis.DECISION, Kind.ACCEPTED_INVALID, response.summary)


@check(
    "validation/error-code",
    level=Level.MUST,
    axis=Axis.IDENTITY,
    kind=Kind.WRONG_ERROR,
    cites=("model",),
)
def error_code(context: CheckContext) -> Iterator[Yielded]:
    """A rejection must name the error that the situation calls for."""
    row, response = context.row, context.response
    code = response.named_error
    if not response.rejected or code is None or code in row.codes:
        return
    tolerated = row.tolerated_codes.get(code)
    if tolerated is None and (row.decision != "reject" or not row.codes):
        return
    wanted = f"the error must be {' or '.join(row.codes)}"
    yield _finding(
        context,
        "validation/error-code",
        Axis.IDENTITY,
        Kind.WRONG_ERROR,
        code,
        requirement=wanted if tolerated is None else f"{wanted} ({tolerated})",
        level=Level.SHOULD if tolerated is not None or row.code_level is Level.SHOULD else _level(row),
    )


@check(
    "validation/error-status",
    level=Level.MUST,
    axis=Axis.IDENTITY,
    kind=Kind.WRONG_STATUS,
    cites=("model",),
)
def error_status(context: CheckContext) -> Iterator[Yielded]:
    """An error must have the status of its type: 400, unless a source gives another."""
    response, row = context.response, context.row
    if not response.rejected:
        return
    known = context.contract.errors.get(response.named_error or "")
    expected = set(row.status) | ({known.status} if known else set())
    tolerated = {**row.tolerated_status, **(known.tolerated if known else {})}
    if not expected or response.status in expected or (row.decision == "either" and not row.envelope):
        return
    reason = tolerated.get(response.status)
    if reason is None and row.decision == "either" and known is None:
        return
    wanted = f"the status must be {' or '.join(map(str, sorted(expected)))}"
    yield _finding(
        context,
        "validation/error-status",
        Axis.IDENTITY,
        Kind.WRONG_STATUS,
        f"status {response.status}",
        requirement=wanted if reason is None else f"{wanted} ({reason})",
        level=_level(row) if reason is None else Level.SHOULD,
        cites=known.cites if known else (),
    )


def _level(row: Situation) -> Level:
    return Level.SHOULD if row.level is Level.SHOULD else Level.MUST


def _finding(
    context: CheckContext,
    rule: str,
    axis: Axis,
    kind: Kind,
    observation: str,
    *,
    requirement: str = "",
    level: Level | None = None,
    cites: tuple[str, ...] = (),
) -> Finding:
    """A finding about the constraint at stake, or about the oracle's row where none is."""
    row = context.row
    constraint = context.contract.constraint.get(context.constraint)
    named = (*(constraint.cites if constraint else ()), *row.cites, *cites)
    return Finding(
        rule,
        level or _level(row),
        axis,
        kind,
        requirement or (constraint.sentence if constraint else row.requirement),
        observation,
        tuple(dict.fromkeys(named)),
        constraint.name if constraint else "",
        row.id,
    )
