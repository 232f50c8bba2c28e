"""`tunnelspec run --scheduler`: the workers of a cluster run the cases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tunnelspec.cli.console import Console
from tunnelspec.cli.testing import make_directory, run_all, show_begin, show_end
from tunnelspec.client.endpoint import is_loopback_host
from tunnelspec.contract import Contract
from tunnelspec.fleet.coordinator import Abandoned, RunSpec, units_of
from tunnelspec.fleet.environment import REDIS_PASSWORD
from tunnelspec.fleet.leftovers import CleanUpResult, close_left
from tunnelspec.fleet.unit import SharedPlace, Unit, UnitResult
from tunnelspec.runner.bundled import chosen_endpoint
from tunnelspec.runner.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from tunnelspec.fleet.redis_state import RedisState


def on_cluster(whole: RunSpec, contract: Contract, scheduler: str, redis: str | None, console: Console) -> UnitResult:
    """Have the workers of a scheduler run the cases; with a Redis, they share budgets, rates and what they find.

    Raises UserError where one of them cannot be used, and Abandoned where the run is ended at once.
    """
    try:
        from tunnelspec.fleet.cluster import Cluster
    except ImportError:
        raise ConfigurationError("--scheduler needs Dask: pip install 'tunnelspec[cluster]'.") from None
    make_directory(whole.report_dir)
    _refuse(whole.settings, contract, scheduler, redis)
    shared = SharedPlace(redis, secrets.token_hex(8)) if redis is not None else None
    settings = _reachable(whole.settings, contract)
    with (
        _state(shared, settings) as state,
        closing(Cluster(scheduler, whole.document, whole.examples, shared)) as cluster,
    ):
        units = units_of(replace(whole, settings=settings), cluster.workers, shared)

        def settle(part: UnitResult) -> CleanUpResult:
            # Without Redis, there is no journal of a worker that was lost.
            runs = frozenset(unit.run for unit in units) if cluster.lost and state is None else frozenset[str]()
            most = settings.max_requests
            if most is not None:
                most = state.borrow("requests", most) if state is not None else most - part.record["run"]["requests"]
            return close_left(settings, contract, _journals(units, state), most, runs)

        show_begin(whole, str(settings.endpoint_url or settings.bundled_url), console)
        try:
            part = run_all(whole, units, lambda: cluster, settle, console)
        except Abandoned:
            _journals(units, state)
            raise
    show_end(part, contract, console)
    return part


def _refuse(settings: Settings, contract: Contract, scheduler: str, redis: str | None) -> None:
    """Raises ConfigurationError for a target that workers cannot reach, or that could be harmed."""
    where = chosen_endpoint(settings, contract)
    is_near = is_loopback_host(urlsplit(scheduler).hostname or "")
    if where is not None and where.is_aws and redis is None:
        raise ConfigurationError(f"{where.url} is AWS, whose quotas are those of all workers together: pass --redis.")
    if not is_near and (where is None or where.is_loopback):
        name = "the bundled emulator" if where is None else where.url
        raise ConfigurationError(
            f"Workers elsewhere cannot reach {name}: pass --endpoint-url with a name that they know."
        )
    if redis is not None and urlsplit(redis).password:
        raise ConfigurationError(
            f"The password of Redis would reach the scheduler: set {REDIS_PASSWORD} here and for the workers."
        )


def _reachable(settings: Settings, contract: Contract) -> Settings:
    """The settings with the place that they mean here, whatever the environment of a worker says."""
    where = chosen_endpoint(settings, contract)
    return settings if where is None else replace(settings, endpoint_url=where.url, region=where.region)


@contextmanager
def _state(shared: SharedPlace | None, settings: Settings) -> Iterator[RedisState | None]:
    """The shared state, from the beginning of a run to its end."""
    if shared is None:
        yield None
        return
    state = shared.open()
    state.begin({"requests": settings.max_requests, "creates": settings.max_creates})
    try:
        yield state
    finally:
        state.end()


def _journals(units: Sequence[Unit], state: RedisState | None) -> list[Path]:
    """The journals of all units, those of lost workers included, as files of this machine."""
    with suppress(OSError):
        for unit in units:
            if state is not None:
                state.save_journal(unit.journal)
    return [unit.journal for unit in units]
