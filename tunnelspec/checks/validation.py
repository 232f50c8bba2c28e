"""Was the input rightly accepted or rejected, and is the error the right one?

Two questions, two checks: an emulator that is right to reject but names the wrong error is nearer
to the contract than one that accepts, and its maintainer has something else to mend.
The rows that decide are `situations` and `errors` in `openapi/errors.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.contract.oracle import Situation
from tunnelspec.exchange import Request
from tunnelspec.verdict import Axis, Finding, Level


def _row(context: CheckContext) -> Situation:
    return context.contract.situations[context.exchange.situation]


def _level(row: Situation) -> Level:
    return Level.SHOULD if row.zone == "SHOULD" else Level.MUST


@check("validation/decision", level=Level.MUST, axis=Axis.DECISION, cites=("model",))
def decision(context: CheckContext) -> Iterator[Yielded]:
    """What the contract admits is accepted, and what it forbids is rejected."""
    row, answer = _row(context), context.answer
    constraint, demand, cites = _at_stake(context, row)
    if row.decision == "accept" and answer.rejected:
        code = answer.named_code
        if code in row.codes or (code in row.tolerated_codes and code is not None):
            return
        expected = f"accepts it: {demand}"
    elif row.decision == "reject" and answer.accepted:
        expected = f"rejects it: {demand}"
    else:
        return
    yield Finding(
        "validation/decision",
        _level(row),
        Axis.DECISION,
        expected,
        answer.summary,
        cites,
        constraint,
    )


@check("validation/error-code", level=Level.MUST, axis=Axis.IDENTITY, cites=("model",))
def error_code(context: CheckContext) -> Iterator[Yielded]:
    """A rejection names the error that the situation calls for."""
    row, answer = _row(context), context.answer
    code = answer.named_code
    if not answer.rejected or code is None or code in row.codes:
        return
    constraint, _, cites = _at_stake(context, row)
    if code in row.tolerated_codes:
        yield Finding(
            "validation/error-code",
            Level.SHOULD,
            Axis.IDENTITY,
            f"{' or '.join(row.codes)} ({row.tolerated_codes[code]})",
            code,
            cites,
            constraint,
        )
    elif row.decision == "reject" and row.codes:
        yield Finding(
            "validation/error-code",
            _level(row),
            Axis.IDENTITY,
            f"rejects it with {' or '.join(row.codes)}",
            f"rejected it, but with {code}",
            cites,
            constraint,
        )


@check("validation/error-status", level=Level.MUST, axis=Axis.IDENTITY, cites=("model",))
def error_status(context: CheckContext) -> Iterator[Yielded]:
    """An error has the status of its code: 400, unless a source gives another."""
    answer, row = context.answer, _row(context)
    if not answer.rejected:
        return
    known = context.contract.errors.get(answer.named_code or "")
    expected = set(row.status) | ({known.status} if known else set())
    tolerated = {**row.tolerated_status, **(known.tolerated if known else {})}
    if not expected or answer.status in expected:
        return
    constraint, _, cites = _at_stake(context, row)
    wanted = " or ".join(f"status {status}" for status in sorted(expected))
    if answer.status in tolerated:
        level, wanted = Level.SHOULD, f"{wanted} ({tolerated[answer.status]})"
    elif row.decision == "either" and (known is None or not row.envelope):
        return
    else:
        level = _level(row)
    yield Finding(
        "validation/error-status",
        level,
        Axis.IDENTITY,
        wanted,
        f"status {answer.status}",
        (*cites, *(known.cites if known else ())),
        constraint,
    )


def _at_stake(context: CheckContext, row: Situation) -> tuple[str, str, tuple[str, ...]]:
    """The constraint at stake, the sentence that states it, and the sources to read it in."""
    request = context.exchange.request
    breaks = request.breaks if isinstance(request, Request) else ()
    constraint = context.contract.constraint.get(breaks[0]) if breaks else None
    if constraint is None:
        return "", row.demand, row.cites
    cites = (*constraint.cites, *(c for c in row.cites if c not in constraint.cites))
    return constraint.name, constraint.sentence, cites
