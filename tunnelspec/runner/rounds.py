"""Spends the time that a run has left: further rounds of its searches, first of those that still bring something new.

New is a response of a kind that no earlier request of the run got, or a finding. A search that brought something
comes next again, one that did not comes after all others: time goes where it pays, and no search is left out.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tunnelspec.printable import counted
from tunnelspec.runner.case import Case, CaseKind, Evidence, Result
from tunnelspec.runner.outcomes import run_case
from tunnelspec.runner.response_class import ResponseClass
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome, worst

#: Examples of one round, by kind of case: short, so that the next search gets its turn within seconds.
_EXAMPLES = {CaseKind.SEARCH: 40, CaseKind.STATEFUL: 8}


@dataclass
class FurtherRounds:
    """New kinds of responses in further rounds, and the rules found violated, each with its case."""

    rounds: int = 0
    requests: int = 0
    duration_s: float = 0.0
    responses: list[ResponseClass] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _RepeatedSearch:
    """A search: what is known of it, and its next round."""

    result: Result
    rounds: int = 0
    observed: str = ""

    def __post_init__(self) -> None:
        self.observed = self.result.observed

    def next_round(self) -> Case:
        """The same case with other draws, that leaves out what it found before."""
        self.rounds += 1
        case = self.result.case
        known = frozenset(item.finding.identity for item in self.result.evidence)
        seed = case.settings.seed + self.rounds
        return replace(case, settings=replace(case.settings, examples=_EXAMPLES[case.kind], seed=seed, known=known))

    def add(self, item: Result) -> list[Evidence]:
        """Take a round's result into the case's; its findings that are new."""
        known = {old.finding.identity for old in self.result.evidence}
        new = [found for found in item.evidence if found.finding.identity not in known]
        evidence = (*self.result.evidence, *new)
        outcome = worst(found.finding for found in evidence)
        observed = self.result.observed
        if new and not self.result.evidence:
            observed = item.observed
        elif not evidence:
            observed = f"{self.observed}; {counted(self.rounds, 'further round')} likewise"
        self.result = replace(
            self.result,
            outcome=outcome,
            evidence=evidence,
            observed=observed,
            error=self.result.error or item.error,
            requests=self.result.requests + item.requests,
            duration_s=self.result.duration_s + item.duration_s,
        )
        return new


def further_rounds(
    results: Sequence[Result], session: Session, missing: Mapping[str, str]
) -> tuple[FurtherRounds, list[Result], str]:
    """Search on until time or requests are spent.

    What was found, the results of the searches with what they found, and why the run cannot go on, if it cannot.
    """
    found, started = FurtherRounds(), time.monotonic()
    arms = [_RepeatedSearch(item) for item in results if _goes_on(item)]
    queue = deque(arms)
    ended = ""
    while queue and not session.budget.is_spent():
        arm = queue.popleft()
        known = set(session.traffic.responses)
        item = run_case(arm.next_round(), session, missing)
        if item.ends_run and not session.budget.is_spent():
            ended = item.ends_run
        responses = [kind for kind in session.traffic.responses if kind not in known]
        new = arm.add(item)
        found.rounds += 1
        found.requests += item.requests
        found.responses += responses
        found.findings += [(item.case.id, evidence.finding.rule) for evidence in new]
        if ended or item.error:
            break
        if responses or new:
            queue.appendleft(arm)
        elif item.requests:
            queue.append(arm)
    found.duration_s = time.monotonic() - started
    return found, [arm.result for arm in arms], ended


def _goes_on(item: Result) -> bool:
    """Whether a case is a search that came to an end: a sequence of calls that fails is found again in each round."""
    if item.outcome in (Outcome.SKIPPED, Outcome.INCONCLUSIVE):
        return False
    return item.case.kind is CaseKind.SEARCH or (item.case.kind is CaseKind.STATEFUL and not item.evidence)
