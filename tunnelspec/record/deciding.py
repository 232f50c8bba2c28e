"""Which of a case's findings decided its outcome.

A MUST before a SHOULD, and what the case is about before what the target does in every response: a case
about a bound fails because the value was accepted, whatever content type the response declared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tunnelspec.record.document import RecordedCase, RecordedFinding
from tunnelspec.verdict import Axis, Level

#: From the question that a case is about to what holds for every response.
_AXES = (Axis.DECISION, Axis.BEHAVIOUR, Axis.SAFETY, Axis.IDENTITY, Axis.FORM)


def decide(cases: Sequence[RecordedCase]) -> None:
    """Set `decided_by`, `expected`, `observed`, `cites` and `reproduce` of each case that has findings."""
    spread = Counter(rule for case in cases for rule in {finding["check"] for finding in case["findings"]})
    for case in cases:
        if not case["findings"]:
            continue
        number = min(range(len(case["findings"])), key=lambda n: _rank(case["findings"][n], spread))
        finding = case["findings"][number]
        case["decided_by"] = number
        case["expected"], case["observed"] = finding["expected"], finding["observed"]
        case["cites"], case["reproduce"] = finding["cites"], finding["reproduce"]


def deciding(case: RecordedCase) -> RecordedFinding | None:
    """The finding that decided a case's outcome, or None; the first one in records of before this was noted."""
    findings = case["findings"]
    if not findings:
        return None
    number = case.get("decided_by", 0)
    return findings[number if number < len(findings) else 0]


def _rank(finding: RecordedFinding, spread: Counter[str]) -> tuple[bool, int, int]:
    axis = finding["axis"]
    place = _AXES.index(Axis(axis)) if axis in set(Axis) else len(_AXES)
    # Of two that are alike, the rule that fewer cases violate says more about this one.
    return finding["level"] != Level.MUST, place, spread[finding["check"]]
