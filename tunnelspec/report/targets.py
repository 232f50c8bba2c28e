"""The page of many targets: for each its levels, defects and versions, and when it was tested."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tunnelspec.printable import counted
from tunnelspec.record.document import Record
from tunnelspec.report import expected_failures
from tunnelspec.report.causes import causes
from tunnelspec.report.kinds import missing
from tunnelspec.report.levels import LEVELS, scores
from tunnelspec.report.table import operations
from tunnelspec.text_file import write_text


def write(records: Mapping[str, Record], path: Path) -> None:
    """Write the page of records by the target's name. Raises OSError."""
    write_text(path, render(records))


def render(records: Mapping[str, Record]) -> str:
    """The page, the target with the fewest operations missing and the fewest defects first."""
    # Here, so that a command that writes no page does not wait for the template engine.
    from tunnelspec.report.html.environment import page

    rows = sorted(records.items(), key=lambda pair: (len(missing(pair[1])), len(_defects(pair[1])), pair[0]))
    return page(
        "targets.html.j2",
        "tunnelspec: targets",
        count=counted(len(records), "target"),
        levels=LEVELS,
        rows=[_row(name, record) for name, record in rows],
    )


def _defects(record: Record) -> list[str]:
    return [cause.title for cause in causes(record) if cause.kind in ("fail", "wrong-error", "known")]


def _row(name: str, record: Record) -> dict[str, object]:
    by_level = {score.level: score for score in scores(record)}
    lacking, defects = missing(record), _defects(record)
    new = expected_failures.new_failures(record) - len(lacking)
    return {
        "name": name,
        "record": record,
        "scores": [by_level.get(level) for level in LEVELS],
        "defects": defects,
        "kind": "fail" if new > 0 else "known" if defects else "pass",
        "operations": len(operations(record)),
        "implemented": len(operations(record)) - len(lacking),
    }
