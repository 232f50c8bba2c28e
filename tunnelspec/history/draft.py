"""Drafts of baselines: one entry for each defect of a record that is not listed yet, and what still holds.

An entry lists by pattern only what the pattern says exactly: a pattern stands for several cases where
every case of the suite that it matches violates the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml

from tunnelspec.history.baseline import DRAFT, Baseline, BaselineEntry
from tunnelspec.history.expected import conforming
from tunnelspec.history.patterns import patterns
from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.report import escape
from tunnelspec.report.causes import causes
from tunnelspec.report.summary import title
from tunnelspec.text_file import write_whole

_LONGEST_COMMENT = 300
_HEAD = (
    "# Known deviations of this target. Listed cases still run; an entry whose case passes,",
    "# that matches no case, or whose last day is over, fails the run until it is deleted.",
)


def draft(record: Record, old: Baseline, names: Iterable[str], today: date) -> Baseline:
    """The baseline by which a record has no new failure and no stale entry.

    Reasons of old entries are kept, also of those whose cases have no verdict this time; entries that are
    stale or match nothing are dropped, and what an expired one listed is drafted again.
    """
    everything = list(names)
    outcomes = {case["id"]: case["outcome"] for case in record["cases"]}
    rules = {case["id"]: {finding["check"] for finding in case["findings"]} for case in record["cases"]}
    kept: list[BaselineEntry] = []
    for entry in old.entries:
        covered = [name for name in everything if entry.covers(name)]
        if covered and not entry.expired(today):
            stays = entry.flaky or not conforming(entry, covered, outcomes, rules)
            kept += [entry] if stays else _narrowed(entry, covered, outcomes, rules, everything)
    holding = replace(old, entries=tuple(kept))
    drafted: dict[tuple[str, str], BaselineEntry] = {}
    for cause in causes(record):
        cases = [
            case
            for case, finding in cause.evidence
            if case["outcome"] == "fail"
            and finding["level"] == "MUST"
            and not holding.entry_of(case["id"], today, finding["check"])
        ]
        by_reason: dict[str, list[str]] = {}
        for case in cases:
            ids = by_reason.setdefault(_reason(case, old), [])
            ids += [case["id"]] if case["id"] not in ids else []
        for reason, ids in by_reason.items():
            comment = f"# {escape.one_line(title(cause), _LONGEST_COMMENT)}"
            chosen = " ".join(patterns(ids, everything))
            entry = BaselineEntry(chosen, reason, added=today, comments=(comment,), rule=cause.rule)
            drafted.setdefault((entry.case, entry.rule), entry)
    return replace(old, entries=(*kept, *drafted.values()), head=old.head or _HEAD)


def write(baseline: Baseline, path: Path) -> None:
    """Write a baseline for people to read, whole or not at all. Raises OSError."""
    write_whole(path, text(baseline))


def text(baseline: Baseline) -> str:
    """A baseline as YAML, with the comments that it was read with."""
    lines = [*baseline.head, ""] if baseline.head else []
    for key, flaky in (("known", False), ("flaky", True)):
        entries = [entry for entry in baseline.entries if entry.flaky is flaky]
        if not entries and flaky:
            continue
        lines.append(f"{key}:" if entries else f"{key}: []")
        for entry in entries:
            lines += [f"  {comment}" for comment in entry.comments]
            lines += _yaml(entry)
    return "\n".join(lines) + "\n"


def _yaml(entry: BaselineEntry) -> Iterator[str]:
    keys = ("case", "rule", "reason", "link", "expires", "added")
    values = {key: getattr(entry, key) for key in keys if getattr(entry, key)}
    # One line for each: wide, since a folded pattern is hard to read.
    text = yaml.safe_dump([values], sort_keys=False, allow_unicode=True, width=2**20)
    return (f"  {line}" for line in text.splitlines())


def _narrowed(
    entry: BaselineEntry,
    covered: Sequence[str],
    outcomes: Mapping[str, str],
    rules: Mapping[str, set[str]],
    everything: Sequence[str],
) -> list[BaselineEntry]:
    """The entry without the cases that no longer deviate; nothing if there are no others."""
    passing = set(conforming(entry, covered, outcomes, rules))
    left = [name for name in covered if name not in passing]
    return [replace(entry, case=" ".join(patterns(left, everything)))] if left else []


def _reason(case: RecordedCase, old: Baseline) -> str:
    before = [entry for entry in old.entries if entry.expires and entry.covers(case["id"])]
    if before and not before[0].is_draft:
        return f"{DRAFT} say why again (until {before[0].expires}: {before[0].reason})"
    return f"{DRAFT} say why"
