"""Runs stock Schemathesis or this suite against one emulator, and takes requests and times at the emulator."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from benchmarks import running
from benchmarks.stock_schemathesis.job import OURS, TUNED, Job, Outcome
from benchmarks.stock_schemathesis.limits import limited
from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, server
from tunnelspec.faults import seeded

DOCUMENT = Path(__file__).parents[2] / "openapi" / "iotsecuretunneling-2018-10-05.yaml"
#: The checks that flag no correct server of this API once its generators are kept exact.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,positive_data_acceptance"
)


@dataclass
class Counted:
    """An emulator that notes when each request came in."""

    emulator: Emulator
    times: list[float] = field(default_factory=list)

    def handle(self, call: HttpRequest) -> HttpResponse:
        """One exchange."""
        self.times.append(time.time())
        return self.emulator.handle(call)

    def before(self, moment: float) -> int:
        """How many requests had come in by then."""
        return sum(at <= moment for at in self.times)


def friendly(document: dict[str, Any]) -> dict[str, Any]:
    """The document as an owner of a Schemathesis set-up would have it."""
    made = deepcopy(document)
    made.pop("security", None)
    for item in made["paths"].values():
        item["post"].pop("parameters", None)
    opened = made["paths"]["/#X-Amz-Target=IoTSecuredTunneling.OpenTunnel"]["post"]
    opened["responses"]["200"]["links"] = {
        name: {"operationId": name, "requestBody": {member: f"$response.body#/{member}"}}
        for member, names in {
            "tunnelId": ("DescribeTunnel", "RotateTunnelAccessToken", "CloseTunnel"),
            "tunnelArn": ("ListTagsForResource", "TagResource", "UntagResource"),
        }.items()
        for name in names
    }
    for key, schema in made["components"]["schemas"].items():
        for name, member in schema.get("properties", {}).items():
            asked = key.endswith("Request") or key == "TimeoutConfig"
            if asked and name not in schema.get("required", ()):
                schema["properties"][name] = {"anyOf": [member, {"type": "null"}]}
    return made


@contextlib.contextmanager
def served(job: Job) -> Iterator[tuple[Counted, str]]:
    """The job's emulator on a free port of loopback."""
    contract = load()
    emulator = seeded(contract, [job.fault] if job.fault else [], [job.variant] if job.variant else [])(contract)
    counted = Counted(emulator)
    with server.serve(counted) as served_at:
        yield counted, served_at.url


def work(job: Job) -> Outcome:
    """Run one job to its end, its first new finding, or the end of its budget."""
    with served(job) as (counted, url), tempfile.TemporaryDirectory() as scratch:
        run = ours if job.runner == OURS else stock
        outcome = run(job, counted, url, Path(scratch))
        outcome.left_open = sum(t.status == "OPEN" for t in counted.emulator.store.newest_first())
        return outcome


def stock(job: Job, counted: Counted, url: str, scratch: Path) -> Outcome:
    """`st run`, which repeats its fuzzing until it is stopped, so that it has the whole budget."""
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    tuned = job.runner == TUNED
    spec, failures = scratch / "document.json", scratch / "failures.jsonl"
    spec.write_text(json.dumps(friendly(document) if tuned else document), encoding="utf-8")
    failures.touch()
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(spec), "--url", url, "--no-shrink"),
        *("--seed", str(job.seed), "--max-time", str(int(job.seconds * 10)), "--continue-on-failure"),
        *("--suppress-health-check", "all", "--warnings", "off"),
        *(("--checks", CHECKS) if tuned else ()),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("hooks.py")),
        "BENCHMARK_FAILURES": str(failures),
        "BENCHMARK_TUNED": str(spec) if tuned else "",
    }

    def said() -> list[dict[str, Any]]:
        """Only whole lines: the last may be half written."""
        return [json.loads(line) for line in failures.read_text().splitlines(True) if line.endswith("\n")]

    def over() -> bool:
        return len(counted.times) >= job.requests or any(name(line) not in job.known for line in said())

    def name(line: dict[str, Any]) -> str:
        return f"{line['what']} on {line['where'].rsplit('.', 1)[-1]}"

    # On the reference emulator and on variants every report counts, so the budget is used up there.
    whole = not job.fault
    spent = limited(
        command,
        environment,
        scratch,
        job.seconds,
        lambda: len(counted.times) >= job.requests if whole else over(),
    )
    found = [line for line in said() if name(line) not in job.known]
    outcome = Outcome(job, frozenset(map(name, said())), len(counted.times), spent.total)
    if found:
        outcome.at = min(counted.before(found[0]["at"]), job.requests)
        outcome.at_s = spent.by(found[0]["at"])
    return outcome


def ours(job: Job, counted: Counted, url: str, scratch: Path) -> Outcome:
    """`tunnelspec run` at its first depth; where the first failed case ended is read from its record."""
    options = ["--endpoint-url", url, "--depth", "quick", "--seed", job.seed, "--workers", 1]
    command = running.command("run", *options, "--max-requests", job.requests)
    spent = limited(command, dict(os.environ), scratch, job.seconds, lambda: False)
    record = running.recorded(scratch)
    cases = record["cases"] if record else []
    failed = [case["id"] for case in cases if case["outcome"] == "fail"]
    outcome = Outcome(job, frozenset(failed), len(counted.times), spent.total)
    sent = 0
    # One worker runs the cases in this order, the probes first.
    for case in sorted(cases, key=lambda case: not case["id"].endswith("/implemented")):
        sent += case["requests"]
        if case["outcome"] == "fail" and case["id"] not in job.known:
            outcome.at = min(sent, len(counted.times))
            outcome.at_s = spent.by(counted.times[outcome.at - 1])
            break
    return outcome


def run_jobs(jobs: Iterable[Job], workers: int, note: Callable[[Outcome], None]) -> list[Outcome]:
    """The jobs' outcomes. The order alternates between runners, so that noise on the machine hits all."""
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        outcomes = []
        for outcome in pool.map(work, jobs):
            note(outcome)
            outcomes.append(outcome)
        return outcomes
