"""Scenarios by name, and the cases that run them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from tunnelspec.model.rules import ACCEPTED, ISSUED, NEW, Rule
from tunnelspec.runner.case import Case, CaseKind, CaseSettings, Evidence, Priority, Reproduces, Result, result
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import RESPONSE_REQUIRED
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.runner import (
    JSON_REQUIRED,
    NotApplicable,
    RejectionAllowed,
    RuleViolated,
    is_of_response,
)
from tunnelspec.verdict import Level, Outcome

Steps: TypeAlias = Callable[[ScenarioClient], None]
#: Violations that end any scenario: without a usable response its later calls prove nothing.
ALWAYS = frozenset({ACCEPTED.id, ISSUED.id, NEW.id, "protocol/no-server-error", RESPONSE_REQUIRED, JSON_REQUIRED})
#: The area of scenarios in which several clients work at the same time.
CONCURRENT = "isolation"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Calls under a name. `requirement` is a sentence; `watched` are the ids of the rules that it tests; one with
    many calls runs in `thorough` runs only."""

    id: str
    area: str
    operation: str
    requirement: str
    watched: frozenset[str]
    cites: tuple[str, ...]
    steps: Steps
    thorough: bool = False


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str, *watched: Rule, requirement: str = "", checks: tuple[str, ...] = (), thorough: bool = False
) -> Callable[[Steps], Steps]:
    """Register a scenario `area/Operation/what` that tests these rules; its docstring is the requirement, where none
    is given.

    Steps may have several names, each with rules of its own: they are made once where all calls are as required.
    `checks` are ids of checks that it tests as well. Raises ValueError for a second scenario of that name.
    """

    def register(steps: Steps) -> Steps:
        if name in SCENARIOS:
            raise ValueError(f"there are two scenarios named {name}")
        ids = frozenset({*(rule.id for rule in watched), *checks})
        cites = tuple(dict.fromkeys(cite for rule in watched for cite in rule.cites)) or ("model",)
        area, operation, _ = name.split("/")
        sentence = requirement or " ".join((steps.__doc__ or "").split())
        SCENARIOS[name] = Scenario(name, area, operation, sentence, ids, cites, steps, thorough)
        return steps

    return register


def scenario_case(scenario: Scenario, priority: Priority = Priority.BEHAVIOUR, *, thorough: bool = False) -> Case:
    """The case that runs a scenario."""
    return Case(
        id=scenario.id,
        operation=scenario.operation,
        level="behaviour",
        requirement=scenario.requirement,
        cites=scenario.cites,
        run=_run(scenario),
        settings=CaseSettings(thorough=thorough),
        enabled=thorough or not scenario.thorough,
        area=scenario.area,
        kind=CaseKind.SCENARIO,
        priority=priority,
    )


def _run(scenario: Scenario) -> Callable[[Case, Session], Result]:
    def run(case: Case, session: Session) -> Result:
        if scenario.steps in session.clean:
            return result(case, (), observed="the calls of an earlier case, all as required")
        before = session.traffic.sent
        client, problem = _run_once(scenario, case, session)
        if problem is None and not (client.evidence or client.apart or client.confirmed):
            session.clean.add(scenario.steps)
        evidence = _confirmed(scenario, case, session, _evidence(client, scenario)) + client.confirmed
        if problem is not None and not evidence:
            allowed = isinstance(problem, RejectionAllowed)
            return Result(case, Outcome.SKIPPED, reason=str(problem), rejection_allowed=allowed)
        observed = "" if evidence else f"{session.traffic.sent - before} calls, all as required"
        return result(case, tuple(evidence), observed=observed)

    return run


def _run_once(
    scenario: Scenario, case: Case, session: Session, *, fresh: bool = False
) -> tuple[ScenarioClient, NotApplicable | None]:
    """Run the scenario once, from a fresh connection if asked for: its client, and why it cannot test this target."""
    watched = scenario.watched | ALWAYS
    client = ScenarioClient(session, case.id, watched, thorough=case.settings.thorough, fresh=fresh)
    problem = None
    try:
        scenario.steps(client)
    except RuleViolated:
        pass
    except NotApplicable as why:
        problem = why
    finally:
        client.close()
    return client, problem


def _evidence(client: ScenarioClient, scenario: Scenario) -> list[Evidence]:
    """What violates rules that the scenario tests: what was found apart, and of the rest the first, since what
    follows may only echo it. Where that is no MUST, the first violation of one that other scenarios test: it may show
    after these calls alone. What is wrong with a response by itself counts wherever it shows."""
    watched = scenario.watched | ALWAYS
    apart = {item.finding.identity: item for item in client.apart if item.finding.rule in watched}
    others = [item for item in client.evidence if item.finding.rule in watched]
    others.sort(key=lambda item: item.finding.level is not Level.MUST)
    unwatched = [item for item in (*client.apart, *client.evidence) if item.finding.rule not in watched]
    shown = [*apart.values(), *others[:1]]
    # Of what clients do at once, a scenario knows only what it is about.
    if scenario.area != CONCURRENT and not any(item.finding.level is Level.MUST for item in shown):
        same_calls = (other for other in SCENARIOS.values() if other.steps is scenario.steps)
        theirs = {rule for other in same_calls for rule in other.watched}
        musts = (item for item in unwatched if item.finding.level is Level.MUST and item.finding.rule not in theirs)
        shown += islice((item for item in musts if not is_of_response(item.finding)), 1)
    # Of a response that violates what is shown, the checks may say the same once more.
    reported = {id(item.exchange) for item in shown}
    responses = (item for item in unwatched if is_of_response(item.finding) and id(item.exchange) not in reported)
    return [*shown, *{item.finding.identity: item for item in responses}.values()]


def _confirmed(scenario: Scenario, case: Case, session: Session, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence with how it shows again: by the scenario on fresh tunnels, which is run once more; beside other
    clients; or not."""
    if scenario.area == CONCURRENT:
        return [replace(item, reproduces=Reproduces.BESIDE) for item in evidence]
    doubtful = [item for item in evidence if session.budget.may_confirm(item.finding.rule, item.finding.kind)]
    if not doubtful:
        return evidence
    try:
        again, _ = _run_once(scenario, case, session, fresh=True)
    except NotSent:
        return evidence
    rules = {item.finding.rule for item in _evidence(again, scenario)}
    ways = {True: Reproduces.ALONE, False: Reproduces.ONCE}
    return [replace(item, reproduces=ways[item.finding.rule in rules]) for item in evidence]
