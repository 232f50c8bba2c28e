"""Plays a script: calls that build on one another, each answer held against the model of the service.

A script names what its calls return (`t1`, `page2`) and later calls refer to it by `Live` placeholders,
so that it reads, shrinks and repeats the same whatever ids the target hands out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tunnelspec.checks import inconclusive
from tunnelspec.exchange import Exchange, Request
from tunnelspec.model import READS, RULES, Mismatch, Model, Told
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.encode import resolve
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Axis, Finding, Kind

#: How often a read is repeated while a target may still lag behind a write, in seconds between.
_POLL_S = 0.5


class NotApplicable(Exception):
    """The target is free to refuse what this script is about, and does; the argument says what."""


class ScenarioRunner:
    """One performance of a script on one session. Not thread-safe. Raises KeyError for an unknown name.

    `clock` and `sleep` are seconds as `time.monotonic` and `time.sleep` have them.
    """

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        prefix: str = "",
    ) -> None:
        self.session = session
        self.model = Model(session.contract)
        self.clock = clock
        self.sleep = sleep
        self.names: dict[str, dict[str, str]] = {}
        self.steps: list[Exchange] = []
        self.found: list[Evidence] = []
        #: Each call with what was sent once its names were put in, and what was told.
        self.calls: list[tuple[Exchange, str, dict[str, Any], Told]] = []
        self._prefix = prefix
        self._returned: dict[str, int] = {}

    def call(self, operation: str, body: Mapping[str, Any], returns: str | None = None, name: str = "") -> Told:
        """Send one call and judge its answer. `returns` names what it returns: `t` makes t1, t2, and so on;
        `name` is that name where it is already given.

        Raises SetupFailed where there is no answer that says anything, and the session's exceptions.
        """
        until = self.clock() + self.session.consistency_timeout_s
        if returns is not None:
            self._returned[returns] = self._returned.get(returns, 0) + 1
            name = name or self.last(returns)
        while True:
            exchange, told = self._send(operation, body, name)
            resolved = self._resolved(body)
            disagreements = self.model.judge(operation, resolved, told, self.clock())
            if not disagreements or operation not in READS or self.clock() >= until:
                break
            # Nothing promises that a read sees the last write at once.
            self.sleep(_POLL_S)
        before = tuple(self.steps)
        self.steps.append(exchange)
        self.calls.append((exchange, operation, resolved, told))
        self.note(disagreements, exchange, before)
        self.found += [
            Evidence(finding, exchange, before)
            for finding in self.session.check(exchange)
            if finding.axis is Axis.SAFETY
        ]
        following = self.model.advance(operation, resolved, told, self.clock())
        if name and told.accepted:
            self.names[name] = self.model.referable(told, following)
        return told

    def last(self, returns: str) -> str:
        """The name of what the latest call of this kind returned: t3."""
        return f"{self._prefix}{returns}{self._returned[returns]}"

    def note(self, items: Iterable[Mismatch], exchange: Exchange, before: tuple[Exchange, ...]) -> None:
        """Note that an answer breaks rules, and which calls went before it."""
        known = (item for item in items if item.rule.id in RULES)
        self.found += [Evidence(_finding(item), exchange, before) for item in known]

    def disagree(self, item: Mismatch) -> None:
        """Note that the answer to the latest call breaks a rule which only the whole script shows."""
        self.note([item], self.steps[-1], tuple(self.steps[:-1]))

    def close(self) -> None:
        """Delete what the script opened. Raises TargetLost."""
        self.session.discard()

    def _send(self, operation: str, body: Mapping[str, Any], name: str) -> tuple[Exchange, Told]:
        # Whether it is rightly accepted is for the model to say, which knows what went before.
        due = self.model.due(operation, self._resolved(body))
        creates = self.session.contract.created_by(operation) is not None
        # A quota of the resource's own is a right answer where either is; one of the account says nothing.
        situation = "open" if due == "either" and not creates else "state-dependent"
        request = Request(operation, body, situation, returns=name)
        exchange = self.session.step(request, self.names)
        nothing = inconclusive(exchange, self.session.contract)
        if exchange.response is None or exchange.failure is not None or nothing is not None:
            raise SetupFailed(nothing or f"no answer: {exchange.failure}")
        answer = exchange.response
        return exchange, Told(answer.status, answer.named_error, answer.json)

    def _resolved(self, body: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = resolve(body, self.names)
        return found


def _finding(item: Mismatch) -> Finding:
    rule = item.rule
    return Finding(rule.id, rule.level, Axis.BEHAVIOUR, Kind.WRONG_VALUE, item.expected, item.observed, rule.cites)
