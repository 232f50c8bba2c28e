"""Finds out by plain calls what the lack of a response means: it may be the request, its operation, or the target."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from tunnelspec.contract import Contract
from tunnelspec.contract.document import Effect
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.breaker import CircuitBreaker
from tunnelspec.runner.creations import NEVER_SENT
from tunnelspec.runner.encode import encode, smallest
from tunnelspec.runner.errors import NotUnderstood, TargetLost
from tunnelspec.runner.traffic import Traffic

#: After so many calls in a row without a response, or one that could not connect, plain calls must show that the
#: target is there …
_SUSPICIOUS = 5
#: … or after so many for which it waited in vain, since each takes as long as a call may …
_IN_VAIN = 2
#: … within this time, in seconds, if it has responded before: it may be restarting.
_GRACE_S = 3.0
_PAUSE_S = 0.3


class Liveness:
    """Whether one session's target is there, and what it understands. `clean_up` closes what a plain call opened."""

    def __init__(
        self, contract: Contract, traffic: Traffic, breaker: CircuitBreaker, clean_up: Callable[[Exchange], None]
    ) -> None:
        self._contract = contract
        self._traffic = traffic
        self._breaker = breaker
        self._clean_up = clean_up

    def responds(self, operation: str | None = None) -> bool:
        """Whether the target responds to a plain call right now: of this operation, or of two that change nothing.

        Raises NotSent.
        """
        operations = self._contract.operations.values()
        names = [operation] if operation else [o.name for o in operations if o.effect is Effect.READ][:2]
        for name in names:
            raw = encode(smallest(self._contract, name, live=False), self._contract, {})
            exchange = self._traffic.once(raw, replace(raw, fresh_connection=True))
            self._clean_up(exchange)
            # An operation that is throttled at any pace gives no usable response; a target that throttles is there.
            if exchange.response is not None and (operation is None or exchange.failure is None):
                return True
        return False

    def doubt(self, exchange: Exchange) -> None:
        """Decide what it means that a call had no response. Raises TargetLost."""
        if self._breaker.suspect(exchange.operation):
            self._breaker.resolve(exchange.operation, responds=self.responds(exchange.operation))
        few = _IN_VAIN if exchange.failure == "timeout" else _SUSPICIOUS
        if self._traffic.silent < few and exchange.failure not in NEVER_SENT:
            return
        until = time.monotonic() + (_GRACE_S if self._traffic.last_answered is not None else 0.0)
        calls, first, last = self._traffic.silent, self._traffic.first_silent, self._traffic.last_answered
        while not self.responds():
            if time.monotonic() >= until:
                raise TargetLost(exchange, calls, first, last)
            time.sleep(_PAUSE_S)

    def refuse_misunderstood(self, raw: RawRequest) -> None:
        """A client must not send what a server of HTTP/1.0 does not know (RFC 9112, 6.1). Raises NotUnderstood."""
        if not raw.wire.needs_http_1_1:
            return
        if not self._traffic.http_version:
            self.responds()
        if self._traffic.http_version == "1.0":
            raise NotUnderstood
