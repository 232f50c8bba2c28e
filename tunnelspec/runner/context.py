"""What all sessions of a run have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tunnelspec.ownership.ledger import Ledger
from tunnelspec.ownership.owned import Ownership
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.shared import Databases


@dataclass(frozen=True)
class RunContext:
    """What all sessions of a run have in common; thread-safe, as each of its members is.

    `on_secret(value, label)` is called with every sensitive value that the target issues, before anything of the
    response can be written anywhere. `consistency_timeout_s` is how long a read may lag behind a write before that
    counts against the target. `region` is what requests are signed for, empty where it is not known. `alone`: no other
    process of the run opens anything meanwhile. `databases` are where searches keep what they found.
    """

    budget: Budget = field(default_factory=Budget)
    ownership: Ownership = field(default_factory=Ownership)
    ledger: Ledger | None = None
    on_secret: Callable[[str, str], None] = lambda value, label: None
    consistency_timeout_s: float = 0.0
    region: str = ""
    alone: bool = True
    databases: Databases = lambda case: None
