"""Hypothesis' settings for every search: no output, no deadline, no health check; and how a long one is cut."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunnelspec.runner.constants import prepare_hypothesis

if TYPE_CHECKING:
    import hypothesis
    from hypothesis.database import ExampleDatabase

#: So many examples are one search of Hypothesis', which remembers every choice of a search until it ends.
_ROUND = 250


def rounds(examples: int) -> Iterator[tuple[int, int]]:
    """The searches that so many examples are cut into: the first example of each, and how many it has."""
    for first in range(0, examples, _ROUND):
        if first:
            # What the last one remembers holds itself, and Python would look for it only much later.
            gc.collect()
        yield first, min(_ROUND, examples - first)


def search_settings(
    max_examples: int, *, shrink: bool, steps: int = 50, database: ExampleDatabase | None = None
) -> hypothesis.settings:
    """The settings of a search. `steps` is the most calls of a state machine; examples in `database` come first."""
    prepare_hypothesis()
    import hypothesis

    return hypothesis.settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        phases=(hypothesis.Phase.reuse, hypothesis.Phase.generate, *((hypothesis.Phase.shrink,) if shrink else ())),
        deadline=None,
        database=database,
        derandomize=False,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
