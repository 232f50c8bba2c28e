"""What the operations have in common: rejections, and calls that name a tunnel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from tunnelspec.contract import classify
from tunnelspec.exchange import Live, Response
from tunnelspec.model import rules
from tunnelspec.model.lifecycle import LIFECYCLE, Expectation, Status
from tunnelspec.model.members import Members
from tunnelspec.model.rules import Mismatch, Rule
from tunnelspec.model.state import State, Tunnel

#: The situations in which the target may accept a call, for all that the model knows.
_EITHER = frozenset({
    *("open", "external-reference"),
    *("unknown-member", "unknown-member-external-reference", "unknown-member-state-dependent"),
})  # fmt: skip


class OperationModel:
    """One operation of the service. A rejected call changes nothing, so `apply` ignores it."""

    #: Whether the operation changes nothing.
    reads: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The operation's name in the API."""
        return type(self).__name__

    def expected(self, state: State, body: Mapping[str, object]) -> Expectation:
        """What a call must do. EITHER where the document leaves the input or what it refers to unspecified, and for
        members that it does not have."""
        situation = classify(state.contract, self.name, body).situation
        if state.contract.situations[situation].decision == "reject":
            return Expectation.REJECT
        return Expectation.EITHER if situation in _EITHER else Expectation.ACCEPT

    def check(self, state: State, body: Mapping[str, object], response: Response, now: float) -> Iterator[Mismatch]:
        """Every rule that the response violates; a 5xx status is for the checks of single responses."""
        expectation = self.expected(state, body)
        if response.accepted and expectation is Expectation.REJECT:
            yield Mismatch(rules.REJECTED, f"{self.name} must reject a value outside its pattern", response.summary)
        elif response.accepted:
            yield from self.check_output(state, body, response.members, now)
        elif response.status < 500 and self._is_due(state, expectation, response):
            violated = classify(state.contract, self.name, body).breaks
            causes = [state.contract.constraint[name].sentence for name in violated]
            observed = "; what the target issued violates this: ".join([response.summary, *causes[:1]])
            yield Mismatch(self.acceptance(state, body), f"{self.name} must succeed", observed)

    def _is_due(self, state: State, expectation: Expectation, rejection: Response) -> bool:
        """Whether the call must succeed instead of being rejected so."""
        if expectation is not Expectation.CONDITIONAL:
            return expectation is Expectation.ACCEPT
        return not state.contract.situations["state-dependent"].allows(rejection.named_error)

    def check_output(self, state: State, body: Mapping[str, object], output: Members, now: float) -> Iterator[Mismatch]:
        """Every rule that the output of a successful call violates."""
        yield from ()

    def acceptance(self, state: State, body: Mapping[str, object]) -> Rule:
        """The rule that a rejection of a call violates where the call must succeed."""
        return rules.ACCEPTED

    def apply(self, state: State, body: Mapping[str, object], response: Response, now: float) -> None:
        """Take over what a call did, as its response shows it where AWS's sources do not say."""
        if response.accepted:
            self.update(state, body, response.members, now)

    def update(self, state: State, body: Mapping[str, object], output: Members, now: float) -> None:
        """Take over what a successful call did."""


class TunnelOperation(OperationModel):
    """An operation on one tunnel, which the request names."""

    def event(self, body: Mapping[str, object]) -> str:
        """The call in the table of the lifecycle."""
        return self.name

    def expected(self, state: State, body: Mapping[str, object]) -> Expectation:
        """By the status of the tunnel that is named."""
        tunnel = state.find(body)
        if tunnel is None:
            return Expectation.REJECT
        # An identifier that the target itself issued is valid, whatever its pattern.
        issued = {name: Live("tunnel", name) for name in ("tunnelId", "resourceArn") if name in body}
        expectation = super().expected(state, {**body, **issued})
        if expectation is not Expectation.ACCEPT:
            return expectation
        if tunnel.contested and not self.reads:
            return Expectation.EITHER
        return LIFECYCLE[self.event(body)][tunnel.status].expectation

    def check(self, state: State, body: Mapping[str, object], response: Response, now: float) -> Iterator[Mismatch]:
        """A deleted tunnel is unknown; one past its lifetime may reject changes."""
        expectation, tunnel = self.expected(state, body), state.find(body)
        codes = state.contract.situations["not-found"].codes
        if tunnel is None:
            if response.accepted and not self.shows_another(state, response.members):
                requirement = f"{self.name} must reject an identifier that names no tunnel"
                yield Mismatch(rules.NEAR_MISS, requirement, response.summary)
        elif expectation is Expectation.NOT_FOUND:
            if response.accepted or response.named_error not in codes:
                yield Mismatch(rules.GONE, f"{self.name} must fail with {' or '.join(codes)}", response.summary)
        elif response.accepted or self.reads or now < tunnel.expires_at:
            yield from super().check(state, body, response, now)

    def shows_another(self, state: State, output: Members) -> bool:
        """Whether an output shows that there is a tunnel which this client did not open."""
        return False

    def check_output(self, state: State, body: Mapping[str, object], output: Members, now: float) -> Iterator[Mismatch]:
        """Against the tunnel, if its state is known."""
        tunnel = state.find(body)
        if tunnel is not None and tunnel.status is not Status.DELETED:
            yield from self.check_tunnel(state, tunnel, body, output, now)

    def check_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> Iterator[Mismatch]:
        """Every rule that the output of a successful call on this tunnel violates."""
        yield from ()

    def update(self, state: State, body: Mapping[str, object], output: Members, now: float) -> None:
        """Move the tunnel to its next status."""
        tunnel = state.find(body)
        if tunnel is not None:
            after = LIFECYCLE[self.event(body)][tunnel.status].next
            if after is not tunnel.status:
                tunnel.status = after
                state.change(tunnel)
            self.update_tunnel(state, tunnel, body, output, now)

    def update_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> None:
        """Take over what a successful call did to this tunnel."""
