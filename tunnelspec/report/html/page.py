"""The HTML report: one self-contained file, readable from disk, with nothing fetched from anywhere.

Everything that the target sent is text here: escaped, cut, hidden characters named. Templates are in
`templates/`; `environment.py` sees to it that no value reaches the page in another way. The page is
whole without its script, which only filters, copies and opens what a link points at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.report import coverage, kinds, levels, table
from tunnelspec.report import expected_failures as known
from tunnelspec.report import summary as words
from tunnelspec.report.frame import document
from tunnelspec.report.groups import groups
from tunnelspec.report.html.cases import operations_of, rows
from tunnelspec.report.html.environment import ENVIRONMENT
from tunnelspec.report.html.findings import shown_findings
from tunnelspec.report.html.histogram import histogram

#: Defects told in the first screen; the rest are counted there and told below.
GLANCE = 8


def render(record: Mapping[str, Any]) -> str:
    """The report as one HTML page."""
    found = groups(record)
    lacking = kinds.missing(record)
    broken = [group for group in found if group.kind in ("fail", "wrong-error")]
    findings = shown_findings(record, [group for group in found if group.kind != "missing"])
    covered = coverage.coverage(record)
    scores = levels.scores(record)
    listed = rows(record, findings)
    verdict, notes = words.verdict_and_notes(record)
    body = ENVIRONMENT.get_template("page.html.j2").render(
        record=record,
        verdict=verdict,
        notes=notes,
        problems=known.problems(record),
        known=known.lines(record),
        state=_state(record, bool(broken)),
        findings=findings,
        glance=[item for item in findings if item.kind != "known"][:GLANCE],
        broken=len(broken),
        missing=lacking,
        scores=scores,
        reached=levels.reached(scores),
        level_says=levels.LEVELS,
        columns=table.areas(record),
        matrix=table.matrix(record),
        kinds=kinds.KINDS,
        used=[kind for kind in kinds.KINDS.values() if any(row.kind == kind.name for row in listed)],
        operations=operations_of(listed),
        covered=_by_operation(covered),
        coverage=coverage.totals(covered),
        symbols=coverage.SYMBOLS,
        classes=coverage.CLASSES,
        unjudged=words.unjudged(record),
        not_proven=words.NOT_PROVEN,
        histogram=histogram(record["run"].get("latency")),
    )
    return document(f"tunnelspec: {record['target']['endpoint']}", body, script=True)


def _state(record: Mapping[str, Any], broken: bool) -> str:
    """The kind that the verdict is of."""
    if broken:
        return "fail"
    totals = record["totals"]
    return "inconclusive" if record["run"].get("stopped") or not totals["pass"] + totals["warn"] else "pass"


def _by_operation(covered: list[coverage.Covered]) -> dict[str, list[coverage.Covered]]:
    found: dict[str, list[coverage.Covered]] = {}
    for item in covered:
        found.setdefault(item.row["operation"], []).append(item)
    return found
