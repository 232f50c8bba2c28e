"""Wrong decisions by what they have in common: an operation, a keyword, a constraint, a kind of input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tunnelspec.grouping import grouped
from tunnelspec.record.document import Record, RecordedCase, RecordedFinding
from tunnelspec.record.facts import ConstraintRow
from tunnelspec.report.facts import constraint_rows, situations
from tunnelspec.report.scope import TESTED, CaseFinding, Parts, Scope, explains
from tunnelspec.verdict import Kind

#: A keyword is never enforced only if several constraints show it.
_FEWEST_CONSTRAINTS = 3


class Decisions:
    """Wrong decisions: input that is accepted though invalid, or refused though valid."""

    def __init__(self, record: Record, evidence: Sequence[CaseFinding], decision: str) -> None:
        self._invalid = decision == "reject"
        self._evidence = list(evidence)
        self._tested = [c for c in record["cases"] if c.get("decision") == decision and _is_decided(c)]
        self._rows = {row["name"]: row for row in constraint_rows(record)}
        self._situations = situations(record)

    def parts(self) -> Parts:
        """From the widest scope to the narrowest; each takes what it explains."""
        operations = self._whole_operations()
        if operations:
            part = self._take(lambda case, _: case["operation"] in operations)
            yield self._operations(operations, part), part
        for keyword in self._whole_keywords():
            part = self._take(partial(self._is_of, keyword))
            title = f"'{keyword}' must be enforced" if self._invalid else f"'{keyword}' must not be too strict"
            yield Scope("keyword", (keyword,), title, _of(part, self._about(keyword), self._invalid)), part
        for key, part in grouped([p for p in self._evidence if p[1]["constraint"]], self._member).items():
            names = list(dict.fromkeys(finding["constraint"] for _, finding in part))
            yield Scope("constraint", key, "", f"{len(names)} members" if len(names) > 1 else ""), part
        for situation, part in grouped(
            [p for p in self._evidence if not p[1]["constraint"]], lambda p: p[1].get("situation", "")
        ).items():
            yield from self._inputs(situation, part)

    def _whole_operations(self) -> list[str]:
        """The operations of which nearly every such request is decided wrongly."""
        operations = []
        for name in dict.fromkeys(case["operation"] for case, _ in self._evidence):
            about = [case for case in self._tested if case["operation"] == name and self._has_subject(case)]
            own = [pair for pair in self._evidence if pair[0]["operation"] == name and self._has_subject(pair[0])]
            if explains(own, about):
                operations.append(name)
        return operations

    def _has_subject(self, case: RecordedCase) -> bool:
        return bool(case.get("breaks")) if self._invalid else True

    def _operations(self, names: list[str], part: list[CaseFinding]) -> Scope:
        about = [case for case in self._tested if case["operation"] in names]
        title = "Invalid input must be rejected" if self._invalid else "Valid input must be accepted"
        where = names[0] if len(names) == 1 else f"{len(names)} operations"
        return Scope("operations", tuple(names), title, f"{where}: {_of(part, about, self._invalid)}")

    def _whole_keywords(self) -> list[str]:
        """The keywords that are wrong in nearly every case of several constraints."""
        constraints = {finding["constraint"] for _, finding in self._evidence if finding["constraint"]}
        keywords = []
        for keyword in dict.fromkeys(self._keyword(name) for name in constraints):
            own = [pair for pair in self._evidence if self._keyword(pair[1]["constraint"]) == keyword]
            several = len({finding["constraint"] for _, finding in own}) >= _FEWEST_CONSTRAINTS
            if keyword and several and explains(own, self._about(keyword)):
                keywords.append(keyword)
        return sorted(keywords)

    def _about(self, keyword: str) -> list[RecordedCase]:
        return [case for case in self._tested if self._keyword(case.get("constraint", "")) == keyword]

    def _is_of(self, keyword: str, _: RecordedCase, finding: RecordedFinding) -> bool:
        return self._keyword(finding["constraint"]) == keyword

    def _keyword(self, constraint: str) -> str:
        row = self._rows.get(constraint)
        return row["keyword"] if row else ""

    def _member(self, pair: CaseFinding) -> tuple[str, ...]:
        """The same member, keyword and bound in several operations are one defect; so are all of one type."""
        row = self._rows.get(pair[1]["constraint"])
        if row is None:
            return (pair[1]["constraint"],)
        alike = {name for name, other in self._rows.items() if _same_bound(row, other)}
        constraints = {finding["constraint"] for _, finding in self._evidence}
        member = "" if len(alike) > 1 and alike <= constraints else row["path"]
        return (member, row["keyword"], row["bound"])

    def _inputs(self, situation: str, part: list[CaseFinding]) -> Parts:
        tested = [case for case in self._tested if case.get("situation") == situation]
        row = self._situations.get(situation)
        title = row["requirement"] if row else ""
        if len(part) * 2 >= len(tested):
            yield Scope("situation", (situation,), title), part
            return
        for name, own in grouped(part, _subject).items():
            yield Scope("input", (situation, name), title, name), own

    def _take(self, chosen: Callable[[RecordedCase, RecordedFinding], bool]) -> list[CaseFinding]:
        taken = [pair for pair in self._evidence if chosen(*pair)]
        self._evidence = [pair for pair in self._evidence if not chosen(*pair)]
        return taken


def _subject(pair: CaseFinding) -> str:
    """What an input is about: the constraint that it is within, or else what is done to it."""
    case, _ = pair
    constraint = case.get("constraint", "").partition("/")[2]
    return constraint or case["id"].split("/", 2)[-1]


def _is_decided(case: RecordedCase) -> bool:
    """Whether the target accepted or rejected it: an internal error is neither."""
    undecided = (Kind.SERVER_ERROR, Kind.NO_RESPONSE)
    return case["outcome"] in TESTED and not any(finding.get("kind") in undecided for finding in case["findings"])


def _same_bound(one: ConstraintRow, two: ConstraintRow) -> bool:
    return (one["keyword"], one["bound"]) == (two["keyword"], two["bound"])


def _of(part: Sequence[CaseFinding], tested: Sequence[RecordedCase], invalid: bool) -> str:
    affected = {case["id"] for case, _ in part}
    total = len(affected | {case["id"] for case in tested})
    what = "invalid requests accepted" if invalid else "valid requests rejected"
    return f"{len(affected)} of {total} {what}"
