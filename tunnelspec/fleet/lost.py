"""What is recorded of a unit whose worker was lost: all its cases, none of them tested."""

from __future__ import annotations

from datetime import UTC, datetime

from tunnelspec.client.endpoint import region_of
from tunnelspec.fleet.unit import Unit, UnitResult, suite_of
from tunnelspec.record.recorder import record
from tunnelspec.runner.bundled import chosen_endpoint
from tunnelspec.runner.case import Result
from tunnelspec.runner.executor import Run
from tunnelspec.verdict import Outcome


def lost_part(unit: Unit, why: str) -> UnitResult:
    """The part of a unit without a result; `why` is a clause."""
    contract, suite = suite_of(unit)
    names, settings = set(unit.names), unit.settings
    results = [Result(case, Outcome.INCONCLUSIVE, reason=why) for case in suite if case.id in names]
    # How much of its own share it has sent is not known: it may be all.
    spent = 0 if unit.shared is not None else settings.max_requests or 0
    where = chosen_endpoint(settings, contract)
    made = record(
        Run(results, requests=spent, stopped=why),
        contract,
        endpoint=str(settings.bundled_url) if where is None else where.url,
        region=region_of(settings.region) if where is None else where.region,
        seed=unit.seed,
        depth=unit.depth,
        started=datetime.now(UTC),
        redact=str,
    )
    return UnitResult(unit.number, made, stopped=why, reason=why)
