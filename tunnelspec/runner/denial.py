"""Does a denial show that the credentials are not admitted, or that the target read another request than was sent?"""

from __future__ import annotations

from tunnelspec.checks import inconclusive
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange
from tunnelspec.runner.encode import encode, smallest
from tunnelspec.runner.session import Session

#: Rows of the oracle whose errors are about a request and its signature, whoever signed it.
_OF_THE_REQUEST = ("signature-missing", "signature-incomplete", "signature-wrong")


def says_nothing(session: Session, exchange: Exchange) -> str | None:
    """Why a response says nothing about conformance, or None.

    That a correct signature does not match says something, if the plainest call of the operation is not denied.
    Raises NotSent.
    """
    reason = inconclusive(exchange, session.contract)
    code = exchange.response.named_error if exchange.response is not None else None
    if reason is None or exchange.failure is not None or code not in _codes(session.contract):
        return reason
    is_admitted = exchange.operation is not None and _admits(session, exchange.operation)
    return None if is_admitted else reason


def _codes(contract: Contract) -> set[str]:
    return {code for name in _OF_THE_REQUEST if (row := contract.situations.get(name)) for code in row.codes}


def _admits(session: Session, operation: str) -> bool:
    if operation not in session.contract.operations:
        return False
    plain = encode(smallest(session.contract, operation, live=False), session.contract, {})
    exchange = session.send_raw(plain, fresh=True)
    return exchange.usable is not None and inconclusive(exchange, session.contract) is None
