"""The model of one account: its state, and the operations that check and move it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tunnelspec.contract import Contract
from tunnelspec.exchange import Response
from tunnelspec.model.lifecycle import Expectation
from tunnelspec.model.operations import BY_NAME
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import State

#: The operations that the model knows, and those of them that change nothing.
OPERATIONS = frozenset(BY_NAME)
READS = frozenset(name for name, operation in BY_NAME.items() if operation.reads)


class Model:
    """One account as far as this client knows it. Not thread-safe.

    `region` is the one that requests are signed for, empty where it is not known.
    `now` is in seconds on any clock that never goes back, the same for all calls. Bodies are as they were sent.
    """

    def __init__(self, contract: Contract, region: str = "") -> None:
        self.state = State(contract, region)

    def expected(self, operation: str, body: Mapping[str, object]) -> Expectation:
        """What a call must do after the calls before it."""
        return BY_NAME[operation].expected(self.state, body)

    def check(self, operation: str, body: Mapping[str, object], response: Response, now: float) -> Iterator[Mismatch]:
        """Every rule that a response violates. The state stays as it is."""
        return BY_NAME[operation].check(self.state, body, response, now)

    def apply(self, operation: str, body: Mapping[str, object], response: Response, now: float) -> None:
        """Move on after a response."""
        BY_NAME[operation].apply(self.state, body, response, now)
