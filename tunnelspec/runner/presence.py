"""Does the target implement an operation at all? One case per operation, before all others.

An operation is absent if the target says so (status 501, an unknown-operation error), or if it responds to a minimal
valid body and to a full one exactly as to an operation that cannot exist. A 5xx response to one of them is a defect,
not absence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tunnelspec.checks import framing, inconclusive_reason
from tunnelspec.contract import Contract, request_of
from tunnelspec.contract.minimal import full_body
from tunnelspec.exchange import Exchange, Response
from tunnelspec.runner.case import Case, CaseKind, Evidence, Result, result
from tunnelspec.runner.encode import smallest
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.response_class import ResponseShape
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, no_response
from tunnelspec.verdict import IMPLEMENTED, Axis, Finding, Kind, Level, Outcome

#: An operation that no service has.
_IMPOSSIBLE = "NoSuchOperationOfAnyService"
_NOT_IMPLEMENTED = 501
#: What differs from response to response: hexadecimal ids and numbers.
_VARIABLE = re.compile(r"[0-9a-fA-F-]{8,}|\d+")


def presence_cases(contract: Contract) -> list[Case]:
    """One case per operation of the contract: `protocol/<Operation>/implemented`."""
    return [
        Case(
            id=f"protocol/{name}/implemented",
            operation=name,
            level="wire",
            requirement=f"The target must implement {name}.",
            cites=("model",),
            run=_run,
            request=smallest(contract, name),
            area="protocol",
            kind=CaseKind.IMPLEMENTED,
        )
        for name in contract.operations
    ]


def is_lacking(of: Result) -> bool:
    """Whether the result of such a case says that the target does not implement the operation.

    A response that violates HTTP fails the case as well, and says nothing of the operation.
    """
    return any(evidence.finding.rule == IMPLEMENTED for evidence in of.evidence)


def _run(case: Case, session: Session) -> Result:
    exchange: Exchange | None = None
    reason: str | None = None
    for exchange in _attempts(case, session):
        reason = inconclusive_reason(exchange, session.contract) or (
            describe(exchange) if exchange.usable is None else None
        )
        if reason is None and exchange.response is not None and not _is_absent(exchange, session):
            observed = exchange.response.summary
            return result(case, (), observed=observed)
    if exchange is not None and framing.is_broken(exchange):
        return result(case, (Evidence(no_response(exchange), exchange),), observed=describe(exchange))
    if exchange is None or exchange.response is None or reason is not None:
        return Result(case, Outcome.INCONCLUSIVE, reason=reason or "no valid call could be set up")
    response = exchange.response
    observed = f"{response.summary}; {response.problem}" if response.problem else response.summary
    finding = Finding(
        IMPLEMENTED,
        Level.MUST,
        Axis.DECISION,
        Kind.UNIMPLEMENTED,
        f"{case.operation} must be implemented",
        observed,
        case.cites,
        situation=exchange.situation,
    )
    return result(case, (Evidence(finding, exchange),), observed=observed)


def _attempts(case: Case, session: Session) -> Iterator[Exchange]:
    """Valid calls, the smallest and the fullest: about a live resource where one can be had, else about none."""
    contract, name = session.contract, case.operation
    if contract.created_by(name) is None:
        with suppress(SetupFailed):
            yield session.send(smallest(contract, name))
    first = session.send(smallest(contract, name, live=False))
    yield first
    # Of what is refused at any pace, one call says as much.
    if first.failure != "throttled":
        yield session.send(request_of(contract, name, full_body(contract, name)))


def _is_absent(exchange: Exchange, session: Session) -> bool:
    response = exchange.response
    if response is None or response.status == _NOT_IMPLEMENTED:
        return True
    if response.named_error in session.contract.situations["unknown-operation"].codes:
        return True
    shape = _shape(response, exchange)
    likely = session.impossible
    if likely is not None and likely[:-1] != shape[:-1]:
        return False
    return shape == _impossible(exchange, session)


def _impossible(exchange: Exchange, session: Session) -> ResponseShape | None:
    """How the target responds to the same call of an operation that cannot exist; some targets echo the body."""
    target = f"{session.contract.service.target_prefix}.{_IMPOSSIBLE}"
    sent = exchange.sent
    headers = tuple((key, target if key == "X-Amz-Target" else value) for key, value in sent.headers)
    impossible = session.send_raw(replace(sent, headers=headers, situation="unknown-operation"))
    if impossible.response is None:
        return None
    session.impossible = _shape(impossible.response, exchange)
    return session.impossible


def _shape(response: Response, exchange: Exchange) -> ResponseShape:
    """A response without what differs from call to call: ids, numbers, and the operation's name."""
    text = response.body[:4000].decode("utf-8", "replace")
    for name in (exchange.operation or "", _IMPOSSIBLE):
        text = text.replace(name, "") if name else text
    media_type = (response.header("content-type") or "").split(";")[0].strip().lower()
    return ResponseShape(response.status, response.named_error, media_type, _VARIABLE.sub("", text))
