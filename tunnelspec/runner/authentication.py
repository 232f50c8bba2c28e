"""Runs a case that sends an incorrect signature, on targets that verify signatures at all."""

from __future__ import annotations

from tunnelspec.checks import inconclusive_reason
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.case import Case, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import run_exchange
from tunnelspec.runner.unusable import describe
from tunnelspec.strategies import signatures
from tunnelspec.verdict import Kind, Outcome

#: Why the cases are skipped on a target that anybody may call.
NOT_VERIFYING = "the target does not verify signatures: it accepted one made with a wrong secret key"
_PROBE = "wrong-secret"


def signature_case(case: Case, session: Session) -> Result:
    """Send the case's request if the target verifies signatures, which is found out once for each session."""
    assert isinstance(case.request, RawRequest)
    probed = signatures.operation(session.contract)
    if probed in session.unimplemented:
        reason = f"whether the target verifies signatures is found out by {probed}, which it does not implement"
        return Result(case, Outcome.SKIPPED, reason=reason)
    outcome, reason = session.verifies or _verifies(session)
    if outcome is not Outcome.INCONCLUSIVE:
        session.verifies = outcome, reason
    if outcome is Outcome.PASS and case.request.name in signatures.TEMPORARY and not session.sender.has_session_token:
        outcome, reason = Outcome.SKIPPED, "the credentials in use have no session token"
    if outcome is Outcome.PASS:
        return run_exchange(case, session)
    if outcome is Outcome.SKIPPED and case.request.name in signatures.UNREADABLE:
        # Whoever verifies nothing may still fail on what it does not read.
        item = run_exchange(case, session)
        failures = tuple(evidence for evidence in item.evidence if evidence.finding.kind is Kind.SERVER_ERROR)
        if failures:
            return result(case, failures, observed=item.observed)
    return Result(case, outcome, reason=reason)


def _verifies(session: Session) -> tuple[Outcome, str]:
    """PASS if the target accepts a correct signature and not one made with another secret key."""
    contract: Contract = session.contract
    correct = session.send_raw(signatures.right(contract))
    if not _accepted(correct):
        reason = inconclusive_reason(correct, contract) or f"with a correct signature the call gets {describe(correct)}"
        return Outcome.INCONCLUSIVE, reason
    wrong = next(request for request in signatures.cases(contract) if request.name == _PROBE)
    exchange = session.send_raw(wrong)
    if exchange.response is None:
        reason = f"no response to a request signed with a wrong secret key: {exchange.failure}"
        return Outcome.INCONCLUSIVE, reason
    if _accepted(exchange):
        return Outcome.SKIPPED, NOT_VERIFYING
    return Outcome.PASS, ""


def _accepted(exchange: Exchange) -> bool:
    return exchange.usable is not None and exchange.usable.accepted
