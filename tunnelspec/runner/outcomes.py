"""What an exception that ends a case means: for the executor and for pytest alike."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from tunnelspec.runner.budget import BudgetSpent, CreateBudgetSpent, Stopped, TargetLost
from tunnelspec.runner.mode import NotAllowed
from tunnelspec.runner.session import SetupFailed
from tunnelspec.verdict import Outcome


class Then(Enum):
    """What becomes of the run after a case has ended with an exception."""

    GOES_ON = "goes on"
    #: Cases that open nothing can still be tested.
    OPENS_NOTHING = "opens nothing more"
    ENDS = "ends"


class Ending(NamedTuple):
    """The outcome of a case that raised, the reason as a clause, and what becomes of the run.

    `own` is true for an error of this program, which says nothing about the target.
    """

    outcome: Outcome
    reason: str
    then: Then = Then.GOES_ON
    own: bool = False


def ending(problem: Exception) -> Ending:
    """What this exception, raised by a case's function, means."""
    match problem:
        case NotAllowed():
            return Ending(Outcome.SKIPPED, str(problem))
        case SetupFailed():
            return Ending(Outcome.INCONCLUSIVE, str(problem))
        case CreateBudgetSpent():
            return Ending(Outcome.INCONCLUSIVE, str(problem), Then.OPENS_NOTHING)
        case TargetLost() | BudgetSpent() | Stopped():
            return Ending(Outcome.INCONCLUSIVE, str(problem), Then.ENDS)
    reason = f"tunnelspec itself failed here ({type(problem).__name__})"
    return Ending(Outcome.INCONCLUSIVE, reason, own=True)
