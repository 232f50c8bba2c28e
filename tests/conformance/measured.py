"""What cases find and cost, as `benchmarks.case_order` measured it over all seeded faults (`measured.json`).

The file names cases of the shipped document; a case that it does not name keeps the place of its priority and costs one
call of its operation for each example.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.plan import Cost


@cache
def _data() -> Mapping[str, Any]:
    text = files("tunnelspec.suite").joinpath("measured.json").read_text(encoding="utf-8")
    figures: dict[str, Any] = json.loads(text)
    figures["place"] = {name: place for place, name in enumerate(figures["order"])}
    return figures


def ordered(cases: Iterable[Case]) -> list[Case]:
    """The cases in the order in which they find the most for the fewest requests, the others by priority behind them.

    What shows that an operation exists comes first, and what is random or concerns the whole run keeps its place.
    """
    place: Mapping[str, int] = _data()["place"]

    def key(case: Case) -> tuple[int, int]:
        is_first = Priority.IMPLEMENTED < case.priority < Priority.SEARCH and case.id in place
        return (Priority.PLAIN, place[case.id]) if is_first else (case.priority + bool(case.priority), 0)

    return sorted(cases, key=key)


def cost(case: Case) -> Cost:
    """What the case costs on a conforming target; a random one in proportion to its examples."""
    data, examples = _data(), case.settings.examples
    row: Mapping[str, int] | None = data["calls"].get(case.id)
    if not case.settings.thorough:
        row = data["quick"].get(case.id, row)
    if row is None:
        return Cost({case.operation: examples})
    share = examples / data["examples"].get(case.id, examples)
    calls = {name: math.ceil(count * share) for name, count in row.items() if name != "opened"}
    return Cost(calls, math.ceil(row.get("opened", 0) * share))
