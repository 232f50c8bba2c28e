"""Conformance levels: how far up a target conforms, counted over what it implements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tunnelspec.record.document import Record
from tunnelspec.report.kinds import kind_of, missing

#: From the bytes upwards, with what each level tests: each rests on those before it.
LEVELS = {
    "wire": "requests are dispatched, responses are well formed",
    "shapes": "members have their JSON types, required ones are required",
    "constraints": "bounds, lengths, patterns and enums are enforced as written",
    "errors": "what does not exist gets the correct error",
    "behaviour": "responses agree with the calls before them",
    "auth": "only correctly signed requests are accepted",
}
#: A level of which a larger share is inconclusive has no verdict.
MOST_INCONCLUSIVE = 0.1


@dataclass(frozen=True, slots=True)
class Score:
    """One level's score. `tested` counts cases with a verdict, `passed` those without a violated MUST, and
    `wrong_error` those that were correctly rejected, but not with the right error.
    """

    level: str
    passed: int
    wrong_error: int
    tested: int
    inconclusive: int
    known: int = 0
    reason: str = ""

    @property
    def kind(self) -> str:
        """The kind that the level is of: a known failure looks calm, and still does not conform."""
        if self.conforms:
            return "pass"
        if not self.tested and not self.inconclusive:
            return "skipped"
        if self.passed + self.known < self.tested:
            return "fail"
        return "known" if self.known else "inconclusive"

    @property
    def conforms(self) -> bool:
        """Whether everything on this level was tested and passed."""
        return self.tested > 0 and self.passed == self.tested and not self.inconclusive

    @property
    def not_tested(self) -> bool:
        """Whether so much of it is inconclusive that there is no verdict on this level."""
        return self.inconclusive > MOST_INCONCLUSIVE * (self.tested + self.inconclusive)

    @property
    def figure(self) -> str:
        """`12 of 40 pass`, or `not tested`."""
        if self.not_tested or not self.tested:
            return "not tested"
        open_ = f", {self.inconclusive:,} inconclusive" if self.inconclusive else ""
        return f"{self.passed:,} of {self.tested:,} pass{open_}"

    @property
    def words(self) -> str:
        """The figure, and why the level was not tested."""
        return f"{self.figure}: {self.reason}" if self.figure == "not tested" and self.reason else self.figure


def scores(record: Record) -> list[Score]:
    """The score of every level that has cases in this record, operations not implemented left out."""
    lacking = missing(record)
    counts: dict[str, Counter[str]] = {}
    reasons: dict[str, Counter[str]] = {}
    for case in record["cases"]:
        kind = kind_of(case, lacking)
        counts.setdefault(case["level"], Counter())[kind] += 1
        if kind in ("skipped", "inconclusive") and case.get("reason"):
            reasons.setdefault(case["level"], Counter())[case["reason"]] += 1
    named = [*LEVELS, *(level for level in counts if level not in LEVELS)]
    return [_score(level, counts[level], reasons.get(level)) for level in named if level in counts]


def _score(level: str, count: Counter[str], reasons: Counter[str] | None) -> Score:
    passed = count["pass"] + count["warn"]
    tested = passed + count["fail"] + count["wrong-error"] + count["known"]
    reason = reasons.most_common(1)[0][0] if reasons else ""
    return Score(level, passed, count["wrong-error"], tested, count["inconclusive"], count["known"], reason)


def reached(found: list[Score]) -> str | None:
    """The highest level that passes completely together with all below it, or None."""
    highest = None
    for score in found:
        if not score.conforms:
            break
        highest = score.level
    return highest


def not_tested(record: Record) -> list[str]:
    """The levels without a verdict because more than a tenth of their cases is inconclusive."""
    return [score.level for score in scores(record) if score.not_tested]
