"""Does the target have this operation at all? One case per operation, asked before all others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tunnelspec.checks import inconclusive
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange
from tunnelspec.runner.case import Case, CaseKind, Evidence, Result, result
from tunnelspec.runner.encode import smallest
from tunnelspec.runner.executor import PROBE
from tunnelspec.runner.session import Session, SetupFailed
from tunnelspec.verdict import Axis, Finding, Kind, Level, Outcome

#: Statuses with which servers say that they do not do this: not found, not allowed, not implemented.
_NOT_HERE = frozenset({404, 405, 501})


def probe_cases(contract: Contract) -> list[Case]:
    """One case per operation of the contract: `protocol/<Operation>/implemented`."""
    return [
        Case(
            id=f"protocol/{name}/{PROBE}",
            operation=name,
            level="wire",
            requirement=f"The target implements {name}.",
            cites=("model",),
            judge=_judge,
            request=smallest(contract, name),
            area="protocol",
            kind=CaseKind.IMPLEMENTED,
        )
        for name in contract.operations
    ]


def _judge(case: Case, session: Session) -> Result:
    before = session.sent
    exchange: Exchange | None = None
    for exchange in _attempts(case, session):
        if exchange.response is not None and _implemented(exchange, session.contract):
            reason = inconclusive(exchange, session.contract)
            if reason:
                continue
            observed = exchange.response.summary
            return result(case, (), requests=session.sent - before, observed=observed)
    if exchange is None or exchange.response is None:
        failure = exchange.failure if exchange else "not set up"
        return Result(case, Outcome.INCONCLUSIVE, reason=f"no answer: {failure}")
    reason = inconclusive(exchange, session.contract)
    if reason:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason)
    answer = exchange.response
    observed = f"{answer.summary}; {answer.problem}" if answer.problem else answer.summary
    finding = Finding(
        "protocol/implemented",
        Level.MUST,
        Axis.DECISION,
        Kind.UNIMPLEMENTED,
        f"{case.operation} must be implemented",
        observed,
        case.cites,
    )
    return result(case, (Evidence(finding, exchange),), requests=session.sent - before, observed=observed)


def _attempts(case: Case, session: Session) -> Iterator[Exchange]:
    """A valid call on a live resource, then one on a resource that nobody has."""
    with contextlib.suppress(SetupFailed):
        yield session.send(smallest(session.contract, case.operation))
    yield session.send(smallest(session.contract, case.operation, live=False))


def _implemented(exchange: Exchange, contract: Contract) -> bool:
    if exchange.response is None:
        return False
    answer = exchange.response
    if answer.status >= 500:
        return False
    unknown = contract.situations["unknown-operation"].codes
    if answer.named_error in unknown:
        return False
    if answer.status in _NOT_HERE:
        return answer.named_error in contract.errors
    # Anything else that speaks the protocol counts; a web page does not.
    kind = (answer.header("content-type") or "").split(";")[0].strip().lower()
    return not answer.body or answer.problem is None or kind == contract.service.content_type
