"""What is run, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

CONFIGURED, TUNED, OURS = "Schemathesis, configured", "Schemathesis, tuned by hand", "tunnelspec"
RUNNERS = (CONFIGURED, TUNED, OURS)
REFERENCE = "reference"


@dataclass(frozen=True)
class Job:
    """One runner against one emulator with one seed. `known` is what the runner reports on the reference emulator."""

    runner: str
    fault: str
    variant: str
    seed: int
    requests: int
    seconds: float
    known: frozenset[str] = frozenset()

    @property
    def subject(self) -> str:
        """The emulator's name."""
        return self.fault or self.variant or REFERENCE


@dataclass
class Outcome:
    """What became of a job. `said` are its findings' names; `at` the first new one's place, in requests."""

    job: Job
    said: frozenset[str]
    sent: int
    took_s: float
    at: int | None = None
    at_s: float | None = None
    left_open: int = 0
