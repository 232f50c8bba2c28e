"""Runs a scenario: calls that build on one another, each response checked against the model of the service.

A scenario names what its calls return (`t1`, `page2`), and later calls refer to it by `Live` placeholders, so that
it reads, shrinks and repeats the same whatever identifiers the target issues.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tunnelspec.exchange import PLAIN, Exchange, Request, Response, Wire
from tunnelspec.model import READS, RULES, Expectation, Mismatch, Model
from tunnelspec.model.members import text
from tunnelspec.model.rules import NEW
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.denial import denial_reason
from tunnelspec.runner.encode import resolve
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, second_try
from tunnelspec.verdict import Axis, Finding, Kind

#: How often a read is repeated while it may lag behind a write, in seconds between.
_POLL_S = 0.5
#: The check of a response that is not JSON.
JSON_REQUIRED = "protocol/json-body"


class NotApplicable(Exception):
    """The scenario cannot test this target; the argument says why."""


class RejectionAllowed(NotApplicable):
    """The target may reject a call that the scenario needs, and does."""


class RuleViolated(Exception):
    """A response violated a rule that ends the scenario: its later calls would prove nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made: its exchange, and the body with every placeholder resolved."""

    exchange: Exchange
    operation: str
    body: Mapping[str, object]
    response: Response


class ScenarioRunner:
    """Runs one scenario on one session. Not thread-safe. Raises KeyError for an unknown name.

    `fresh`: the first call uses a new connection.

    `clock` and `sleep` are seconds as `time.monotonic` and `time.sleep` have them.
    """

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        prefix: str = "",
        fresh: bool = False,
    ) -> None:
        self.session = session
        self.model = Model(session.contract, session.context.region)
        self.clock = clock
        self.sleep = sleep
        #: The string members of what calls returned, by name.
        self.names: dict[str, dict[str, str]] = {}
        self.calls: list[Call] = []
        self.evidence: list[Evidence] = []
        self._prefix = prefix
        self._fresh = fresh
        self._wire = PLAIN
        self._returned: dict[str, int] = {}

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The calls so far."""
        return tuple(call.exchange for call in self.calls)

    def call(self, operation: str, body: Mapping[str, object], returns: str | None = None, name: str = "") -> Response:
        """Send one call and check its response. `returns` names what it returns: `t` makes t1, t2, and so on;
        `name` is that name where it is given.

        A read is repeated until it shows the last write, for as long as the session allows: AWS promises no more.
        Raises RuleViolated or SetupFailed for a response that cannot be used, and the session's exceptions.
        """
        until = self.clock() + self.session.context.consistency_timeout_s
        if returns is not None:
            self._returned[returns] = self._returned.get(returns, 0) + 1
            name = name or self.last(returns)
        resolved: dict[str, object] = resolve(body, self.names)
        while True:
            exchange, response = self._send(operation, body, resolved, name)
            mismatches = list(self.model.check(operation, resolved, response, self.clock()))
            if not mismatches or operation not in READS or self.clock() >= until:
                break
            self.sleep(_POLL_S)
        before = self.exchanges
        self.calls.append(Call(exchange, operation, resolved, response))
        self.note(mismatches, exchange, before)
        known = {evidence.finding.rule for evidence in self.evidence if evidence.exchange is exchange}
        self._note_findings(exchange, before, lambda finding: is_of_response(finding) and finding.rule not in known)
        self.model.apply(operation, resolved, response, self.clock())
        if name and response.accepted:
            members = response.members
            self.names[name] = {key: found for key in members if (found := text(members, key)) is not None}
        return response

    def last(self, returns: str) -> str:
        """The name of what the latest call of this kind returned: t3."""
        return f"{self._prefix}{returns}{self._returned[returns]}"

    def reconnect(self) -> None:
        """Have the next call use a new connection."""
        self._fresh = True

    def write(self, wire: Wire) -> None:
        """Have the next call be written to its connection in this way."""
        self._wire = wire

    def note(self, mismatches: Iterable[Mismatch], exchange: Exchange, before: tuple[Exchange, ...]) -> None:
        """Note that a response violates rules, and which calls preceded it."""
        known = (mismatch for mismatch in mismatches if mismatch.rule.id in RULES)
        self.evidence += [Evidence(finding_of(mismatch), exchange, before) for mismatch in known]

    def mismatch(self, mismatch: Mismatch) -> None:
        """Note that the latest response violates a rule, as only all calls together show."""
        *before, exchange = self.exchanges
        self.note([mismatch], exchange, tuple(before))

    def close(self) -> None:
        """Delete what the scenario opened. Raises TargetLost."""
        self.session.discard()

    def _send(
        self, operation: str, body: Mapping[str, object], resolved: Mapping[str, object], name: str
    ) -> tuple[Exchange, Response]:
        # Whether a call must succeed is for the model to say, which knows the calls before it.
        expectation = self.model.expected(operation, resolved)
        creates = self.session.contract.created_by(operation) is not None
        # A rejection by a quota of the tunnel is an outcome where either is; one by a quota of the account is none.
        situation = "open" if expectation is Expectation.EITHER and not creates else "state-dependent"
        exchange = self._usable(Request(operation, body, situation, returns=name))
        if exchange.sent.wire.chunk_sizes is not None and exchange.response is not None:
            self._allow_length_required(exchange.response)
        reason = denial_reason(self.session, exchange)
        if expectation is Expectation.REJECT and exchange.usable is not None:
            # Whatever the error is, access denied among them, the call is rejected.
            row = self.session.contract.errors.get(exchange.usable.named_error or "")
            reason = reason if row is not None and row.retryable else None
        if exchange.response is None or reason is not None:
            raise SetupFailed(reason or describe(exchange))
        if exchange.response.accepted and exchange.response.problem is not None:
            self._note_findings(exchange, self.exchanges, lambda finding: finding.rule == JSON_REQUIRED)
            raise RuleViolated
        return exchange, exchange.response

    def _usable(self, request: Request) -> Exchange:
        """Send a call, and once more on a fresh connection if its response cannot be used.

        Raises RuleViolated if the second response cannot be used either, and SetupFailed where the first call may
        have had an effect that the model does not know.
        """
        fresh, self._fresh = self._fresh, False
        wire, self._wire = self._wire, PLAIN
        exchange = self.session.step(request, self.names, fresh=fresh, wire=wire)
        if exchange.usable is not None:
            return exchange
        again, evidence = second_try(
            self.session, exchange, lambda: self.session.step(request, self.names, fresh=True, wire=wire)
        )
        if evidence is not None:
            self.evidence.append(replace(evidence, before=self.exchanges))
            raise RuleViolated
        if again.usable is None or request.operation not in READS:
            raise SetupFailed(describe(exchange))
        return again

    def _allow_length_required(self, response: Response) -> None:
        """Raises RejectionAllowed where the response to a chunked request asks for a length."""
        row = self.session.contract.situations.get("http-chunked")
        if row is not None and response.status in row.tolerated_status:
            raise RejectionAllowed(f"the target may refuse chunks, and does: {response.summary}")

    def _note_findings(
        self, exchange: Exchange, before: tuple[Exchange, ...], which: Callable[[Finding], bool]
    ) -> None:
        findings = filter(which, self.session.check(exchange))
        self.evidence += [Evidence(finding, exchange, before) for finding in findings]


def is_of_response(finding: Finding) -> bool:
    """Whether a finding is about a response by itself, whatever the calls before it."""
    return finding.axis in (Axis.FORM, Axis.SAFETY) or finding.rule == NEW.id


def finding_of(mismatch: Mismatch) -> Finding:
    """The finding that a response violates a rule of the model."""
    rule = mismatch.rule
    return Finding(
        rule.id,
        rule.level,
        Axis.BEHAVIOUR,
        Kind.WRONG_VALUE,
        mismatch.requirement,
        mismatch.observation,
        rule.cites,
    )
