"""A directed case: a short script, and the rules of the model that it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tunnelspec.model.rules import ACCEPTED, Rule
from tunnelspec.runner.case import Case, Result, result
from tunnelspec.runner.session import Session
from tunnelspec.scenario.client import RuleViolated, ScenarioClient
from tunnelspec.scenario.runner import NotApplicable
from tunnelspec.verdict import Outcome

Performance: TypeAlias = Callable[[ScenarioClient], None]
#: Broken by whatever script meets them: without an answer there is nothing more to say.
ALWAYS = frozenset({ACCEPTED.id, "protocol/no-server-error"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """A script under its name. `sentence` is what it demands; `watched` are the ids of its rules."""

    id: str
    sentence: str
    watched: frozenset[str]
    cites: tuple[str, ...]
    perform: Performance

    @property
    def area(self) -> str:
        """The first part of the name."""
        return self.id.split("/", 1)[0]


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, *watched: Rule, checks: tuple[str, ...] = ()) -> Callable[[Performance], Performance]:
    """Register a script `area/Operation/what` that is about these rules; its docstring is the demand.

    `checks` are ids of checks that it is about besides. Raises ValueError for a second one of that name.
    """

    def register(perform: Performance) -> Performance:
        if name in SCENARIOS:
            raise ValueError(f"there are two scripts named {name}")
        ids = frozenset({*(rule.id for rule in watched), *checks})
        cites = tuple(dict.fromkeys(cite for rule in watched for cite in rule.cites)) or ("model",)
        SCENARIOS[name] = Scenario(name, (perform.__doc__ or "").strip(), ids, cites, perform)
        return perform

    return register


def scenario_case(script: Scenario) -> Case:
    """The case that performs a script."""
    return Case(
        id=script.id,
        operation=script.id.split("/")[1],
        level="behaviour",
        requirement=script.sentence,
        cites=script.cites,
        run=_judge(script),
    )


def _judge(script: Scenario) -> Callable[[Case, Session], Result]:
    watched = script.watched | ALWAYS

    def judge(case: Case, session: Session) -> Result:
        before = session.sent
        play = ScenarioClient(session, case.id, watched)
        reason = ""
        try:
            script.perform(play)
        except RuleViolated:
            pass
        except NotApplicable as problem:
            reason = str(problem)
        finally:
            play.close()
        seen = tuple(item for item in play.found if item.finding.rule in watched)
        requests = session.sent - before
        if reason and not seen:
            return Result(case, Outcome.SKIPPED, reason=reason, requests=requests)
        # The rest of a script that went wrong may only echo the first wrong answer.
        observed = "" if seen else f"{len(play.steps)} calls, all answered as due"
        return result(case, seen[:1], requests=requests, observed=observed)

    return judge
