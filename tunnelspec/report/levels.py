"""Conformance levels: how far up a target keeps the contract, counted over what it implements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.report.kinds import kind_of, missing

#: From the bytes upwards: each level rests on those before it.
LEVELS = {
    "wire": "requests are dispatched, answers are well formed",
    "shapes": "members have their JSON types, required ones are required",
    "constraints": "bounds, lengths, patterns and enums are enforced as written",
    "errors": "what does not exist is told by the right error",
    "behaviour": "answers agree with what was done before",
    "auth": "only rightly signed requests are served",
}


@dataclass(frozen=True, slots=True)
class Score:
    """One level's score. `judged` counts cases with a verdict, `passed` those without a broken MUST, and
    `wrong_error` those that were rightly rejected, but not with the right error.
    """

    level: str
    passed: int
    wrong_error: int
    judged: int
    inconclusive: int
    known: int = 0

    @property
    def kind(self) -> str:
        """The kind that the level is of: what is known to be wrong looks calm, and still does not conform."""
        if self.conforms:
            return "pass"
        if not self.asked:
            return "skipped"
        if self.passed + self.known < self.judged:
            return "fail"
        return "known" if self.known else "inconclusive"

    @property
    def asked(self) -> bool:
        """Whether the target was asked anything on this level at all."""
        return bool(self.judged or self.inconclusive)

    @property
    def conforms(self) -> bool:
        """Whether the level is kept whole: everything judged, nothing broken."""
        return self.judged > 0 and self.passed == self.judged and not self.inconclusive


def scores(record: Mapping[str, Any]) -> list[Score]:
    """The score of every level that has cases in this record, operations not implemented left out."""
    lacking = missing(record)
    counts: dict[str, Counter[str]] = {}
    for case in record["cases"]:
        counts.setdefault(case["level"], Counter())[kind_of(case, lacking)] += 1
    known = [*LEVELS, *(level for level in counts if level not in LEVELS)]
    return [_score(level, counts[level]) for level in known if level in counts]


def _score(level: str, count: Counter[str]) -> Score:
    passed = count["pass"] + count["warn"]
    judged = passed + count["fail"] + count["wrong-error"] + count["known"]
    return Score(level, passed, count["wrong-error"], judged, count["inconclusive"], count["known"])


def reached(found: list[Score]) -> str | None:
    """The highest level that is kept whole together with all below it, or None."""
    highest = None
    for score in found:
        if not score.conforms:
            break
        highest = score.level
    return highest
