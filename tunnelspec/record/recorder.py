"""Turns a finished run into its record: plain data, with every secret replaced on the way."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import cast

from tunnelspec import __version__
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, Request
from tunnelspec.plain_data import mapped
from tunnelspec.record.contract import contract_facts
from tunnelspec.record.deciding import decide
from tunnelspec.record.document import (
    SCHEMA,
    Cite,
    Record,
    RecordedCase,
    RecordedFinding,
    RecordedLatency,
    Reproduction,
    Step,
    totals,
)
from tunnelspec.record.reproduce_python import python
from tunnelspec.record.reproduce_shell import curl, script
from tunnelspec.record.steps import described
from tunnelspec.record.wire import Redact, received_response, sent_request
from tunnelspec.runner.calls import plain_calls
from tunnelspec.runner.case import Evidence, Result
from tunnelspec.runner.executor import Run
from tunnelspec.runner.latency import BOUNDS_MS
from tunnelspec.runner.target import OpenTarget


def record_of(
    run: Run, target: OpenTarget, *, seed: int, depth: str, started: datetime, redact: Redact | None = None
) -> Record:
    """The record of a run against an opened target. `redact`: by default the target's own redactor."""
    return record(
        run,
        target.contract,
        endpoint=target.url,
        region=target.endpoint.region,
        seed=seed,
        depth=depth,
        started=started,
        redact=redact or target.redactor.text,
    )


def record(
    run: Run,
    contract: Contract,
    *,
    endpoint: str,
    region: str,
    seed: int,
    depth: str,
    started: datetime,
    redact: Redact,
) -> Record:
    """The run's record. `redact` replaces secrets in a string; nothing leaves without it."""
    # Cases that fail alike hold the same long texts, and no secret is learnt any more.
    redact = cache(redact)
    cases = _Cases(contract, endpoint, region, redact)
    rows = [cases.row(item) for item in run.results]
    decide(rows)
    findings = [finding for row in rows for finding in row["findings"]]
    situations = {*(finding.get("situation", "") for finding in findings), *(row.get("situation", "") for row in rows)}
    result: Record = {
        "schema": SCHEMA,
        "suite": {
            "version": __version__,
            "contract": contract.digest,
            "python": platform.python_version(),
            "hypothesis": version("hypothesis"),
            "schemathesis": version("schemathesis"),
        },
        "target": {"endpoint": endpoint, "region": region, "service": contract.service.sdk_id},
        "run": {
            "seed": seed,
            "depth": depth,
            "started": started.astimezone(UTC).isoformat(timespec="seconds"),
            "duration_s": round(run.duration_s, 3),
            "requests": run.requests,
            "stopped": run.stopped or run.spent,
            "workers": 1,
            "throttled": run.throttled,
            "latency": _latency(run),
        },
        "totals": totals(row["outcome"] for row in rows),
        "contract": contract_facts(contract, {finding["check"] for finding in findings}, situations),
        "cases": rows,
    }
    if run.further is not None:
        further = run.further
        result["run"]["further"] = {
            "rounds": further.rounds,
            "requests": further.requests,
            "duration_s": round(further.duration_s, 3),
            "responses": [str(kind) for kind in further.responses],
            "findings": [{"case": case, "check": rule} for case, rule in further.findings],
        }
    # Strings, mappings and lists keep their type.
    return cast(Record, mapped(result, lambda value: redact(value) if isinstance(value, str) else value))


def _latency(run: Run) -> RecordedLatency:
    latency = run.latency
    answers = sum(latency.counts)
    return {
        "bounds_ms": list(BOUNDS_MS),
        "counts": list(latency.counts),
        "answers": answers,
        "mean_ms": round(latency.total_s * 1000 / answers, 3) if answers else 0.0,
        "longest_ms": round(latency.longest_s * 1000, 3),
    }


class _Cases:
    """Makes a row of each result."""

    def __init__(self, contract: Contract, endpoint: str, region: str, redact: Redact) -> None:
        self._contract = contract
        self._redact = redact
        self._endpoint = endpoint
        self._region = region

    def row(self, item: Result) -> RecordedCase:
        """A case and its result. Without a finding, `expected` is what the case tests."""
        case = item.case
        request = case.request
        row = self._contract.situations.get(request.situation) if request is not None else None
        return {
            "id": case.id,
            "operation": case.operation,
            "area": case.area,
            "level": case.level,
            "constraint": case.constraint,
            "situation": row.id if row else "",
            "decision": row.decision if row else "",
            "breaks": list(request.breaks) if isinstance(request, Request) else [],
            "outcome": item.outcome.value,
            "requests": item.requests,
            "duration_s": round(item.duration_s, 4),
            "expected": case.requirement,
            "observed": item.observed or item.reason,
            "reason": item.reason,
            "cites": self._cites(case.cites),
            "reproduce": {"curl": "", "python": ""},
            "findings": [self._finding(evidence) for evidence in item.evidence],
        }

    def _finding(self, evidence: Evidence) -> RecordedFinding:
        finding, exchange = evidence.finding, evidence.exchange
        row: RecordedFinding = {
            "check": finding.rule,
            "level": finding.level.value,
            "axis": finding.axis.value,
            "kind": finding.kind.value,
            "situation": finding.situation,
            "constraint": finding.constraint,
            "operation": exchange.operation or "",
            "expected": finding.requirement,
            "observed": finding.observation,
            "cites": self._cites(finding.cites),
            "request": sent_request(exchange.sent, self._redact),
            "response": received_response(exchange, self._redact),
            "reproduce": self._reproduce(evidence),
            "reproduces": evidence.reproduces.value,
        }
        steps = (*evidence.before, exchange)
        calls = plain_calls([(step.request, len(step.sent.body)) for step in steps])
        if calls is not None:
            row["calls"] = calls
        if evidence.before:
            row["script"] = [self._step(step) for step in steps]
        return row

    def _step(self, step: Exchange) -> Step:
        return {"call": described(step), "answer": received_response(step, self._redact)["shown"]}

    def _reproduce(self, evidence: Evidence) -> Reproduction:
        where = (self._endpoint, self._region, self._contract)
        reproduction: Reproduction = {"curl": curl(evidence, *where), "python": python(evidence, *where)}
        bodies = dict[str, str]()
        shell = script(evidence, *where, bodies)
        if shell != reproduction["curl"]:
            reproduction["shell"] = shell
        if bodies:
            reproduction["bodies"] = bodies
        return reproduction

    def _cites(self, ids: tuple[str, ...]) -> list[Cite]:
        return [{"id": one.id, "title": one.title, "url": one.url} for one in self._contract.cited(ids)]
