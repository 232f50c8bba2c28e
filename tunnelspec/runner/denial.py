"""Does a denial show that the credentials are not admitted, or that the target read another request than was sent?"""

from __future__ import annotations

from tunnelspec.checks import inconclusive_reason
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange
from tunnelspec.runner.encode import encode, smallest
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.session import Session

#: Rows of the oracle whose errors are about a request and its signature, whoever signed it.
_OF_THE_REQUEST = ("signature-missing", "signature-incomplete", "signature-wrong")


def denial_reason(session: Session, exchange: Exchange) -> str | None:
    """Why a response says nothing about conformance, or None.

    That a correct signature does not match says something, if the plainest call of the operation is not denied; so does
    a denial where any error will do, if a valid call is admitted. Raises NotSent.
    """
    reason = inconclusive_reason(exchange, session.contract)
    code = exchange.response.named_error if exchange.response is not None else None
    if reason is None or exchange.failure is not None:
        return reason
    operation, row = exchange.operation or "", session.contract.situations.get(exchange.situation)
    if code in _codes(session.contract):
        return None if _admits(session, operation, live=False) else reason
    if code in session.contract.denials and row is not None and row.admits_any_error:
        return None if _admits(session, operation, live=True) else reason
    return reason


def _codes(contract: Contract) -> set[str]:
    return {code for name in _OF_THE_REQUEST if (row := contract.situations.get(name)) for code in row.codes}


def _admits(session: Session, operation: str, *, live: bool) -> bool:
    if operation not in session.contract.operations:
        return False
    plain = smallest(session.contract, operation, live=live)
    try:
        raw = session.prepared_request(plain) if live else encode(plain, session.contract, {})
    except SetupFailed:
        return False
    exchange = session.send_raw(raw, fresh=True)
    return exchange.usable is not None and inconclusive_reason(exchange, session.contract) is None
