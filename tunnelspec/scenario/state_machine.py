"""The state machine of the stateful test: Hypothesis chooses the calls, and a client checks each response."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from tunnelspec.runner.errors import NotSent, SetupFailed
from tunnelspec.runner.search import SearchEnded
from tunnelspec.scenario.client import MAX_PAGES, ScenarioClient
from tunnelspec.scenario.page_tokens import ALTERATIONS, UNISSUED_TOKEN
from tunnelspec.scenario.runner import NotApplicable, RuleViolated
from tunnelspec.strategies import sequences

_T = TypeVar("_T")
_TUNNELS = Bundle[int]("tunnels")
_ALTERATIONS = st.sampled_from([None, *ALTERATIONS])


class Runs(Protocol):
    """All sequences of one case: what they found, and why nothing more is sent."""

    calls: int
    reason: str
    problem: Exception | None

    def client(self) -> ScenarioClient:
        """A client for one sequence."""

    def violations_of(self, client: ScenarioClient) -> None:
        """Called at the end of each sequence."""


class CallSequence(RuleBasedStateMachine):
    """One sequence of calls by one client. The calls themselves are rules of a subclass, made by `state_machine`."""

    runs: ClassVar[Runs]

    def __init__(self) -> None:
        if self.runs.problem is not None:
            raise SearchEnded
        super().__init__()
        self.client = self.runs.client()
        self.ended = False
        #: The client's names of the tunnels, None where none was opened. What Hypothesis draws may not depend
        #: on what the target returns, so its bundle holds their places.
        self.names: list[str | None] = []

    def step(self, call: Callable[[], _T]) -> _T | None:
        """Make a call. The sequence ends where the model cannot follow any further."""
        if self.runs.problem is not None:
            raise SearchEnded
        if self.ended:
            return None
        self.runs.calls += 1
        try:
            return call()
        except RuleViolated:
            self.ended = True
        except NotApplicable:
            return None
        except SetupFailed as problem:
            self.ended, self.runs.reason = True, str(problem)
        except NotSent as problem:
            # Not a defect that Hypothesis should look for again: it is raised when the search is over.
            self.runs.problem = problem
            raise SearchEnded from None
        return None

    def on(self, tunnel: int, call: Callable[[str], object]) -> None:
        """Make a call on a tunnel, if it was opened."""
        name = self.names[tunnel]
        if name is not None:
            self.step(lambda: call(name))

    def on_key(self, tunnel: int, nearby: sequences.Nearby, call: Callable[[str, str], object]) -> None:
        """Make a call about a key that the tunnel has, or about a similar one."""
        name = self.names[tunnel]
        key = sequences.near(sorted(self.client.state(name).tags), nearby) if name is not None else None
        if key is not None:
            self.on(tunnel, lambda opened: call(opened, key))

    def read_all(self) -> None:
        """Read everything once more: most defects show in what a sequence leaves behind."""
        opened = [name for name in self.names if name is not None]
        for name in opened:
            self.step(partial(self.client.describe, name))
            self.step(partial(self.client.list_tags, name))
        things = {self.client.state(name).thing for name in opened}
        for thing in sorted(thing for thing in things if isinstance(thing, str)):
            self.step(partial(self.client.walk, thing=thing, size=1))
            self.step(partial(self.client.walk, thing=thing))

    def teardown(self) -> None:
        if self.runs.problem is None:
            with suppress(SearchEnded):  # the next sequence raises it
                self.read_all()
        self.runs.violations_of(self.client)
        try:
            self.client.close()
        except NotSent as problem:
            self.runs.problem = self.runs.problem or problem


def _unknown_page(client: ScenarioClient, thing: str | None, way: str | None) -> None:
    """Request a page by a token that the target did not issue, or by an altered one."""
    if way is None:
        client.call("ListTunnels", {"nextToken": UNISSUED_TOKEN})
    else:
        client.altered(client.page(thing=thing, size=1), way)


def state_machine(runs: Runs, drawn: sequences.CallStrategies) -> type[RuleBasedStateMachine]:
    """The state machine of one case; Hypothesis makes an instance of it for each sequence."""

    class Calls(CallSequence):
        @rule(target=_TUNNELS, members=drawn.openings)
        def open(self, members: dict[str, object]) -> int:
            self.names.append(self.step(lambda: self.client.open(**members)))
            return len(self.names) - 1

        @rule(tunnel=_TUNNELS)
        def describe(self, tunnel: int) -> None:
            self.on(tunnel, self.client.describe)

        @rule(tunnel=_TUNNELS, members=drawn.closings)
        def close(self, tunnel: int, members: dict[str, object]) -> None:
            self.on(tunnel, lambda name: self.client.close_tunnel(name, **members))

        @rule(tunnel=_TUNNELS, members=drawn.rotations)
        def rotate(self, tunnel: int, members: dict[str, Any]) -> None:
            self.on(tunnel, lambda name: self.client.rotate(name, **members))

        @rule(tunnel=_TUNNELS, tags=drawn.tags() | drawn.one_tag)
        def tag(self, tunnel: int, tags: dict[str, str] | tuple[sequences.Nearby, str]) -> None:
            """Add tags, or give a value to a key that is there or to a similar one."""
            if isinstance(tags, dict):
                self.on(tunnel, lambda name: self.client.tag(name, tags))
            else:
                self.on_key(tunnel, tags[0], lambda name, key: self.client.tag(name, {key: tags[1]}))

        @rule(tunnel=_TUNNELS, keys=drawn.keys | drawn.nearby)
        def untag(self, tunnel: int, keys: list[str] | sequences.Nearby) -> None:
            """Remove some keys or none, or one that is there, or a similar one."""
            if isinstance(keys, list):
                self.on(tunnel, lambda name: self.client.untag(name, *keys))
            else:
                self.on_key(tunnel, keys, self.client.untag)

        @rule(tunnel=_TUNNELS)
        def list_tags(self, tunnel: int) -> None:
            self.on(tunnel, self.client.list_tags)

        @rule(thing=st.none() | drawn.things, size=drawn.sizes)
        def walk(self, thing: str | None, size: int | None) -> None:
            self.step(lambda: self.client.walk(thing=thing, size=size))

        @rule(tunnel=_TUNNELS, thing=st.none() | drawn.things, size=st.sampled_from([1, 2]), members=drawn.closings)
        def walk_while_closing(self, tunnel: int, thing: str | None, size: int, members: dict[str, object]) -> None:
            """Read a list, and close a tunnel after its first page."""
            page = self.step(lambda: self.client.page(thing=thing, size=size))
            self.on(tunnel, lambda name: self.client.close_tunnel(name, **members))
            if page is not None:
                self.step(lambda: self.client.follow(page, thing=thing, size=size, most=MAX_PAGES if thing else 0))

        @rule(thing=st.none() | drawn.things, way=_ALTERATIONS)
        def unknown_token(self, thing: str | None, way: str | None) -> None:
            self.step(lambda: _unknown_page(self.client, thing, way))

    Calls.runs = runs
    return Calls
