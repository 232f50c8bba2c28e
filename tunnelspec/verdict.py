"""Verdicts: how binding a rule is, what became of a case, and a single finding.

Levels follow RFC 2119 as the contract cites it; outcomes are five and are never folded together:
an inconclusive case says nothing about the target.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How binding a rule is: a broken MUST fails, a broken SHOULD warns."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Outcome(StrEnum):
    """What became of a case, from best to worst for the reader's attention."""

    PASS = "pass"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    WARN = "warn"
    FAIL = "fail"


class Axis(StrEnum):
    """Which question a finding answers.

    `decision`: was the input rightly accepted or rejected? `identity`: is the error the right one?
    `form`: is the answer well formed on the wire and in shape? `safety`: did it crash or leak?
    `behaviour`: does the answer agree with what was done before?
    """

    DECISION = "decision"
    IDENTITY = "identity"
    FORM = "form"
    SAFETY = "safety"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule, seen in one exchange.

    `check` names the rule's check, `constraint` the constraint at stake (empty if none),
    `expected` and `observed` are sentences, `cites` are ids of the document's `x-sources`.
    Two findings with the same `identity` are one defect.
    """

    check: str
    level: Level
    axis: Axis
    expected: str
    observed: str
    cites: tuple[str, ...] = ()
    constraint: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two findings the same defect: check, constraint and expectation."""
        return (self.check, self.constraint, self.expected)


def worst(findings: Iterable[Finding]) -> Outcome:
    """PASS without findings, WARN if only SHOULDs are broken, FAIL otherwise."""
    outcome = Outcome.PASS
    for finding in findings:
        if finding.level is Level.MUST:
            return Outcome.FAIL
        outcome = Outcome.WARN
    return outcome
