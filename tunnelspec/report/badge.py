"""A badge of the form that shields.io's endpoint reads: the highest level kept whole, and by which suite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunnelspec.report.kinds import missing
from tunnelspec.report.levels import LEVELS, reached, scores
from tunnelspec.report.table import operations


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write the badge. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(badge(record), indent=1) + "\n", encoding="utf-8")


def badge(record: Mapping[str, Any]) -> dict[str, Any]:
    """The badge's values. A level counts with all below it; what is not implemented is counted beside."""
    found = scores(record)
    highest = reached(found)
    judged = any(score.judged for score in found)
    lacking, there = missing(record), operations(record)
    parts = [f"conforms up to {highest}" if highest else "conforms on no level" if judged else "not judged"]
    if lacking:
        parts.append(f"{len(there) - len(lacking)} of {len(there)} operations")
    parts.append(str(record["suite"]["version"]))
    asked = [score.level for score in found if score.asked]
    whole = highest is not None and highest == asked[-1] and not lacking
    return {
        "schemaVersion": 1,
        "label": "tunnelspec",
        "message": " · ".join(parts),
        "color": "brightgreen" if whole else _color(highest, judged=judged),
    }


def _color(highest: str | None, *, judged: bool) -> str:
    if not judged:
        return "lightgrey"
    if highest is None:
        return "red"
    names = list(LEVELS)
    return "orange" if names.index(highest) < names.index("constraints") else "yellow"
