"""Signatures that are wrong in one respect: judged where the target verifies signatures at all."""

from __future__ import annotations

from tunnelspec.checks import inconclusive
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import signatures
from tunnelspec.verdict import Outcome

VERIFIES = "verifies"
#: Why none of these cases is judged where anybody may call.
NOT_VERIFYING = "the target does not verify signatures: it accepted one made with a wrong secret key"
_PROBE = "wrong-secret"


def auth_cases(contract: Contract) -> list[Case]:
    """One case per wrong signature: `auth/<Operation>/…`."""
    return [
        Case(
            id=f"auth/{request.operation}/{request.name}",
            operation=str(request.operation),
            level="auth",
            requirement=contract.situations[request.situation].requirement,
            cites=contract.situations[request.situation].cites,
            run=_judge,
            request=request,
        )
        for request in signatures.cases(contract)
    ]


def _judge(case: Case, session: Session) -> Result:
    assert isinstance(case.request, RawRequest)
    before = session.sent
    known = session.capabilities.get(VERIFIES)
    if known is None:
        known = _verifies(session)
        if known[0] is not Outcome.INCONCLUSIVE:
            session.capabilities[VERIFIES] = known
    outcome, reason = known
    has_token = getattr(session.sender, "temporary", False)
    if outcome is Outcome.PASS and case.request.name in signatures.TEMPORARY and not has_token:
        outcome, reason = Outcome.SKIPPED, "the credentials in use have no session token"
    if outcome is not Outcome.PASS:
        return Result(case, outcome, reason=reason, requests=session.sent - before)
    return run_exchange(case, session)


def _verifies(session: Session) -> tuple[Outcome, str]:
    """Whether the target tells a right signature from one made with another secret key."""
    contract = session.contract
    honest = session.send_raw(signatures.right(contract))
    if not _accepted(honest):
        said = inconclusive(honest, contract) or "the same request is not accepted with a right signature"
        return Outcome.INCONCLUSIVE, said
    wrong = next(request for request in signatures.cases(contract) if request.name == _PROBE)
    answer = session.send_raw(wrong)
    if answer.response is None:
        return (
            Outcome.INCONCLUSIVE,
            f"no answer to a request that is signed with a wrong secret: {answer.failure}",
        )
    if _accepted(answer):
        return Outcome.SKIPPED, NOT_VERIFYING
    return Outcome.PASS, ""


def _accepted(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.failure is None and exchange.response.accepted
