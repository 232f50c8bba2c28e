"""Times in seconds. No source says how precise they are: each may be in whole seconds, or have any number of digits."""

from __future__ import annotations

#: How far apart a clock may be read for what two operations return as one time, in seconds.
_LEAST_S = 0.02


def differ(one: float, other: float) -> bool:
    """Whether two times cannot be the same: one of them may be in whole seconds, or have fewer decimals."""
    decimals = min(len(f"{time:.6f}".rstrip("0").partition(".")[2]) for time in (one, other))
    return abs(one - other) >= max(_LEAST_S, 10.0**-decimals)


def precedes(one: float, other: float) -> bool:
    """Whether a time is before another one, though it may be in whole seconds, cut off."""
    return one < other and one + (1.0 if one == int(one) else 0.0) <= other
