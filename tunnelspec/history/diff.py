"""What changed between two records of one target, case by case: what a morning after a nightly run asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tunnelspec.record.document import printable
from tunnelspec.report import expected_failures as known

SCHEMA = "tunnelspec.diff/1"
_JUDGED = ("pass", "warn", "fail")
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
    fixed: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    not_observed: tuple[Change, ...] = ()
    same: int = 0
    settings: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {"schema": SCHEMA, **asdict(self)}


@dataclass
class _Lists:
    new_failures: list[Change] = field(default_factory=list)
    fixed: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    not_observed: list[Change] = field(default_factory=list)
    same: int = 0


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Diff:
    """What changed from one record to another, by the names of cases.

    A failure is new where the case did not fail before, also where it was not judged before; one that the
    new run's baseline lists counts as a change. Not observed is what was judged before and no longer is.
    """
    before = {case["id"]: case for case in old["cases"]}
    after = {case["id"]: case for case in new["cases"]}
    lists = _Lists()
    for name in dict.fromkeys([*after, *before]):
        _sort(name, before.get(name), after.get(name), lists)
    return Diff(
        _title(old),
        _title(new),
        tuple(lists.new_failures),
        tuple(lists.fixed),
        tuple(lists.changed),
        tuple(lists.not_observed),
        lists.same,
        tuple(_settings(old, new)),
    )


def _sort(name: str, one: Mapping[str, Any] | None, two: Mapping[str, Any] | None, lists: _Lists) -> None:
    was, now = _outcome(one), _outcome(two)

    def change(words: str) -> Change:
        return Change(name, was, now, printable(words).replace("\n", " "))

    if now not in _JUDGED or two is None:
        if was in _JUDGED:
            lists.not_observed.append(change((two or {}).get("reason") or "the case is not in the new run"))
        else:
            lists.same += 1
    elif now == "fail" and was != "fail":
        if known.is_known(two):
            lists.changed.append(change(f"fails as listed: {known.words(two['known'])}"))
        else:
            lists.new_failures.append(change(_told(two)))
    elif one is None or was not in _JUDGED:
        lists.changed.append(change("judged for the first time"))
    elif _RANK[now] > _RANK[was]:
        lists.fixed.append(change(_told(one)))
    elif now != was:
        lists.changed.append(change(_told(two)))
    elif now != "pass" and _defects(one) != _defects(two):
        lists.changed.append(change(f"{_told(two)}; before: {one['observed']}"))
    else:
        lists.same += 1


def _outcome(case: Mapping[str, Any] | None) -> str:
    return str(case["outcome"]) if case is not None else _ABSENT


def _told(case: Mapping[str, Any]) -> str:
    return f"expected {case['expected']}; observed {case['observed']}"


def _defects(case: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """What makes a failure the same as yesterday's: its rules, and what was observed, ids and times aside."""
    found = {(f["check"], f["constraint"], steady(f["observed"])) for f in case["findings"]}
    # A search shows some defect of several, and counts what it sent.
    return {(check, constraint, "") for check, constraint, _ in found} if _is_search(case) else found


def _is_search(case: Mapping[str, Any]) -> bool:
    return case["area"] in ("search", "journeys")


def steady(text: str) -> str:
    """The text without what differs from run to run: ids and times."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return text


def _title(record: Mapping[str, Any]) -> str:
    return f"{record['run']['started']} {record['target']['endpoint']}"


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
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
