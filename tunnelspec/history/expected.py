"""Compares a record with a baseline: which deviations are known, and which entries no longer hold.

An entry no longer holds if its cases pass, if they no longer violate its rule, if no case has such a name,
or if its last day is over; a sentence says which, and what to delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from tunnelspec.history.baseline import Baseline, BaselineEntry
from tunnelspec.record.document import KnownDeviation, Record, RecordedCase
from tunnelspec.report import expected_failures

#: Names in one sentence.
_MOST_NAMED = 3
_DEVIATING = ("fail", "warn")


def apply(record: Record, baseline: Baseline, names: Iterable[str], today: date) -> None:
    """Mark in a record which deviations are known, and add which entries no longer hold.

    A case is known if each of its findings that decide the outcome is: another defect in a listed case is
    new. `names` are those of the whole suite: a case that was not selected is no reason to delete its
    entry. Totals stay as they are.
    """
    outcomes = {case["id"]: case["outcome"] for case in record["cases"]}
    rules = {case["id"]: {finding["check"] for finding in case["findings"]} for case in record["cases"]}
    for case in record["cases"]:
        if case["outcome"] in _DEVIATING:
            mark_known(case, baseline, today)
    sentences = problems(baseline, outcomes, names, today, rules)
    record["baseline"] = {
        "file": baseline.file,
        "drafts": sum(entry.is_draft for entry in baseline.entries),
        "stale": sentences["stale"],
        "expired": sentences["expired"],
        "unmatched": sentences["unmatched"],
    }
    record["new_failures"] = expected_failures.new_failures(record)


def mark_known(case: RecordedCase, baseline: Baseline, today: date) -> None:
    """Mark which of a case's findings a baseline lists, and the case if each that decides its outcome is listed."""
    entries = [(finding, baseline.entry_of(case["id"], today, finding["check"])) for finding in case["findings"]]
    for finding, entry in entries:
        if entry is not None:
            finding["known"] = _deviation(entry)
    level = "MUST" if case["outcome"] == "fail" else ""
    deciding = [entry for finding, entry in entries if not level or finding["level"] == level]
    listed = [entry for entry in deciding if entry is not None]
    if listed and len(listed) == len(deciding):
        case["known"] = _deviation(listed[0])


def _deviation(entry: BaselineEntry) -> KnownDeviation:
    return {
        "reason": entry.reason,
        "link": entry.link,
        "expires": entry.expires.isoformat() if entry.expires else "",
        "flaky": entry.flaky,
    }


def problems(
    baseline: Baseline,
    outcomes: Mapping[str, str],
    names: Iterable[str],
    today: date,
    rules: Mapping[str, set[str]] | None = None,
) -> dict[str, list[str]]:
    """Sentences about entries: `stale` (nothing of them deviates any more), `expired`, and `unmatched`.

    `outcomes` are those of the cases that were run, by name, `rules` the rules that they violate. Nothing
    is said of an entry whose cases were all left out, unless no case of the suite has such a name.
    """
    everything = list(names)
    sentences: dict[str, list[str]] = {"stale": [], "expired": [], "unmatched": []}
    for entry in baseline.entries:
        where = f"{baseline.file}, line {entry.line}: "
        covered = [name for name in outcomes if entry.covers(name)]
        if not covered:
            if not any(entry.covers(name) for name in everything):
                sentences["unmatched"].append(f"{where}no case is named '{entry.case}'; delete the entry.")
        elif entry.expired(today):
            sentences["expired"].append(
                f"{where}the entry for '{entry.case}' expired on {entry.expires}; delete it, or look again"
                " and give it another day."
            )
        elif not entry.flaky:
            passing = [
                name for name in conforming(entry, covered, outcomes, rules) if not _flaky(baseline, name, today)
            ]
            if passing:
                sentences["stale"].append(where + _stale(entry, passing, covered))
    return sentences


def conforming(
    entry: BaselineEntry,
    names: Iterable[str],
    outcomes: Mapping[str, str],
    rules: Mapping[str, set[str]] | None = None,
) -> list[str]:
    """Those of the names that no longer deviate as the entry says: they pass, or violate other rules only."""
    tested = [name for name in names if outcomes.get(name) in ("pass", *_DEVIATING)]
    return [
        name
        for name in tested
        if outcomes[name] == "pass" or (entry.rule and rules is not None and entry.rule not in rules.get(name, ()))
    ]


def stale_sentence(baseline: Baseline, entry: BaselineEntry, name: str) -> str:
    """The sentence about one case that is listed and passes."""
    return f"{baseline.file}, line {entry.line}: {_stale(entry, [name], [name])}"


def _flaky(baseline: Baseline, name: str, today: date) -> bool:
    entry = baseline.entry_of(name, today)
    return entry is not None and entry.flaky


def _stale(entry: BaselineEntry, passing: Sequence[str], covered: Sequence[str]) -> str:
    now = f"no longer violates {entry.rule}" if entry.rule else "passes now"
    if [entry.case] == list(passing):
        return f"'{entry.case}' {now}; delete the entry."
    several = f"no longer violate {entry.rule}" if entry.rule else "pass now"
    if len(passing) == len(covered):
        return f"all of '{entry.case}' {several} ({len(passing)}); delete the entry."
    named = ", ".join(passing[:_MOST_NAMED])
    more = f" and {len(passing) - _MOST_NAMED} more" if len(passing) > _MOST_NAMED else ""
    return (
        f"'{entry.case}' lists {len(passing)} of {len(covered)} cases that {several}: {named}{more}; delete"
        " the entry, and list those that still fail."
    )
