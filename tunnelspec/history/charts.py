"""Outcomes of runs as stacked columns: the geometry of an inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tunnelspec.record.document import Record
from tunnelspec.report import expected_failures

#: Outcomes that want attention, as they are stacked from the axis upwards. What passes is drawn as the axis.
STACKED = ("fail", "warn", "known", "inconclusive", "skipped")
NAMES = ("pass", *STACKED)
#: In units of the drawing, which is stretched to the width of the page.
_WIDTH, _HEIGHT, _AXIS = 1000, 100, 4.0
_WIDEST = 60.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One outcome of a run."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One run: where it stands, its bars, and its counts as a title."""

    left: float
    step: float
    x: float
    width: float
    bars: list[Bar]
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The runs of one area. `most` is what the top of the scale stands for; `now` and `before` are sums."""

    area: str
    columns: list[Column]
    most: int
    dates: list[str]
    now: str
    before: str
    words: str
    is_tested: bool
    width: int = _WIDTH
    height: int = _HEIGHT


def chart(area: str, records: Sequence[Record]) -> Chart:
    """The chart of an area, or of all areas together if it is empty."""
    counts = [
        Counter(expected_failures.state(case) for case in record["cases"] if area in ("", case["area"]))
        for record in records
    ]
    heights = [_open(count) for count in counts]
    most = max(1, *heights)
    days = [record["run"]["started"][:10] for record in records]
    middle = [days[len(days) // 2]] if len(days) > 4 else []
    return Chart(
        area,
        [_column(index, len(counts), count, most, records[index]) for index, count in enumerate(counts)],
        most,
        list(dict.fromkeys([days[0], *middle, days[-1]])),
        _sum(counts[-1]) or "not in the last run",
        _sum(counts[0]) if len(counts) > 1 else "",
        f"{area or 'all areas'}: cases that do not pass, run by run: {'; '.join(map(str, heights))}",
        any(count[name] for count in counts for name in NAMES if name != "skipped"),
    )


def _open(count: Counter[str]) -> int:
    return sum(count[name] for name in STACKED)


def _sum(count: Counter[str]) -> str:
    return f"{count['pass']:,} of {count.total():,} pass" if count else ""


def _column(index: int, columns: int, count: Counter[str], most: int, record: Record) -> Column:
    step = _WIDTH / columns
    width = min(step * 0.7, _WIDEST)
    # The first column stands at the left edge and the last at the right one, as their dates do.
    x = index * (_WIDTH - width) / (columns - 1) if columns > 1 else 0.0
    top = _HEIGHT - _AXIS
    bars = [Bar("pass" if count["pass"] else "skipped", top, _AXIS)] if count else []
    for name in STACKED:
        if count[name]:
            height = max(2.0, count[name] / most * (_HEIGHT - _AXIS - 2))
            top -= height
            bars.append(Bar(name, round(top, 1), round(height, 1)))
    counted = ", ".join(f"{count[name]} {name}" for name in NAMES if count[name])
    title = f"{record['run']['started']}: {counted or 'not run'}"
    return Column(round(x - (step - width) / 2, 1), round(step, 1), round(x, 1), round(width, 1), bars, title)
