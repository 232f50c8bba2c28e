"""Verdicts: how binding a rule is, the outcome of a case, and a single finding.

Levels follow RFC 2119 as the contract cites it; outcomes are five and are never folded together:
an inconclusive case says nothing about the target.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How binding a rule is: a violated MUST fails, a violated SHOULD warns, and EITHER allows both outcomes."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    EITHER = "EITHER"


class Outcome(StrEnum):
    """The outcome of a case, from best to worst for the reader's attention."""

    PASS = "pass"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    WARN = "warn"
    FAIL = "fail"


class Axis(StrEnum):
    """Which question a finding answers.

    `decision`: was the input correctly accepted or rejected? `identity`: is the error the right one?
    `form`: is the response well formed on the wire and in shape? `safety`: did it crash or leak?
    `behaviour`: does the response agree with the calls before it?
    """

    DECISION = "decision"
    IDENTITY = "identity"
    FORM = "form"
    SAFETY = "safety"
    BEHAVIOUR = "behaviour"


class Kind(StrEnum):
    """The kind of deviation: with the rule, what findings of one cause have in common."""

    ACCEPTED_INVALID = "accepted-invalid"
    REJECTED_VALID = "rejected-valid"
    WRONG_ERROR = "wrong-error"
    WRONG_STATUS = "wrong-status"
    UNIMPLEMENTED = "unimplemented"
    SERVER_ERROR = "server-error"
    NO_RESPONSE = "no-response"
    WRONG_FORM = "wrong-form"
    WRONG_VALUE = "wrong-value"
    LEAK = "leak"


#: The rule whose violation says that an operation does not exist at all.
IMPLEMENTED = "protocol/implemented"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violated rule, observed in one exchange. Reports make text of it; nothing is read back out of text.

    `rule` is the id of a check or of a rule of the model; `requirement` is what it requires here and
    `observation` what the target did, each a clause without a verdict. `constraint` names the row of the
    constraint table at stake and `situation` the oracle's row, which says what error was expected; both may
    be empty. `cites` are ids of the document's `x-sources`. Two findings with the same `identity` are one defect.
    """

    rule: str
    level: Level
    axis: Axis
    kind: Kind
    requirement: str
    observation: str
    cites: tuple[str, ...] = ()
    constraint: str = ""
    situation: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two findings the same defect: rule, constraint, and the requirement on its side of it."""
        return (self.rule, self.constraint, f"{self.kind} {self.requirement}")


def worst(findings: Iterable[Finding]) -> Outcome:
    """PASS without findings, WARN if only SHOULDs are violated, FAIL otherwise."""
    levels = {finding.level for finding in findings}
    if Level.MUST in levels:
        return Outcome.FAIL
    return Outcome.WARN if levels else Outcome.PASS
