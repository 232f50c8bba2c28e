"""What a run that is one of several parts has in common with the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import quote

if TYPE_CHECKING:
    from hypothesis.database import ExampleDatabase
    from pyrate_limiter import Limiter, Rate

#: By name of a case, where Hypothesis keeps the choices that found something; None for nowhere.
Databases: TypeAlias = "Callable[[str], ExampleDatabase | None]"


class Shared(Protocol):
    """State that all parts of a run share, wherever they are. Raises nothing but what is named.

    Once it is lost, `on_lost` is called with the reason: nothing is lent any more, and rates are kept by each part.
    """

    on_lost: Callable[[str], None]

    def limiter(self, operation: str, rate: Rate) -> Limiter:
        """Keeps the rate of an operation. Raises OSError once the state is lost."""

    def borrow(self, bound: str, count: int) -> int:
        """Up to so many of a bound of the whole run, which are then nobody else's."""

    def give_back(self, bound: str, count: int) -> None:
        """Return what was borrowed and not spent."""

    def write(self, line: bytes) -> None:
        """Keep a line of the journal. Raises OSError, where that must keep a request from being sent."""

    def databases(self, target: str) -> Databases:
        """The example databases of a target."""


def directories(corpus: Path, target: str) -> Databases:
    """The example databases of a target in a directory: one for each case, as choices mean something to its strategy
    only. Several processes may use it at once.
    """

    def database(case: str) -> ExampleDatabase:
        from hypothesis.database import DirectoryBasedExampleDatabase

        return DirectoryBasedExampleDatabase(corpus / "searches" / quote(target, safe="") / case)

    return database
