"""The matrix of operations by areas that every summary shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tunnelspec.report import known
from tunnelspec.report.words import SYMBOLS


def areas(record: Mapping[str, Any]) -> list[str]:
    """The areas in which there are cases, in the order in which they first appear."""
    return list(dict.fromkeys(case["area"] for case in record["cases"]))


def operations(record: Mapping[str, Any]) -> list[str]:
    """The operations in which there are cases, in the order in which they first appear."""
    return list(dict.fromkeys(case["operation"] for case in record["cases"]))


def counts(record: Mapping[str, Any]) -> dict[tuple[str, str], Counter[str]]:
    """Outcomes counted for each (operation, area)."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for case in record["cases"]:
        key = (case["operation"], case["area"])
        found.setdefault(key, Counter())[known.state(case)] += 1
    return found


def cell(count: Counter[str] | None) -> str:
    """One cell: `✓ 41`, or the outcomes that want attention first: `✗ 2 of 43`."""
    if not count:
        return ""
    total = sum(count.values())
    for outcome in ("fail", "warn", "known", "inconclusive", "skipped"):
        if count[outcome]:
            return f"{SYMBOLS[outcome]} {count[outcome]} of {total}"
    return f"{SYMBOLS['pass']} {total}"


def cells(record: Mapping[str, Any], columns: list[str]) -> list[tuple[str, list[str]]]:
    """The rows of the matrix: an operation and a cell for each area."""
    found = counts(record)
    return [
        (operation, [cell(found.get((operation, area))) for area in columns])
        for operation in operations(record)
    ]
