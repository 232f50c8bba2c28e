"""What a run may do to its target, by what the document says that each operation can do (`x-effect`).

By operation, not by request: what a conforming server must reject, another may do.
"""

from __future__ import annotations

from enum import StrEnum

from tunnelspec.contract.document import Effect, Operation
from tunnelspec.runner.errors import NotAllowed


class Mode(StrEnum):
    """`read-only` sends what changes nothing, `no-create` what creates nothing, `full` everything."""

    READ_ONLY = "read-only"
    NO_CREATE = "no-create"
    FULL = "full"

    def refusal(self, operation: Operation | None) -> NotAllowed | None:
        """Why calls of this operation are not sent, or None. Without an operation anything may happen."""
        effect = operation.effect if operation is not None else Effect.CREATE
        if effect in _ALLOWED[self]:
            return None
        return NotAllowed(operation.name if operation is not None else "", self.value)


_ALLOWED = {
    Mode.READ_ONLY: frozenset({Effect.READ}),
    Mode.NO_CREATE: frozenset({Effect.READ, Effect.WRITE}),
    Mode.FULL: frozenset(Effect),
}
