"""How costs grow: with depth, with the size of a body, of an account and of a report."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.performance.measure import Job, compared, table
from benchmarks.running import tunnelspec
from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import distinct, plain_text
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import Request
from tunnelspec.record.recorder import record
from tunnelspec.report.forms import write_all
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.executor import Run
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.session import Session
from tunnelspec.suite import DEPTHS, build, enabled
from tunnelspec.verdict import Axis, Finding, Kind, Level, Outcome

_CALLS = 200


def depths(contract: Contract, rounds: int) -> list[str]:
    """Cases, and what a plan costs, at each depth."""
    rows = []
    for depth in DEPTHS:
        costs = compared({"": lambda depth=depth: _plan(depth)}, rounds)[""]  # type: ignore[misc]
        cases = enabled(build(contract, depth=depth))
        rows.append((depth, len(cases), costs.cpu_s, costs.wall_s))
    return table(("depth", "cases", "`--dry-run`, CPU s", "`--dry-run`, wall s"), rows)


def start_up(contract: Contract, rounds: int) -> list[str]:
    """CPU of a run of one case, and of the whole first look, emulator included."""
    jobs: dict[str, Job] = {
        "a run of one case, an endpoint given": lambda: _run("--select", "protocol/ListTunnels/plain", own=False),
        "a run of one case, with the bundled emulator": lambda: _run("--select", "protocol/ListTunnels/plain"),
        "the whole quick run against the bundled emulator": _run,
        "the same with `--workers 2`": lambda: _run("--workers", "2"),
    }
    rows = [(name, cost.cpu_s, cost.wall_s) for name, cost in compared(jobs, rounds).items()]
    return table(("command", "CPU s", "wall s"), rows)


def sizes(contract: Contract, rounds: int) -> list[str]:
    """Milliseconds of CPU for each call: of the client with a body, of both with an account."""
    tags = contract.operations["OpenTunnel"].input.properties["tags"]
    text = contract.operations["OpenTunnel"].input.properties["description"]
    bodies: dict[str, dict[str, object]] = {
        f"OpenTunnel, {n} tag{'s' * (n > 1)}": {"tags": [distinct(tags.element, i) for i in range(n)]}
        for n in (1, 50, 200)
    }
    bodies |= {f"OpenTunnel, a description of {n:,}": {"description": plain_text(text, n)} for n in (1, 2048)}
    jobs: dict[str, Job] = {name: _calls(contract, Request("OpenTunnel", body)) for name, body in bodies.items()}
    for tunnels in (10, 100, 1_000, 10_000):
        emulator = Emulator(contract)
        for _ in range(tunnels):
            emulator.open_tunnel({})
        jobs[f"ListTunnels, {tunnels:,} tunnels"] = _calls(contract, Request("ListTunnels", {}), emulator)
    rows = [(name, cost.cpu_s * 1000) for name, cost in compared(jobs, rounds).items()]
    return table(("call, in one process with the emulator", "CPU ms"), rows)


def findings(contract: Contract, rounds: int) -> list[str]:
    """Seconds for record and reports by the number of findings, each of another constraint or situation."""
    run, _ = run_in_process(contract, enabled(build(contract))[:1000])
    jobs = {count: _written(contract, run, count) for count in (1, 10, 100, 1_000)}
    costs = compared({str(count): job for count, job in jobs.items()}, rounds)
    rows = [(int(count), cost.cpu_s, cost.wall_s) for count, cost in costs.items()]
    return table(("failed cases", "record and reports, CPU s", "wall s"), rows)


def _written(contract: Contract, run: Run, count: int) -> Job:
    results = [
        replace(item, outcome=Outcome.FAIL, evidence=(_evidence(contract, item.case.id),)) if number < count else item
        for number, item in enumerate(run.results)
    ]

    def job() -> int:
        with tempfile.TemporaryDirectory() as folder:
            made = record(
                replace(run, results=results),
                contract,
                endpoint="http://localhost",
                region="us-east-1",
                seed=0,
                depth="quick",
                started=datetime.now(UTC),
                redact=str,
            )
            write_all(made, Path(folder))
        return 1

    return job


def _evidence(contract: Contract, name: str) -> Evidence:
    finding = Finding("validation/decision", Level.MUST, Axis.DECISION, Kind.ACCEPTED_INVALID, name, "status 200")
    exchange = Session(contract, DirectSender(Emulator(contract))).send(Request("ListTunnels", {}))
    return Evidence(finding, exchange)


def _calls(contract: Contract, request: Request, emulator: Emulator | None = None) -> Job:
    session = Session(contract, DirectSender(emulator or Emulator(contract)))
    session.send(request)

    def job() -> int:
        for _ in range(_CALLS):
            session.check(session.send(request))
        return _CALLS

    return job


def _plan(depth: str) -> int:
    return _run("--dry-run", "--depth", depth)


def _run(*arguments: str, own: bool = True) -> int:
    endpoint = () if own else ("--endpoint-url", "http://127.0.0.1:1")
    with tempfile.TemporaryDirectory() as folder:
        tunnelspec("run", "--seed", "1", *endpoint, *arguments, folder=Path(folder))
    return 1
