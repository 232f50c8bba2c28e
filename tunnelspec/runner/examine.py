"""What one call shows: violated rules, or why it shows nothing. An unusable response is asked for a second time."""

from __future__ import annotations

from tunnelspec.exchange import Exchange
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.denial import denial_reason
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, second_try


def examined(session: Session, exchange: Exchange) -> tuple[Exchange, tuple[Evidence, ...], str]:
    """The exchange that counts, what violates rules in it, and the reason if it says nothing. Raises NotSent."""
    if exchange.usable is None:
        exchange, unusable = second_try(session, exchange)
        if unusable is not None:
            return exchange, (unusable,), ""
    reason = denial_reason(session, exchange)
    if exchange.usable is None or reason is not None:
        return exchange, (), reason or describe(exchange)
    return exchange, tuple(Evidence(finding, exchange) for finding in session.check(exchange)), ""
