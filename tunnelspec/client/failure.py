"""Why a call has no usable response."""

from __future__ import annotations

from tunnelspec.wire_faults import WireProblem


class CallFailed(Exception):
    """A call without a usable response: `failure` as on `Exchange`, and what is wrong with the framing."""

    def __init__(self, failure: str, *problems: WireProblem) -> None:
        super().__init__(failure)
        self.failure = failure
        self.problems = problems


class ConnectionEnded(CallFailed):
    """The connection ended before the first byte of a response."""

    def __init__(self) -> None:
        super().__init__("reset")
