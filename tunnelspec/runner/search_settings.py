"""Hypothesis' settings for every search: no output, no deadline, no health check; and how a long one is cut."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
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
        yield first, min(_ROUND, examples - first)
        if examples > _ROUND:
            # What it remembers holds itself, and Python would look for it only much later.
            gc.collect()


def forget_strategies() -> None:
    """Have Hypothesis forget the strategies of earlier searches: it keeps the last 1,024, with all that they hold.

    It has no setting for that. A version without the name that is called here keeps them; a test of ours says so.
    """
    with suppress(ImportError):
        from hypothesis.strategies._internal.utils import clear_strategy_cache

        clear_strategy_cache()


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
