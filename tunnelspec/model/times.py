"""Times in seconds. No source says how precise they are: each may be in whole seconds, or have any number of digits."""

from __future__ import annotations

#: How far apart a clock may be read for what two operations return as one time, in seconds.
_LEAST_S = 0.02


def differ(one: float, other: float) -> bool:
    """Whether two times cannot be the same: one of them may have fewer decimals."""
    return abs(one - other) >= max(_LEAST_S, _precision(one), _precision(other))


def precedes(one: float, other: float) -> bool:
    """Whether a time is before another one, though its last decimals may be cut off."""
    return one + _precision(one) < other


def _precision(time: float) -> float:
    """The unit of the last decimal that a time has, in seconds."""
    return 10.0 ** -len(f"{time:.6f}".rstrip("0").partition(".")[2])
