"""Response times as bars: the geometry of an inline SVG."""

from __future__ import annotations

from dataclasses import dataclass

from tunnelspec.record.document import RecordedLatency

WIDTH, HEIGHT, _FLOOR, _TOP, _GAP = 480, 150, 125, 16, 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, its label below, and its count above."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int

    @property
    def middle(self) -> float:
        """Where its labels are centred."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars from the first bucket that holds anything to the last, and the figures beside them."""

    bars: list[Bar]
    answers: int
    mean_ms: float
    longest_ms: float
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = _FLOOR


def histogram(latency: RecordedLatency | None) -> Histogram | None:
    """The histogram of a record's `run.latency`, or None where nothing was measured."""
    if not latency or not any(latency["counts"]) or len(latency["counts"]) != len(latency["bounds_ms"]) + 1:
        return None
    counts = latency["counts"]
    labels = [*(_milliseconds(bound) for bound in latency["bounds_ms"]), "more"]
    used = [index for index, count in enumerate(counts) if count]
    first, last = max(0, used[0] - 1), min(len(counts) - 1, used[-1] + 1)
    shown = range(first, last + 1)
    step = WIDTH / len(shown)
    tallest = max(counts)
    bars = []
    for place, index in enumerate(shown):
        height = round((_FLOOR - _TOP) * counts[index] / tallest, 1)
        x, width = round(place * step + _GAP, 1), round(step - 2 * _GAP, 1)
        bars.append(Bar(x, round(_FLOOR - height, 1), width, height, labels[index], counts[index]))
    counted = [f"{bar.count} up to {bar.label}" for bar in bars if bar.count]
    return Histogram(
        bars,
        latency["answers"],
        latency["mean_ms"],
        latency["longest_ms"],
        "Responses by time: " + ", ".join(counted),
    )


def _milliseconds(bound: float) -> str:
    return f"{bound / 1000:g} s" if bound >= 1000 else f"{bound:g} ms"
