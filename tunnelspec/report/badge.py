"""A badge in the form of shields.io's endpoint: the highest level that passes completely, and the suite's version."""

from __future__ import annotations

import json

from tunnelspec.record.document import Record
from tunnelspec.report.kinds import missing
from tunnelspec.report.levels import LEVELS, reached, scores
from tunnelspec.report.table import operations


def render(record: Record) -> str:
    """The badge as JSON."""
    return json.dumps(badge(record), indent=1) + "\n"


def badge(record: Record) -> dict[str, object]:
    """The badge's values. A level counts with all below it; what is not implemented is counted beside."""
    levels = scores(record)
    highest = reached(levels)
    tested = any(score.tested for score in levels)
    lacking, there = missing(record), operations(record)
    parts = [f"conforms up to {highest}" if highest else "conforms on no level" if tested else "not tested"]
    if lacking:
        parts.append(f"{len(there) - len(lacking)} of {len(there)} operations")
    parts.append(str(record["suite"]["version"]))
    known = [score.level for score in levels if score.tested or score.inconclusive]
    is_complete = highest is not None and highest == known[-1] and not lacking
    return {
        "schemaVersion": 1,
        "label": "tunnelspec",
        "message": " · ".join(parts),
        "color": "brightgreen" if is_complete else _color(highest, tested=tested),
    }


def _color(highest: str | None, *, tested: bool) -> str:
    if not tested:
        return "lightgrey"
    if highest is None:
        return "red"
    names = list(LEVELS)
    return "orange" if names.index(highest) < names.index("constraints") else "yellow"
