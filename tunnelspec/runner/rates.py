"""How many calls of an operation may be sent in a second, by all workers together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from tunnelspec.contract import Contract
from tunnelspec.runner.shared import Shared

if TYPE_CHECKING:
    from pyrate_limiter import Limiter, Rate

#: What pyrate-limiter adds to each wait, in milliseconds, so that a wait is not cut short by rounding.
BUFFER_MS = 2


class Rates:
    """A limit for each operation that has one; thread-safe. `per_second` is calls by operation.

    Where the run is `shared`, the limits are those of all its parts together, of which this is one of `parts`: it
    keeps its part of each rate by itself once the shared state is lost.
    """

    def __init__(self, per_second: Mapping[str, float], parts: int = 1, shared: Shared | None = None) -> None:
        rates = {name: rate for name, rate in per_second.items() if math.isfinite(rate)}
        self.per_second = {name: rate / parts for name, rate in rates.items()}
        self._shared = {name: shared.limiter(name, _rate(rate)) for name, rate in rates.items()} if shared else {}
        self._limiters = {name: _limiter(rate) for name, rate in self.per_second.items()}

    def acquire(self, operation: str, timeout_s: float) -> bool:
        """Wait until one more call may be sent; False if that takes longer than `timeout_s` seconds."""
        try:
            limiter = self._shared.get(operation) or self._limiters.get(operation)
            return limiter is None or bool(limiter.try_acquire(operation, timeout=timeout_s))
        except OSError:
            self._shared = {}
            return False

    def close(self) -> None:
        """End the limiters' own threads."""
        for limiter in (*self._limiters.values(), *self._shared.values()):
            with suppress(OSError):
                limiter.close()


def _limiter(per_second: float) -> Limiter:
    from pyrate_limiter import Limiter

    return Limiter(_rate(per_second), buffer_ms=BUFFER_MS)


def _rate(per_second: float) -> Rate:
    # Few runs have a rate, and this takes a while to import.
    from pyrate_limiter import Duration, Rate

    if per_second >= 1:
        return Rate(int(per_second), Duration.SECOND)
    return Rate(1, math.ceil(int(Duration.SECOND) / per_second))


def window(per_second: float) -> tuple[int, float]:
    """A rate as it is kept: so many calls in any stretch of so many seconds."""
    rate = _rate(per_second)
    return rate.limit, rate.interval / 1000


def quotas(contract: Contract) -> dict[str, float]:
    """The documented quotas: calls per second by operation."""
    per_second = {name: operation.per_second for name, operation in contract.operations.items()}
    return {name: rate for name, rate in per_second.items() if rate is not None}
