"""Response times, counted into fixed buckets: cheap enough for every call, and small in a record."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

#: Upper bounds of the buckets in milliseconds, three to a decade; the last bucket has none.
BOUNDS_MS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0)


@dataclass
class Latency:
    """Response times by bucket. Not thread-safe: whoever shares it holds a lock around `add`."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))
    total_s: float = 0.0
    longest_s: float = 0.0

    def add(self, elapsed_s: float) -> None:
        """Count one response that took so many seconds."""
        self.counts[bisect_left(BOUNDS_MS, elapsed_s * 1000)] += 1
        self.total_s += elapsed_s
        self.longest_s = max(self.longest_s, elapsed_s)
