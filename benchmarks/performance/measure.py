"""Medians of rounds that alternate: single times on a shared machine say little."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

#: Runs something once; returns how many units of work that was.
Job = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for each unit of work: of CPU of this process and of the children it waited for, and of the clock."""

    cpu_s: float
    wall_s: float


def compared(jobs: Mapping[str, Job], rounds: int = 5) -> dict[str, Cost]:
    """The median cost of each job over so many rounds, each of which runs every job once."""
    costs: dict[str, list[Cost]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            cpu, wall = cpu_s(), time.perf_counter()
            units = job()
            costs[name].append(Cost((cpu_s() - cpu) / units, (time.perf_counter() - wall) / units))
    return {
        name: Cost(median(cost.cpu_s for cost in measured), median(cost.wall_s for cost in measured))
        for name, measured in costs.items()
    }


def cpu_s() -> float:
    """CPU seconds of this process and of the children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def table(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> list[str]:
    """A Markdown table; numbers are set to the right."""
    is_number = [
        all(row[column] == "" or isinstance(row[column], int | float) for row in rows) for column in range(len(head))
    ]
    rule = "|" + "|".join(" ---: " if right else " --- " for right in is_number) + "|"
    return ["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(map(_text, row)) + " |" for row in rows), ""]


def _text(value: object) -> str:
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
