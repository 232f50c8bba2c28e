"""Why a case cannot go on, and whether the run can: each reason carries its facts and the outcome that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tunnelspec.exchange import Exchange
from tunnelspec.printable import safe
from tunnelspec.verdict import Outcome

#: So much of a body stands in a sentence, in bytes.
_SHOWN = 120


class NotSent(Exception):
    """A request of a case was not sent, or got no usable response.

    `outcome` is what becomes of the case; with `ends_run` no other case can be tested either. `rejection_allowed`: the
    target need not take such a call.
    """

    outcome: ClassVar[Outcome] = Outcome.INCONCLUSIVE
    ends_run: ClassVar[bool] = False
    rejection_allowed: ClassVar[bool] = False


class SetupFailed(NotSent):
    """What the case needs cannot be set up; the message is the reason."""


@dataclass(eq=False)
class NotAllowed(NotSent):
    """The run's mode does not allow this call."""

    operation: str
    mode: str
    outcome: ClassVar[Outcome] = Outcome.SKIPPED

    def __str__(self) -> str:
        return f"{self.operation or 'a call of no operation'} is not sent in the mode {self.mode}"


class NotUnderstood(NotSent):
    """The target speaks HTTP/1.0, and the request needs HTTP/1.1."""

    outcome: ClassVar[Outcome] = Outcome.SKIPPED
    rejection_allowed: ClassVar[bool] = True

    def __str__(self) -> str:
        return "the target responds with HTTP/1.0, which does not know how this request is written (RFC 9112, 6.1)"


@dataclass(eq=False)
class CreateBudgetSpent(NotSent):
    """As many requests as allowed that can create a resource have been sent; others still can be."""

    limit: int

    def __str__(self) -> str:
        return f"the budget of {self.limit} requests that can open a tunnel is spent"


@dataclass(eq=False)
class BudgetSpent(NotSent):
    """The run has sent all the requests, or lasted all the time, that it was allowed; `unit` says which."""

    limit: float
    unit: str
    ends_run: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"the budget of {self.limit:g} {self.unit} is spent"


class Stopped(NotSent):
    """The run is being ended, for the reason in the message: nothing is sent any more but what cleans up."""

    ends_run: ClassVar[bool] = True


class JournalLost(NotSent):
    """What is about to be opened cannot be written down, so that a later sweep would not find it."""

    ends_run: ClassVar[bool] = True


@dataclass(eq=False)
class ExistingUnknown(NotSent):
    """What exists cannot be listed where a run may not create anything without knowing it."""

    reason: str
    ends_run: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"nothing is opened on AWS before a list shows what exists already: {self.reason.rstrip('.')}"


@dataclass(eq=False)
class TargetLost(NotSent):
    """Plain calls get no usable response any more, as `exchange` did not, for so many `calls` in a row.

    `first` is the first call without one, and `last` the last with one, as far as they are known: one of the two is
    often the cause.
    """

    exchange: Exchange
    calls: int
    first: Exchange | None = None
    last: Exchange | None = None
    ends_run: ClassVar[bool] = True

    def __str__(self) -> str:
        said = f"the endpoint stopped responding ({self.exchange.failure}, {self.calls} in a row)"
        if self.first is not None:
            said += f": the first call without a response is {_called(self.first)}"
        if self.last is not None and self.last.response is not None:
            said += f", after {_called(self.last)} with {self.last.response.summary}"
        return said


def _called(exchange: Exchange) -> str:
    """A call in a few words. Its body holds nothing secret."""
    sent = exchange.sent
    body = safe(sent.body[:_SHOWN].decode("utf-8", "replace"))
    return f"{sent.operation or sent.method} {body}{' …' if len(sent.body) > _SHOWN else ''}".rstrip()
