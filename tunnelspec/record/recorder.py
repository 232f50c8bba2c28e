"""Turns a finished run into its record: plain data, with every secret replaced on the way."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from tunnelspec import __version__
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Request, Response
from tunnelspec.record import reproduce, reproduce_script
from tunnelspec.record.contract import described
from tunnelspec.record.document import SCHEMA, Record
from tunnelspec.runner.calls import plain_calls
from tunnelspec.runner.case import Case, Evidence, Result
from tunnelspec.runner.executor import Run

#: How much of a body a record shows, in characters; the reproduction sends it whole.
SHOWN = 600

#: How much of a body is looked at for that, in bytes.
_READ = 200_000

Redact = Callable[[str], str]


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
    maker = _Maker(contract, endpoint, region, redact)
    made: Record = {
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
            "workers": run.workers,
            "throttled": run.throttled,
            "latency": run.latency.plain(),
        },
        "totals": run.totals(),
        "contract": described(contract, {seen.finding.rule for item in run.results for seen in item.evidence}),
        "cases": [maker.case(item) for item in run.results],
    }
    redacted: Record = _redacted(made, redact)
    return redacted


class _Maker:
    def __init__(self, contract: Contract, endpoint: str, region: str, redact: Redact) -> None:
        self._contract = contract
        self._redact = redact
        self._endpoint = endpoint
        self._region = region

    def case(self, item: Result) -> dict[str, Any]:
        findings = [self._finding(seen) for seen in item.evidence]
        first = findings[0] if findings else None
        case = item.case
        return {
            "id": case.id,
            "operation": case.operation,
            "area": case.area,
            "level": case.level,
            **_about(case, self._contract),
            "outcome": item.outcome.value,
            "requests": item.requests,
            "duration_s": round(item.duration_s, 4),
            "expected": first["expected"] if first else case.requirement,
            "observed": first["observed"] if first else item.observed or item.reason,
            "reason": item.reason,
            "cites": first["cites"] if first else self._cites(case.cites),
            "reproduce": first["reproduce"] if first else {"curl": "", "python": ""},
            "findings": findings,
        }

    def _finding(self, seen: Evidence) -> dict[str, Any]:
        finding, exchange = seen.finding, seen.exchange
        made = {
            "check": finding.rule,
            "level": finding.level.value,
            "axis": finding.axis.value,
            "kind": finding.kind.value,
            "situation": finding.situation,
            "constraint": finding.constraint,
            "expected": finding.requirement,
            "observed": finding.observation,
            "cites": self._cites(finding.cites),
            "request": _request(exchange.sent, self._redact),
            "response": _response(exchange, self._redact),
            "reproduce": self._reproduce(seen),
        }
        steps = [(step.request, len(step.sent.body)) for step in (*seen.before, exchange)]
        calls = plain_calls(steps)
        if calls is not None:
            made["calls"] = calls
        if seen.before:
            made["script"] = [
                {"call": reproduce_script.told(step), "answer": self._answer(step)} for step in (*seen.before, exchange)
            ]
        return made

    def _reproduce(self, seen: Evidence) -> dict[str, str]:
        where = (self._endpoint, self._region)
        if seen.before:
            steps = (*seen.before, seen.exchange)
            return {
                "curl": reproduce_script.curl(steps, *where, self._contract),
                "python": reproduce_script.python(steps, seen.finding, *where, self._contract),
            }
        name = self._contract.service.signing_name
        return {
            "curl": reproduce.curl(seen.exchange.sent, *where, name),
            "python": reproduce.python(seen.exchange.sent, *where, name),
        }

    def _answer(self, step: Exchange) -> str:
        return str(_response(step, self._redact)["shown"])

    def _cites(self, ids: tuple[str, ...]) -> list[dict[str, str]]:
        found = dict.fromkeys(ids)
        sources = self._contract.sources
        return [{"id": i, "title": sources[i].title, "url": sources[i].url} for i in found if i in sources]


def _about(case: Case, contract: Contract) -> dict[str, Any]:
    """Which constraint a case is about, and what the oracle's row says of its one request."""
    request = case.request
    row = contract.situations.get(request.situation) if request is not None else None
    return {
        "constraint": case.constraint,
        "decision": row.decision if row else "",
        "breaks": list(request.breaks) if isinstance(request, Request) else [],
    }


def _request(sent: RawRequest, redact: Redact) -> dict[str, Any]:
    body, length = shown(sent.body, redact)
    target = next((v for k, v in sent.headers if k.lower() == "x-amz-target"), "no target")
    return {
        "method": sent.method,
        "path": sent.path,
        "headers": [list(header) for header in sent.headers],
        "body": body,
        "bytes": length,
        "shown": f"{sent.method} {sent.path} {target} {body}",
    }


def _response(exchange: Exchange, redact: Redact) -> dict[str, Any]:
    response: Response | None = exchange.response
    if response is None:
        return {"failure": exchange.failure, "shown": f"no answer ({exchange.failure})"}
    body, length = shown(response.body, redact)
    kind = response.header("content-type") or "no content type"
    return {
        "status": response.status,
        "headers": [list(header) for header in response.headers],
        "body": body,
        "bytes": length + response.cut,
        "shown": f"{response.status} {kind} {body}",
    }


def shown(body: bytes, redact: Redact) -> tuple[str, int]:
    """A body as text, cut in the middle where it is long, and its length in bytes."""
    # Redacted before it is cut: half a secret would no longer be recognised.
    text = redact(body[:_READ].decode("utf-8", "backslashreplace"))
    if len(text) > SHOWN:
        cut = len(text) - SHOWN
        text = f"{text[: SHOWN * 2 // 3]} … {cut} characters … {text[-SHOWN // 3 :]}"
    return text, len(body)


def _redacted(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redacted(inner, redact) for key, inner in value.items()}
    if isinstance(value, list):
        return [_redacted(inner, redact) for inner in value]
    return value
