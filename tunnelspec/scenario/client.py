"""The client that scenarios are written with: its calls end it at a violation, and it walks through whole lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from tunnelspec.contract import classify, request_of
from tunnelspec.exchange import Exchange, Live, Request, Response
from tunnelspec.model import Expectation, Mismatch
from tunnelspec.model.members import structures, text
from tunnelspec.model.rules import ENDS
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.runner.session import Session
from tunnelspec.scenario.calls import ScenarioCalls
from tunnelspec.scenario.page_tokens import ALTERATIONS
from tunnelspec.scenario.runner import (
    Call,
    NotApplicable,
    RejectionAllowed,
    RuleViolated,
    is_of_response,
)
from tunnelspec.verdict import Level

#: A list of a few tunnels with more pages than this does not end.
MAX_PAGES = 12


class ScenarioClient(ScenarioCalls):
    """Makes the calls of a scenario. Its things are named by `case`; the violation of a `watched` MUST ends it."""

    def __init__(
        self, session: Session, case: str = "", watched: Collection[str] = (), *, thorough: bool = False, **clocks: Any
    ) -> None:
        super().__init__(session, **clocks)
        #: Whether the run has time for every variant of a call, not only for a few.
        self.thorough = thorough
        #: What attempts found, and what needs no confirmation any more.
        self.apart: list[Evidence] = []
        self.confirmed: list[Evidence] = []
        self._watched = frozenset(watched)
        self.thing = f"tunnelspec-{crc32(case.encode()):08x}"
        self._collecting = False
        self._beside: list[Session] = []

    def call(self, operation: str, body: Mapping[str, object], returns: str | None = None, name: str = "") -> Response:
        """Make one call. Raises RuleViolated, and NotApplicable where the target may reject the call and does."""
        if operation in self.session.unimplemented:
            raise NotApplicable(f"the target does not implement {operation}")
        situation = self.session.contract.situations[classify(self.session.contract, operation, body).situation]
        # Whether there is such a tunnel depends on the calls before.
        if situation.decision == "reject" and situation.id != "not-found":
            raise NotApplicable(f"the document forbids this call of {operation}")
        response = super().call(operation, body, returns, name)
        self._stop_if_violated()
        if returns == "t":
            self._require_tunnel(self.calls[-1], name or self.last("t"))
        return response

    def replay(self, request: Request) -> Response:
        """Make a call of another scenario, by its names there. Raises Unresolved for a name that is unknown."""
        returns = {"OpenTunnel": "t", "ListTunnels": "page"}.get(request.operation)
        return self.call(request.operation, request.body, returns, request.returns)

    def walk(self, *, thing: str | None = None, size: int | None = None, most: int = MAX_PAGES) -> None:
        """Read a list from its first page to its last, which must come within `most` pages for a thing.

        A list may lag behind a write: one that violates a rule is read again for as long as the session allows.
        """
        until = self.clock() + self.session.context.consistency_timeout_s
        self._collecting = True
        while True:
            # Each call waits for consistency too, which does not help where the tunnel belongs on an earlier page.
            mark, started = len(self.evidence), self.clock()
            self.follow(self.page(thing=thing, size=size), thing=thing, size=size, most=most if thing else 0)
            is_stale = any(not is_of_response(evidence.finding) for evidence in self.evidence[mark:])
            if not is_stale or started >= until:
                break
            del self.evidence[mark:]
            self.sleep(0.5)
        self._collecting = False
        self._stop_if_violated()

    def follow(self, page: str, *, thing: str | None = None, size: int | None = None, most: int = MAX_PAGES) -> None:
        """Read a list from this page to its last, which must come within `most` pages (0: any number is allowed,
        and some of them are read)."""
        for _ in range(most or MAX_PAGES):
            if not self.names.get(page, {}).get("nextToken"):
                return
            page = self.page(thing=thing, size=size, after=page)
        if most:
            self.mismatch(Mismatch(ENDS, f"the list must end within {most} pages", "another page token"))

    def altered(self, page: str, *ways: str) -> None:
        """ListTunnels with the page's token altered, in these ways or in all."""
        token = self.names[page].get("nextToken", "")
        pattern = self.session.contract.operations["ListTunnels"].input.at("nextToken").pattern
        for way in ways or ALTERATIONS:
            other = ALTERATIONS[way](token)
            if other != token and (pattern is None or pattern.matches(other)):
                self.call("ListTunnels", {"nextToken": other})

    def attempt(self, operation: str, body: Mapping[str, object]) -> Response:
        """A call whose violations do not end the scenario: they are kept `apart`, and the calls that returned
        something are all that they need before them."""
        mark, self._collecting = len(self.evidence), True
        try:
            response = self.call(operation, body)
        finally:
            self._collecting = False
        before = _returning(self.calls[:-1])
        self.apart += [replace(evidence, before=before) for evidence in self.evidence[mark:]]
        del self.evidence[mark:]
        return response

    def forbidden(self, operation: str, body: Mapping[str, object]) -> None:
        """A call that the document forbids, about what earlier calls returned. Raises Unresolved and NotSent."""
        self.note_apart(self.session.step(request_of(self.session.contract, operation, body), self.names))

    def note_apart(self, exchange: Exchange) -> None:
        """Keep `apart` what the checks find in an exchange that is no call of the model's."""
        before = _returning(self.calls)
        self.apart += [Evidence(finding, exchange, before) for finding in self.session.check(exchange)]

    def is_another(self, tunnel: str, edit: str) -> bool:
        """Whether the changed id of a tunnel names a tunnel all the same, or may, so that a call could change it."""
        if "DescribeTunnel" in self.session.unimplemented:
            return True
        return self.attempt("DescribeTunnel", {"tunnelId": Live(tunnel, "tunnelId", edit)}).accepted

    def listed(self) -> list[str]:
        """The names of this client's tunnels on the page that was read last, in its order."""
        names = {self.names[name]["tunnelId"]: name for name in self.opened()}
        summaries = structures(self.calls[-1].response.members, "tunnelSummaries")
        return [names[found] for summary in summaries if (found := text(summary, "tunnelId") or "") in names]

    def sibling(self) -> ScenarioClient:
        """A client for tunnels of its own, to which this one pays no attention. Its user closes it."""
        client = ScenarioClient(self.session, clock=self.clock, sleep=self.sleep)
        client.thing = self.thing
        return client

    def beside(self, prefix: str, *, contested: bool = False) -> ScenarioClient:
        """A client for another thread, which knows the tunnels opened so far.

        What it opens stays until this client is closed, and its names begin with `prefix`. `contested`: one of the
        clients closes what the others use.
        """
        client = ScenarioClient(self.session.fork(), clock=self.clock, sleep=self.sleep, prefix=prefix)
        client.names = dict(self.names)
        client.model.state.changes = self.model.state.changes
        for name, tunnel in self.model.state.tunnels.items():
            # The others change its tags meanwhile.
            known = replace(tunnel, tags=dict(tunnel.tags), tags_known=False, contested=contested)
            client.model.state.tunnels[name] = known
        self._beside.append(client.session)
        return client

    def take_over(self, other: ScenarioClient) -> None:
        """Count the calls and findings of another client as made before this client's next call."""
        for evidence in other.evidence:
            self.evidence.append(replace(evidence, before=(*self.exchanges, *evidence.before)))
        for call in other.calls:
            before = self.exchanges
            self.calls.append(call)
            if call.operation == "OpenTunnel":
                # Two clients may have been given the same tunnel, which neither of them could notice.
                mismatches = self.model.check(call.operation, call.body, call.response, self.clock())
                self.note(list(mismatches), call.exchange, before)
            self.model.apply(call.operation, call.body, call.response, self.clock())
        self.session.traffic.sent += other.session.traffic.sent

    def close(self) -> None:
        """Delete what this client and those beside it opened. Raises TargetLost."""
        super().close()
        for session in self._beside:
            session.close()

    def _require_tunnel(self, call: Call, name: str) -> None:
        if not call.response.accepted:
            if self.model.expected(call.operation, call.body) is Expectation.EITHER:
                raise RejectionAllowed(f"the target may reject this OpenTunnel, and does: {call.response.summary}")
            raise SetupFailed(f"OpenTunnel was rejected: {call.response.summary}")
        if not {"tunnelId", "tunnelArn"} <= self.names[name].keys():
            raise SetupFailed("OpenTunnel did not return the id and the ARN of its tunnel")

    def _stop_if_violated(self) -> None:
        # After a SHOULD the later calls still count: they may violate a MUST.
        findings = (evidence.finding for evidence in self.evidence)
        if not self._collecting and any(f.rule in self._watched and f.level is Level.MUST for f in findings):
            raise RuleViolated


def _returning(calls: Sequence[Call]) -> tuple[Exchange, ...]:
    """The calls whose identifiers others may name."""
    exchanges = (call.exchange for call in calls)
    return tuple(one for one in exchanges if isinstance(one.request, Request) and one.request.returns)
