"""Drafts of baselines: what fails in a record and is not listed yet, and what is listed and still so.

A draft lists by pattern only what the pattern says exactly: a pattern stands for several cases where
every case of the suite that it matches fails, and by the same check.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from tunnelspec.history.baseline import DRAFT, Baseline, BaselineEntry, passing_of
from tunnelspec.names import matches
from tunnelspec.record.document import printable

#: Fewer cases are listed by their names.
_FEWEST = 3
_LONGEST_COMMENT = 300
_HEAD = (
    "# What this target is known to do otherwise. Listed cases still run; an entry whose case passes,",
    "# that matches no case, or whose last day is over, fails the run until it is deleted.",
)


def draft(record: Mapping[str, Any], old: Baseline, names: Iterable[str], today: date) -> Baseline:
    """The baseline by which a record has no new failure and no stale entry.

    Reasons of old entries are kept, also of those whose cases were not judged this time; entries that are
    stale or match nothing are dropped, and what an expired one listed is drafted anew.
    """
    everything = list(names)
    cases = {case["id"]: case for case in record["cases"]}
    outcomes = {name: case["outcome"] for name, case in cases.items()}
    kept: list[BaselineEntry] = []
    for entry in old.entries:
        covered = [name for name in everything if matches(name, entry.case)]
        if covered and not entry.expired(today):
            kept += [entry] if entry.flaky else _still_so(entry, covered, outcomes, everything)
    holding = replace(old, entries=tuple(kept))
    failing = [case for case in cases.values() if case["outcome"] == "fail" and not holding.entry_of(case["id"], today)]
    for group in _by_check(failing):
        ids = [case["id"] for case in group]
        for pattern in patterns(ids, everything):
            first = next(case for case in group if matches(case["id"], pattern))
            kept.append(BaselineEntry(pattern, _reason(first, old), added=today, comments=_comments(first)))
    return replace(old, entries=tuple(kept), head=old.head or _HEAD)


def patterns(names: Sequence[str], everything: Sequence[str]) -> list[str]:
    """The fewest patterns, found greedily, that match these names and no other of `everything`.

    A pattern has `*` for parts of a name between slashes, but never for its first: cases of several areas
    are not one deviation.
    """
    wanted = set(names)
    others = [name for name in everything if name not in wanted]
    left: dict[str, None] = dict.fromkeys(names)
    found = []
    covers: dict[str, list[str]] = {}
    for name in names:
        for pattern in set(_wider(name)):
            covers.setdefault(pattern, []).append(name)
    widest = sorted(covers, key=lambda pattern: (-len(covers[pattern]), -len(pattern), pattern))
    for pattern in widest:
        fresh = [name for name in covers[pattern] if name in left]
        if len(fresh) < _FEWEST or any(matches(name, pattern) for name in others):
            continue
        found.append(pattern)
        left = {name: None for name in left if not matches(name, pattern)}
    return [*found, *left]


def write(baseline: Baseline, path: Path) -> None:
    """Write a baseline for people to read, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(text(baseline), encoding="utf-8")
    os.replace(partial, path)


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
    told = {key: getattr(entry, key) for key in ("case", "reason", "link", "expires", "added") if getattr(entry, key)}
    # One line for each: wide, since a folded pattern is hard to read.
    made = yaml.safe_dump([told], sort_keys=False, allow_unicode=True, width=2**20)
    return (f"  {line}" for line in made.splitlines())


def _still_so(
    entry: BaselineEntry, covered: Sequence[str], outcomes: Mapping[str, str], everything: Sequence[str]
) -> list[BaselineEntry]:
    """The entry without the cases that pass now: itself, narrower ones, or none."""
    passing = set(passing_of(covered, outcomes))
    if not passing:
        return [entry]
    left = [name for name in covered if name not in passing]
    narrower = patterns(left, everything)
    return [replace(entry, case=case, comments=entry.comments if n == 0 else ()) for n, case in enumerate(narrower)]


def _by_check(failing: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Failing cases in groups that are likely one deviation each: those of the same check."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for case in failing:
        check = case["findings"][0]["check"] if case["findings"] else ""
        groups.setdefault(check, []).append(case)
    yield from groups.values()


def _reason(case: Mapping[str, Any], old: Baseline) -> str:
    before = [entry for entry in old.entries if entry.expires and matches(case["id"], entry.case)]
    if before and not before[0].is_draft:
        return f"{DRAFT} say why again (until {before[0].expires}: {before[0].reason})"
    return f"{DRAFT} say why"


def _comments(case: Mapping[str, Any]) -> tuple[str, ...]:
    told = printable(f"{case['expected']}; observed: {case['observed']}")
    return (f"# expected: {' '.join(told.split())}"[:_LONGEST_COMMENT],)


def _wider(name: str) -> Iterator[str]:
    """Patterns that match a name, with `*` for some of its parts, or for the end of its last one."""
    parts = name.split("/")
    ends = [parts[-1]]
    if "-" in parts[-1]:
        ends.append(parts[-1].split("-", 1)[0] + "-*")
    numbers = range(1, len(parts))
    for end in ends:
        for count in range(len(parts)):
            for chosen in combinations(numbers, count):
                pieces = ["*" if number in chosen else part for number, part in enumerate([*parts[:-1], end])]
                made = "/".join(pieces)
                if "*" in made:
                    yield made
