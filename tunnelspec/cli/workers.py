"""Who runs the cases: this process, processes of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import option_group
from tunnelspec.cli.testing import run_here, run_in_workers
from tunnelspec.contract import Contract
from tunnelspec.fleet.coordinator import RunSpec
from tunnelspec.fleet.unit import UnitResult
from tunnelspec.runner.case import Case


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """The options. Raises UsageError where they do not go together."""

    workers: int
    scheduler: str | None
    redis: str | None

    def __post_init__(self) -> None:
        if (self.workers > 1 and self.scheduler is not None) or (self.redis is not None and self.scheduler is None):
            raise click.UsageError(
                "--scheduler goes with --redis, and not with --workers: a cluster has workers of its own."
            )


worker_options = option_group(
    "workers",
    WorkerOptions,
    click.option(
        "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that share the cases."
    ),
    click.option(
        "--scheduler",
        metavar="URL",
        help="Dask scheduler whose workers share the cases, such as tcp://HOST:8786 [default: none].",
    ),
    click.option(
        "--redis", metavar="URL", help="Redis for what they share, such as redis://HOST:6379 [default: none]."
    ),
)


def test(
    whole: RunSpec, contract: Contract, cases: Sequence[Case], workers: WorkerOptions, console: Console
) -> UnitResult:
    """Have the chosen workers run the cases. Raises Abandoned."""
    if workers.scheduler is not None:
        # Only a cluster needs its packages.
        from tunnelspec.cli.cluster import on_cluster

        return on_cluster(whole, contract, workers.scheduler, workers.redis, console)
    if workers.workers > 1:
        return run_in_workers(whole, contract, workers.workers, console)
    return run_here(whole, contract, cases, console)
