"""What a run may do to its target, by what the document says that each operation can do (`x-effect`).

By operation, not by request: what a right server must refuse, a wrong one may do.
"""

from __future__ import annotations

from enum import StrEnum

from tunnelspec.contract.document import Effect, Operation


class Mode(StrEnum):
    """`read-only` sends what changes nothing, `no-create` what makes nothing new, `full` everything."""

    READ_ONLY = "read-only"
    NO_CREATE = "no-create"
    FULL = "full"

    def not_allowed(self, operation: Operation | None) -> str | None:
        """Why calls of this operation are not sent, or None. Without an operation anything may happen."""
        effect = operation.effect if operation is not None else Effect.CREATE
        if effect in _ALLOWED[self]:
            return None
        name = operation.name if operation is not None else "a call of no operation"
        return f"{name} is not sent in the mode {self.value}"


_ALLOWED = {
    Mode.READ_ONLY: frozenset({Effect.READ}),
    Mode.NO_CREATE: frozenset({Effect.READ, Effect.WRITE}),
    Mode.FULL: frozenset(Effect),
}


class NotAllowed(Exception):
    """A call that the run's mode does not allow was about to be sent; the argument says which."""
