"""What changed between two records of one target, case by case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.report import expected_failures
from tunnelspec.report.causes import Cause, causes, finding_kind
from tunnelspec.report.escape import printable

SCHEMA = "tunnelspec.diff/1"
#: The kinds of change, fields of a Diff, the worst first.
_PARTS = ("new_failures", "newly_tested", "fixed", "changed", "not_observed")
_TESTED = ("pass", "warn", "fail")
_ABSENT = "absent"
#: From worst to best.
_RANK = {"fail": 0, "warn": 1, "pass": 2}
#: What differs from run to run though nothing changed: ids, times, and what was redacted or counted.
_VOLATILE = (
    (re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"), "<id>"),
    (re.compile(r"\b1[0-9]{9}(?:[0-9]{3})?(?:\.[0-9]+)?\b"), "<time>"),
    (re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)?"), "<time>"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One case that is not as it was. `old` and `new` are outcomes, `absent` for a case that is not there."""

    case: str
    old: str
    new: str
    words: str


@dataclass(frozen=True)
class Diff:
    """All that changed. `settings` are sentences about what makes the runs harder to compare."""

    old: str
    new: str
    new_failures: tuple[Change, ...] = ()
    newly_tested: tuple[Change, ...] = ()
    fixed: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    not_observed: tuple[Change, ...] = ()
    same: int = 0
    settings: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether any case is not as it was."""
        return any(changes for _, changes in self.parts())

    def parts(self) -> Iterator[tuple[str, tuple[Change, ...]]]:
        """Each kind of change with its name, the worst first."""
        for name in _PARTS:
            yield name.replace("_", " "), getattr(self, name)

    def plain(self) -> dict[str, object]:
        """All of it as plain data."""
        return {"schema": SCHEMA, **asdict(self)}


def diff(old: Record, new: Record) -> Diff:
    """What changed from one record to another, by the names of cases.

    A failure is new where the case was tested before and did not fail; one that the new run's baseline lists
    counts as a change. Newly tested is what the old run has no verdict on, whatever its outcome is now; not
    observed is what was tested before and no longer is.
    """
    before = {case["id"]: case for case in old["cases"]}
    after = {case["id"]: case for case in new["cases"]}
    parts: dict[str, list[Change]] = {name: [] for name in _PARTS}
    same = 0
    for name in dict.fromkeys([*after, *before]):
        change = _change(name, before.get(name), after.get(name))
        if change is None:
            same += 1
        else:
            parts[change[0]].append(change[1])
    lists = {name: tuple(changes) for name, changes in parts.items()}
    return Diff(_title(old), _title(new), **lists, same=same, settings=tuple(_settings(old, new)))


def _change(name: str, one: RecordedCase | None, two: RecordedCase | None) -> tuple[str, Change] | None:
    """What kind of change it is, and the change; None if the case is as it was."""
    was, now = _outcome(one), _outcome(two)

    def change(part: str, words: str) -> tuple[str, Change]:
        return part, Change(name, was, now, printable(words).replace("\n", " "))

    if now not in _TESTED or two is None:
        if was not in _TESTED:
            return None
        return change("not_observed", two.get("reason", "") if two else "the case is not in the new run")
    if one is None or was not in _TESTED:
        return change("newly_tested", "passes" if now == "pass" else _deviation(two))
    if now == "fail" and was != "fail":
        if expected_failures.is_known(two):
            return change("changed", f"fails as listed: {expected_failures.words(two['known'])}")
        return change("new_failures", _deviation(two))
    if _RANK[now] > _RANK[was]:
        return change("fixed", _deviation(one))
    if now != was:
        return change("changed", _deviation(two))
    if now != "pass" and _defects(one) != _defects(two):
        return change("changed", f"{_deviation(two)}; before: {one['observed']}")
    return None


def _outcome(case: RecordedCase | None) -> str:
    return str(case["outcome"]) if case is not None else _ABSENT


def _deviation(case: RecordedCase) -> str:
    return f"expected: {case['expected']}; actual: {case['observed']}"


def _defects(case: RecordedCase) -> set[tuple[str, str, str]]:
    """What makes a failure the same as yesterday's: its rules, and what was observed, ids and times aside."""
    violations = {(f["check"], f["constraint"], steady(f["observed"])) for f in case["findings"]}
    # A search shows some defect of several, and counts what it sent.
    return {(check, constraint, "") for check, constraint, _ in violations} if _is_search(case) else violations


def _is_search(case: RecordedCase) -> bool:
    return case["area"] in ("search", "journeys")


def steady(text: str) -> str:
    """The text without what differs from run to run: ids and times."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return text


def since(old: Record, new: Record) -> str:
    """`3 fixed, 1 new, 9 left`, of the defects; empty where neither run has one.

    Those of which no case was tested again are neither fixed nor left.
    """
    before, after = _shown(old), _shown(new)
    tested = {case["id"] for case in new["cases"] if case["outcome"] in _TESTED}
    gone = [keys for keys in map(_keys, _defect_causes(old)) if keys.isdisjoint(after)]
    fixed = sum(any(key[0] in tested for key in keys) for keys in gone)
    current = [_keys(cause) for cause in _defect_causes(new)]
    fresh = sum(keys.isdisjoint(before) for keys in current)
    if not gone and not current:
        return ""
    untested = f", {len(gone) - fixed} not tested" if len(gone) > fixed else ""
    return f"since the last run: {fixed} fixed, {fresh} new, {len(current) - fresh} left{untested}"


def _defect_causes(record: Record) -> list[Cause]:
    return [cause for cause in causes(record) if cause.kind != "known"]


def _shown(record: Record) -> set[tuple[str, ...]]:
    return {key for cause in causes(record) for key in _keys(cause)}


def _keys(cause: Cause) -> set[tuple[str, ...]]:
    """Which case violates which requirement, and how: what a defect has in common with that of another run.

    A search shows some defect of several: it counts only where no other case shows the defect.
    """
    exact = [pair for pair in cause.evidence if not _is_search(pair[0])]
    return {
        (case["id"], finding["check"], finding_kind(finding), steady(finding["expected"]))
        for case, finding in exact or cause.evidence
    }


def _title(record: Record) -> str:
    return f"{record['run']['started']} {record['target']['endpoint']}"


def _settings(old: Record, new: Record) -> Iterator[str]:
    """What the runs did not have in common, as far as it matters to a comparison."""
    pairs = {
        "tunnelspec": (old["suite"]["version"], new["suite"]["version"]),
        "depth": (old["run"]["depth"], new["run"]["depth"]),
        "region": (old["target"]["region"], new["target"]["region"]),
    }
    yield from (f"{what} was {was} and is {now}" for what, (was, now) in pairs.items() if was != now)
    if old["suite"].get("contract") != new["suite"].get("contract"):
        yield "the contract document changed"
    if new["run"].get("stopped"):
        yield f"the new run ended early: {new['run']['stopped']}"
    if old["run"].get("stopped"):
        yield f"the old run ended early: {old['run']['stopped']}"
