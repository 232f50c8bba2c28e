"""Journeys: Hypothesis' rule-based state machine drives the target beside the model, call after call.

Whatever answer disagrees with the model ends its journey; each broken rule is then shown by the shortest
script of calls that breaks it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zlib import crc32

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, Request
from tunnelspec.model import OPERATIONS, RULES
from tunnelspec.runner.case import Case, Evidence, Result, result
from tunnelspec.runner.encode import Unresolved
from tunnelspec.runner.errors import BudgetSpent, SetupFailed, Stopped, TargetLost
from tunnelspec.runner.session import Session
from tunnelspec.scenario.client import ALTERATIONS, UNISSUED_TOKEN, RuleViolated, ScenarioClient
from tunnelspec.scenario.runner import NotApplicable
from tunnelspec.scenario.shrink import Calls, shortest
from tunnelspec.strategies import sequences
from tunnelspec.verdict import Outcome

#: How many calls a journey has at most, walks through lists aside.
STEPS = 16
#: How many shorter scripts are tried for each broken rule, at most.
MOST_ATTEMPTS = 200
_ALTERATIONS = hypothesis.strategies.sampled_from([None, *ALTERATIONS])
WATCHED = frozenset({*RULES, "protocol/no-server-error", "secrets/not-again", "secrets/not-in-errors"})


def stateful_cases(contract: Contract, *, examples: int, seed: int) -> list[Case]:
    """One case: `journeys/OpenTunnel/anything`. None for a contract of another service."""
    if not contract.operations.keys() >= OPERATIONS:
        return []
    name = "journeys/OpenTunnel/anything"
    return [
        Case(
            id=name,
            operation="OpenTunnel",
            level="behaviour",
            requirement="Whatever calls came before, every answer agrees with them.",
            cites=tuple(dict.fromkeys(cite for rule in RULES.values() for cite in rule.cites)),
            run=_judge,
            settings={
                "examples": examples,
                "seed": seed ^ crc32(name.encode()),
                # A first look does not spend more on shortening than on looking.
                "attempts": min(MOST_ATTEMPTS, 20 * examples),
            },
        )
    ]


class _Travels:
    """All journeys of one case: the shortest script of each broken rule, and why nothing more is sent."""

    def __init__(self, session: Session, case: Case) -> None:
        self.session = session
        self.case = case
        self.found: dict[str, Evidence] = {}
        self.steps = 0
        self.nothing = ""
        self.problem: Exception | None = None

    def saw(self, play: ScenarioClient) -> None:
        """Keep what a play found, if nothing shorter is known."""
        for seen in play.found:
            known = self.found.get(seen.finding.rule)
            if known is None or _size(seen) < _size(known):
                self.found[seen.finding.rule] = seen

    def shorten_all(self) -> None:
        """Shorten the script of every broken rule, those among them that only shortening has shown."""
        done: set[str] = set()
        while left := self.found.keys() - done:
            check = min(left)
            self.shorten(check)
            done.add(check)

    def shorten(self, check: str) -> None:
        """Replace the script of a broken rule by the shortest one that breaks it."""

        def shows(calls: Calls) -> Calls | None:
            play = ScenarioClient(self.session, self.case.id, {check})
            try:
                for call in calls:
                    play.replay(call)
            except (NotApplicable, SetupFailed, Unresolved):
                pass
            except RuleViolated:
                self.saw(play)
                return tuple(_asked(step) for step in play.steps)
            finally:
                play.close()
            return None

        seen = self.found[check]
        calls = [_asked(step) for step in (*seen.before, seen.exchange)]
        shortest(calls, shows, attempts=int(self.case.settings["attempts"]))


def _asked(step: Exchange) -> Request:
    assert isinstance(step.request, Request)
    return step.request


def _size(seen: Evidence) -> tuple[int, int]:
    return len(seen.before), sum(len(step.sent.body) for step in (*seen.before, seen.exchange))


def _machine(travels: _Travels) -> type[RuleBasedStateMachine]:
    """The state machine of one case; Hypothesis makes an instance of it for each journey."""
    session, case = travels.session, travels.case
    drawn = sequences.Sequences(session.contract, ScenarioClient(session, case.id).thing)

    class Journey(RuleBasedStateMachine):
        tunnels = Bundle("tunnels")

        def __init__(self) -> None:
            super().__init__()
            self.play = ScenarioClient(session, case.id, WATCHED)
            self.ended = False
            #: The play's names of the tunnels by Hypothesis' own, None where none was opened. What Hypothesis
            #: draws may not depend on what the target answers.
            self.names: list[str | None] = []

        def step(self, act: Callable[[], Any]) -> Any:
            """Make a call; the journey ends early where it cannot be judged any further."""
            if self.ended or travels.problem is not None:
                return None
            travels.steps += 1
            try:
                return act()
            except RuleViolated:
                self.ended = True
                travels.saw(self.play)
            except NotApplicable:
                return None
            except SetupFailed as problem:
                self.ended, travels.nothing = True, str(problem)
            except (TargetLost, BudgetSpent, Stopped) as problem:
                # Not a defect that Hypothesis should look for again: it is raised when the search is over.
                travels.problem = problem
            return None

        @rule(target=tunnels, members=drawn.openings)
        def open(self, members: dict[str, Any]) -> int:
            """Open a tunnel."""
            self.names.append(self.step(lambda: self.play.open(**members)))
            return len(self.names) - 1

        def on(self, tunnel: int, act: Callable[[str], Any]) -> None:
            """Make a call on a tunnel, if it was opened."""
            name = self.names[tunnel]
            if name is not None:
                self.step(lambda: act(name))

        @rule(tunnel=tunnels)
        def describe(self, tunnel: int) -> None:
            """Describe a tunnel, whatever became of it."""
            self.on(tunnel, self.play.describe)

        @rule(tunnel=tunnels, members=drawn.closings)
        def shut(self, tunnel: int, members: dict[str, Any]) -> None:
            """Close a tunnel, and perhaps delete it."""
            self.on(tunnel, lambda name: self.play.shut(name, **members))

        @rule(tunnel=tunnels, members=drawn.rotations)
        def rotate(self, tunnel: int, members: dict[str, Any]) -> None:
            """Rotate tokens."""
            self.on(tunnel, lambda name: self.play.rotate(name, **members))

        @rule(tunnel=tunnels, tags=drawn.tags() | drawn.one_tag)
        def tag(self, tunnel: int, tags: dict[str, str] | tuple[sequences.Nearby, str]) -> None:
            """Add tags, or give a key that is there, or one like it, a value."""
            if isinstance(tags, dict):
                self.on(tunnel, lambda name: self.play.tag(name, tags))
            else:
                nearby, value = tags
                self.on_key(tunnel, nearby, lambda name, key: self.play.tag(name, {key: value}))

        @rule(tunnel=tunnels, keys=drawn.keys | drawn.nearby)
        def untag(self, tunnel: int, keys: list[str] | sequences.Nearby) -> None:
            """Remove some keys or none, or one that is there, or one like it."""
            if isinstance(keys, list):
                self.on(tunnel, lambda name: self.play.untag(name, *keys))
            else:
                self.on_key(tunnel, keys, self.play.untag)

        def on_key(self, tunnel: int, nearby: sequences.Nearby, act: Callable[[str, str], Any]) -> None:
            """Make a call about a key that the tunnel has, or about one like it."""
            name = self.names[tunnel]
            key = sequences.near(sorted(self.play.state(name).tags), nearby) if name is not None else None
            if key is not None:
                self.on(tunnel, lambda known: act(known, key))

        @rule(tunnel=tunnels)
        def tags(self, tunnel: int) -> None:
            """List the tags of a tunnel."""
            self.on(tunnel, self.play.tags)

        @rule(thing=hypothesis.strategies.none() | drawn.things, size=drawn.sizes)
        def walk(self, thing: str | None, size: int | None) -> None:
            """Read a list to its end."""
            self.step(lambda: self.play.walk(thing=thing, size=size))

        @rule(thing=hypothesis.strategies.none() | drawn.things, way=_ALTERATIONS)
        def odd_token(self, thing: str | None, way: str | None) -> None:
            """Ask for a page by a token that nobody gave, or by one that was altered."""
            if way is None:
                self.step(lambda: self.play.call("ListTunnels", {"nextToken": UNISSUED_TOKEN}))
            else:
                self.step(lambda: self.play.altered(self.play.page(thing=thing, size=1), way))

        def look_round(self) -> None:
            """Read everything once more: what a journey left behind is where most defects show."""
            opened = [name for name in self.names if name is not None]
            for name in opened:
                self.step(partial(self.play.describe, name))
                self.step(partial(self.play.tags, name))
            things = {self.play.state(name).thing for name in opened}
            for thing in sorted(thing for thing in things if isinstance(thing, str)):
                self.step(partial(self.play.walk, thing=thing, size=1))
                self.step(partial(self.play.walk, thing=thing))

        def teardown(self) -> None:
            self.look_round()
            try:
                self.play.close()
            except TargetLost as problem:
                travels.problem = problem

    return Journey


def _judge(case: Case, session: Session) -> Result:
    before = session.sent
    session.pool.drop_spare()
    travels = _Travels(session, case)
    machine = hypothesis.seed(int(case.settings["seed"]))(_machine(travels))
    settings = hypothesis.settings(
        max_examples=int(case.settings["examples"]),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        # A journey that finds a defect ends, and the next one goes on: scripts are shortened afterwards.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=settings)
    if travels.problem is None:
        try:
            travels.shorten_all()
        except (TargetLost, BudgetSpent, Stopped) as problem:
            travels.problem = problem
    if travels.problem is not None and not travels.found:
        raise travels.problem
    requests = session.sent - before
    if not travels.found and travels.nothing:
        return Result(case, Outcome.INCONCLUSIVE, reason=travels.nothing, requests=requests)
    seen = tuple(sorted(travels.found.values(), key=_size))
    return result(case, seen, requests=requests, observed="" if seen else f"{travels.steps} calls, all as due")
