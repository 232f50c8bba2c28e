"""The HTML report: one self-contained file, readable from disk, with nothing fetched from anywhere.

Everything that the target sent is text here: escaped, cut, hidden characters named. Templates are in
`templates/`; `environment.py` sees to it that no value reaches the page in another way. The page is
whole without its script, which only filters, copies and opens what a link points at.
"""

from __future__ import annotations

from tunnelspec.grouping import grouped
from tunnelspec.record.document import Record
from tunnelspec.report import coverage, expected_failures, kinds, levels, summary, table
from tunnelspec.report.causes import causes
from tunnelspec.report.frame import document
from tunnelspec.report.html.cases import operations_of, rows
from tunnelspec.report.html.defects import shown_defects
from tunnelspec.report.html.environment import ENVIRONMENT
from tunnelspec.report.html.histogram import histogram

#: Defects in the first screen; the rest are counted there and stand below.
GLANCE = 8


def render(record: Record) -> str:
    """The report as one HTML page."""
    all_causes = causes(record)
    lacking = kinds.missing(record)
    new = [cause for cause in all_causes if cause.kind in ("fail", "wrong-error")]
    defects = shown_defects(record, all_causes)
    covered = coverage.coverage(record)
    scores = levels.scores(record)
    listed = rows(record, defects)
    verdict, notes = summary.verdict_and_notes(record)
    body = ENVIRONMENT.get_template("page.html.j2").render(
        record=record,
        verdict=verdict,
        notes=notes,
        problems=expected_failures.problems(record),
        known=expected_failures.lines(record),
        state=_state(record, bool(new)),
        defects=defects,
        glance=[item for item in defects if item.kind != "known"][:GLANCE],
        missing=lacking,
        scores=scores,
        reached=levels.reached(scores),
        level_says=levels.LEVELS,
        columns=table.areas(record),
        matrix=table.matrix(record),
        kinds=kinds.KINDS,
        used=[kind for kind in kinds.KINDS.values() if any(row.kind == kind.name for row in listed)],
        operations=operations_of(listed),
        covered=grouped(covered, lambda item: item.row["operation"]),
        coverage=coverage.totals(covered),
        symbols=coverage.SYMBOLS,
        classes=coverage.CLASSES,
        untested=summary.untested(record),
        not_proven=summary.NOT_PROVEN,
        further=summary.further_rounds(record),
        histogram=histogram(record["run"].get("latency")),
    )
    return document(f"tunnelspec: {record['target']['endpoint']}", body, script=True)


def _state(record: Record, failed: bool) -> str:
    """The kind that the verdict is of."""
    if failed:
        return "fail"
    totals = record["totals"]
    return (
        "inconclusive"
        if record["run"].get("stopped") or levels.not_tested(record) or not totals["pass"] + totals["warn"]
        else "pass"
    )
