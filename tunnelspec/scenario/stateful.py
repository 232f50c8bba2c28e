"""The stateful test: Hypothesis drives the target beside the model, call after call.

A response that violates a MUST ends its sequence of calls. Each violated rule is then reported with the shortest
sequence that violates it.
"""

from __future__ import annotations

from contextlib import suppress
from zlib import crc32

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.model import OPERATIONS, RULES
from tunnelspec.runner.case import Case, CaseKind, CaseSettings, Evidence, Priority, Result, result
from tunnelspec.runner.encode import Unresolved
from tunnelspec.runner.errors import NotSent, SetupFailed
from tunnelspec.runner.search import SearchEnded
from tunnelspec.runner.search_settings import rounds, search_settings
from tunnelspec.runner.session import Session
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import ALWAYS
from tunnelspec.scenario.runner import NotApplicable, RuleViolated
from tunnelspec.scenario.shrink import Calls, shortest
from tunnelspec.verdict import Level, Outcome

AREA = "journeys"
#: The most calls of a sequence, walks through lists aside.
STEPS = 16
#: The most shorter sequences that are tried for each violated rule.
MAX_ATTEMPTS = 200
WATCHED = frozenset({*RULES, *ALWAYS, "secrets/not-again", "secrets/not-in-errors"})


def stateful_cases(contract: Contract, *, examples: int, seed: int) -> list[Case]:
    """One case: `journeys/OpenTunnel/anything`. None for a contract of another service."""
    if not contract.operations.keys() >= OPERATIONS:
        return []
    name = f"{AREA}/OpenTunnel/anything"
    return [
        Case(
            id=name,
            operation="OpenTunnel",
            level="behaviour",
            requirement="Every response must agree with the calls before it, whatever they were.",
            cites=tuple(dict.fromkeys(cite for rule in RULES.values() for cite in rule.cites)),
            run=_run,
            # A quick run does not spend more on shortening than on searching.
            settings=CaseSettings(examples, seed ^ crc32(name.encode()), attempts=min(MAX_ATTEMPTS, 20 * examples)),
            area=AREA,
            kind=CaseKind.STATEFUL,
            priority=Priority.STATEFUL,
        )
    ]


class _SequenceSearch:
    """All sequences of one case: the shortest for each violated rule, and why nothing more is sent."""

    def __init__(self, session: Session, case: Case) -> None:
        self.session = session
        self.case = case
        self.violations: dict[str, Evidence] = {}
        self.calls = 0
        self.reason = ""
        self.problem: Exception | None = None

    def client(self) -> ScenarioClient:
        """A client that stops at any violation."""
        return ScenarioClient(self.session, self.case.id, WATCHED)

    def violations_of(self, client: ScenarioClient) -> None:
        """Keep the violations of a sequence for which no shorter one is known."""
        for evidence in client.evidence:
            known = self.violations.get(evidence.finding.rule)
            if known is None or _size(evidence) < _size(known):
                self.violations[evidence.finding.rule] = evidence

    def shorten_all(self) -> None:
        """Shorten the sequence of every violated rule, those among them that only shortening shows."""
        done: set[str] = set()
        while left := self.violations.keys() - done:
            rule = min(left)
            self._shorten(rule)
            done.add(rule)

    def _shorten(self, rule: str) -> None:
        def violates(calls: Calls) -> Calls | None:
            client = ScenarioClient(self.session, self.case.id, {rule})
            try:
                for call in calls:
                    client.replay(call)
            except (NotApplicable, RuleViolated, SetupFailed, Unresolved):
                pass
            finally:
                client.close()
            self.violations_of(client)
            return next((_calls(item) for item in client.evidence if item.finding.rule == rule), None)

        shortest(_calls(self.violations[rule]), violates, attempts=self.case.settings.attempts)


def _calls(evidence: Evidence) -> Calls:
    requests = (exchange.request for exchange in (*evidence.before, evidence.exchange))
    return tuple(request for request in requests if isinstance(request, Request))


def _size(evidence: Evidence) -> tuple[int, int]:
    exchanges = (*evidence.before, evidence.exchange)
    return len(evidence.before), sum(len(exchange.sent.body) for exchange in exchanges)


def _search(runs: _SequenceSearch, case: Case) -> None:
    """Send the sequences that Hypothesis draws."""
    import hypothesis
    from hypothesis.stateful import run_state_machine_as_test

    from tunnelspec.scenario.state_machine import state_machine
    from tunnelspec.strategies import sequences

    drawn = sequences.CallStrategies(runs.session.contract, runs.client().thing)
    with suppress(SearchEnded):  # `runs.problem` says why
        for first, count in rounds(case.settings.examples):
            machine = hypothesis.seed(case.settings.seed + first)(state_machine(runs, drawn))
            # Sequences are shortened afterwards, by calls and not by Hypothesis' choices.
            settings = search_settings(count, shrink=False, steps=STEPS)
            run_state_machine_as_test(machine, settings=settings)


def _run(case: Case, session: Session) -> Result:
    session.pool.drop_spare()
    runs = _SequenceSearch(session, case)
    _search(runs, case)
    if runs.problem is None:
        try:
            runs.shorten_all()
        except NotSent as problem:
            runs.problem = problem
    if runs.problem is not None and not runs.violations:
        raise runs.problem
    if not runs.violations and runs.reason:
        return Result(case, Outcome.INCONCLUSIVE, reason=runs.reason)
    evidence = tuple(sorted(runs.violations.values(), key=lambda e: (e.finding.level is not Level.MUST, _size(e))))
    observed = "" if evidence else f"{runs.calls} calls, all as required"
    return result(case, evidence, observed=observed)
