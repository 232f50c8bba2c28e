"""Defects: the findings of a record by cause, the most important one first.

Findings of one rule and kind are one defect if they have something in common that explains them: nothing
is validated, an operation fails whatever it gets, a keyword is never enforced. Otherwise each constraint,
kind of input or requirement is a defect of its own. Every report, the diff and the baseline read this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tunnelspec.record.document import Record, RecordedCase, RecordedFinding
from tunnelspec.report import expected_failures
from tunnelspec.report.scope import CaseFinding, Scope, operation_of
from tunnelspec.report.scopes import scopes
from tunnelspec.verdict import IMPLEMENTED, Axis, Kind, Level

#: Kinds of result (`kinds.KINDS`) in the order of their defects.
_ORDER = ("missing", "fail", "warn", "known")


@dataclass(frozen=True)
class Cause:
    """One defect: the violated rule, what its findings have in common, and every case affected.

    `title` states the requirement that is violated; `shared` says what the cases have in common, and is
    empty where the title does. `kind` is one of `kinds.KINDS`; `scope` identifies what is shared.
    """

    rule: str
    kind: str
    level: str
    scope: Scope
    title: str
    evidence: tuple[CaseFinding, ...]

    @property
    def shared(self) -> str:
        """What the affected cases have in common, in a few words."""
        return self.scope.words

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What identifies the defect from run to run."""
        return (self.rule, self.kind, self.scope.name, *self.scope.values)

    @cached_property
    def example(self) -> CaseFinding:
        """The case and finding that show it in the smallest form: fewest calls, then fewest bytes, then a valid one.

        What is wrong with the input of operations is shown by a violated constraint, if there is one; that one fails
        whatever it gets, by a valid call.
        """

        def key(pair: CaseFinding) -> tuple[bool, int, int, bool]:
            _, finding = pair
            is_valid = self.scope.name == "operation" and finding.get("situation") == "valid"
            is_about_input = bool(finding["constraint"]) or is_valid
            return self.scope.name.startswith("operation") and not is_about_input, *_size(finding)

        return min(self.evidence, key=key)

    @property
    def finding(self) -> RecordedFinding:
        """The finding of the example."""
        return self.example[1]

    @property
    def constraint(self) -> str:
        """The constraint that every example is about, or nothing."""
        names = {finding["constraint"] for _, finding in self.evidence}
        return names.pop() if len(names) == 1 else ""

    @cached_property
    def operations(self) -> list[str]:
        """The operations affected."""
        return list(dict.fromkeys(map(operation_of, self.evidence)))

    @cached_property
    def cases(self) -> list[RecordedCase]:
        """The cases affected."""
        return list({case["id"]: case for case, _ in self.evidence}.values())

    @cached_property
    def observations(self) -> list[tuple[str, int]]:
        """What was observed, with how often, most often first."""
        return Counter(finding["observed"] for _, finding in self.evidence).most_common()

    @property
    def is_wire(self) -> bool:
        """Whether it concerns the protocol, which everything else rests on."""
        return self.rule.startswith("protocol/")


def causes(record: Record) -> list[Cause]:
    """The defects of a record: what is not implemented, then those that affect most cases, and at last warnings."""
    families: dict[tuple[str, ...], list[CaseFinding]] = {}
    for case in record["cases"]:
        for finding in case["findings"]:
            # What a baseline lists stands apart from what is new, even where the rule is the same.
            kind = "known" if expected_failures.is_known_finding(case, finding) else _result_kind(finding)
            family = (kind, finding["check"], finding_kind(finding), finding["level"])
            families.setdefault(family, []).append((case, finding))
    _join_decisions(families)
    defects = [cause for key, evidence in families.items() for cause in _split(record, key, evidence)]
    return sorted(defects, key=_importance)


def finding_kind(finding: RecordedFinding) -> str:
    """The finding's kind; in records of before it was noted, what its axis says of it."""
    by_axis = {Axis.SAFETY: Kind.SERVER_ERROR, Axis.IDENTITY: Kind.WRONG_ERROR, Axis.DECISION: Kind.ACCEPTED_INVALID}
    axis = finding["axis"]
    usual = by_axis.get(Axis(axis), Kind.WRONG_VALUE) if axis in set(Axis) else Kind.WRONG_VALUE
    return finding.get("kind", usual.value)


def _result_kind(finding: RecordedFinding) -> str:
    if finding["check"] == IMPLEMENTED:
        return "missing"
    if finding["level"] != Level.MUST:
        return "warn"
    return "wrong-error" if finding["axis"] == Axis.IDENTITY else "fail"


def _split(record: Record, key: tuple[str, ...], evidence: Sequence[CaseFinding]) -> Iterator[Cause]:
    kind, rule, violation, level = key
    for scope, part in scopes(record, rule, violation, evidence):
        title = scope.title or part[0][1]["expected"]
        yield Cause(rule, kind, level, scope, title, tuple(part))


def _join_decisions(families: dict[tuple[str, ...], list[CaseFinding]]) -> None:
    """Move a wrong error to the family of wrong decisions where the same input was accepted elsewhere.

    A value that one operation ignores, and another refuses for the wrong reason, is one deviation of the
    parser. Only inputs that name no constraint are alike in every operation.
    """
    accepted: dict[str, tuple[str, ...]] = {}
    for key, evidence in families.items():
        if key[2] == Kind.ACCEPTED_INVALID:
            accepted.update((_variant(case), key) for case, finding in evidence if not finding["constraint"])
    for key in list(families):
        if key[2] != Kind.WRONG_ERROR:
            continue
        kept: list[CaseFinding] = []
        for case, finding in families[key]:
            home = accepted.get(_variant(case)) if not finding["constraint"] else None
            (families[home] if home else kept).append((case, finding))
        families[key] = kept
        if not kept:
            del families[key]


def _variant(case: RecordedCase) -> str:
    """What is sent, without the operation that it is sent to: a case's name is area/operation/input."""
    return case["id"].split("/", 2)[-1]


def _importance(cause: Cause) -> tuple[int, int, bool]:
    return _ORDER.index(cause.kind.replace("wrong-error", "fail")), -len(cause.cases), not cause.is_wire


def _size(finding: RecordedFinding) -> tuple[int, int, bool]:
    request = finding.get("request")
    is_odd = finding.get("situation") != "valid"
    return len(finding.get("script", ())), request.get("bytes", 0) if request else 0, is_odd
