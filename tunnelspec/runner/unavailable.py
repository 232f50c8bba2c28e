"""Is status 503 about the target's load, or about one request that it cannot serve?

Servers throttle with it, and proxies respond with it where the server behind them broke on a request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tunnelspec.contract import Contract
from tunnelspec.contract.document import Effect
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.encode import encode, smallest

_UNAVAILABLE = 503


def is_ambiguous(exchange: Exchange) -> bool:
    """Whether a response says "not now" by its status, and by no error of the API."""
    response = exchange.response if exchange.failure == "throttled" else None
    return response is not None and response.status == _UNAVAILABLE and response.named_error is None


def trials(exchange: Exchange, contract: Contract) -> Iterator[tuple[RawRequest, bool]]:
    """What to send at once, and whether each must get a 503 again for it to be about this request alone.

    A target under load refuses the plainest call as well, which is sent before and after the request.
    """
    reads = (called.name for called in contract.operations.values() if called.effect is Effect.READ)
    name = exchange.operation if exchange.operation in contract.operations else next(reads, None)
    if name is None:
        return
    plain = replace(encode(smallest(contract, name, live=False), contract, {}), fresh_connection=True)
    if (plain.body, plain.headers, plain.wire) == (exchange.sent.body, exchange.sent.headers, exchange.sent.wire):
        return
    yield plain, False
    yield replace(exchange.sent, fresh_connection=True), True
    yield plain, False
