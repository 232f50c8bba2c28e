"""`x-timestamp`: the unit of a time, and which numbers are plausible in it."""

from __future__ import annotations

#: Epoch seconds lie in this range from 1973 until the year 5138; milliseconds lie beyond it.
_PLAUSIBLE = {"epoch-seconds": (1e8, 1e11)}


def bounds(unit: str) -> tuple[float, float]:
    """The least plausible number, and the one that none reaches. Raises KeyError for an unknown unit."""
    return _PLAUSIBLE[unit]


def plausible(unit: str, value: float) -> bool:
    """Whether a number can be a present-day time in this unit, or 0, which many write for what has not happened yet.
    Raises KeyError for an unknown unit."""
    low, high = bounds(unit)
    return value == 0 or low <= value < high
