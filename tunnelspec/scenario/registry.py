"""Scenarios by name, and the cases that run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tunnelspec.model.rules import ACCEPTED, ISSUED, Rule
from tunnelspec.runner.case import Case, CaseKind, Priority, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.runner import JSON_REQUIRED, RESPONSE_REQUIRED, NotApplicable, RejectionAllowed, RuleViolated
from tunnelspec.verdict import Level, Outcome

Steps: TypeAlias = Callable[[ScenarioClient], None]
#: Violations that end any scenario: without a usable response its later calls prove nothing.
ALWAYS = frozenset({ACCEPTED.id, ISSUED.id, "protocol/no-server-error", RESPONSE_REQUIRED, JSON_REQUIRED})


@dataclass(frozen=True, slots=True)
class Scenario:
    """Calls under a name. `requirement` is a sentence; `watched` are the ids of the rules that it tests."""

    id: str
    area: str
    operation: str
    requirement: str
    watched: frozenset[str]
    cites: tuple[str, ...]
    steps: Steps


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, *watched: Rule, checks: tuple[str, ...] = ()) -> Callable[[Steps], Steps]:
    """Register a scenario `area/Operation/what` that tests these rules; its docstring is the requirement.

    `checks` are ids of checks that it tests as well. Raises ValueError for a second scenario of that name.
    """

    def register(steps: Steps) -> Steps:
        if name in SCENARIOS:
            raise ValueError(f"there are two scenarios named {name}")
        ids = frozenset({*(rule.id for rule in watched), *checks})
        cites = tuple(dict.fromkeys(cite for rule in watched for cite in rule.cites)) or ("model",)
        area, operation, _ = name.split("/")
        SCENARIOS[name] = Scenario(name, area, operation, " ".join((steps.__doc__ or "").split()), ids, cites, steps)
        return steps

    return register


def scenario_case(
    scenario: Scenario, priority: Priority = Priority.BEHAVIOUR, settings: Mapping[str, Any] | None = None
) -> Case:
    """The case that runs a scenario. A setting `thorough` is for its client."""
    return Case(
        id=scenario.id,
        operation=scenario.operation,
        level="behaviour",
        requirement=scenario.requirement,
        cites=scenario.cites,
        run=_run(scenario),
        settings=settings or {},
        area=scenario.area,
        kind=CaseKind.SCENARIO,
        priority=priority,
    )


def _run(scenario: Scenario) -> Callable[[Case, Session], Result]:
    watched = scenario.watched | ALWAYS

    def run(case: Case, session: Session) -> Result:
        before = session.sent
        client = ScenarioClient(session, case.id, watched, thorough=bool(case.settings.get("thorough")))
        reason, allowed = "", False
        try:
            scenario.steps(client)
        except RuleViolated:
            pass
        except NotApplicable as problem:
            reason, allowed = str(problem), isinstance(problem, RejectionAllowed)
        finally:
            client.close()
        evidence = [item for item in client.evidence if item.finding.rule in watched]
        apart = {item.finding.identity: item for item in client.apart if item.finding.rule in watched}
        requests = session.sent - before
        if reason and not evidence and not apart:
            return Result(case, Outcome.SKIPPED, reason=reason, requests=requests, rejection_allowed=allowed)
        # What follows the first violation may only echo it, unless it was found apart.
        evidence.sort(key=lambda item: item.finding.level is not Level.MUST)
        evidence = [*apart.values(), *evidence[:1]]
        observed = "" if evidence else f"{len(client.calls)} calls, all as required"
        return result(case, tuple(evidence), requests=requests, observed=observed)

    return run
