"""The benchmark against stock Schemathesis: the same faulty emulators, equal budgets, side by side in one run.

    python benchmarks/stock_schemathesis.py                       regenerates docs/benchmark.md (about half an hour)
    python benchmarks/stock_schemathesis.py --faults 6 --seeds 1 --variants 2 --print    a quick look

Three runners. *Configured*: `st run` as installed on our document, with AWS JSON 1.1 and SigV4 added and the dispatch
header pinned. *Tuned*: the same on a document made friendly for it (no dispatch parameter, links from
OpenTunnel to whatever needs a tunnel, optional members nullable), with an exact validator behind its
generators and without the checks that flag a correct server. *Ours*: `tunnelspec run`, as installed.

A runner detects a fault if it reports on the faulty emulator what it does not report on the reference emulator,
over all seeds. Requests and times are taken at the emulator: those up to the finding.

One file on purpose: whoever doubts the table reads how it was made from top to bottom.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pickle
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, server
from tunnelspec.faults import Fault, all_faults, all_variants, seeded

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "openapi" / "iotsecuretunneling-2018-10-05.yaml"
PAGE = ROOT / "docs" / "benchmark.md"
CONFIGURED, TUNED, OURS = "Schemathesis, configured", "Schemathesis, tuned by hand", "tunnelspec"
RUNNERS = (CONFIGURED, TUNED, OURS)
REFERENCE = "reference"
#: The checks that flag no correct server of this API once its generators are kept exact.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,positive_data_acceptance"
)


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


def sample(count: int, seed: int) -> list[type[Fault]]:
    """So many seeded faults, from each class of defect in proportion to its size."""
    everything = list(all_faults(load()).values())
    drawn = random.Random(seed)
    sizes = Counter(fault.defect_class for fault in everything)
    shares = {name: count * size / len(everything) for name, size in sizes.items()}
    places = {name: int(share) for name, share in shares.items()}
    # Largest remainders get the places that are left.
    for name in sorted(shares, key=lambda name: places[name] - shares[name])[: count - sum(places.values())]:
        places[name] += 1
    return [
        fault
        for name, number in sorted(places.items())
        for fault in drawn.sample([f for f in everything if f.defect_class == name], number)
    ]


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
    with server.serve(counted) as running:
        yield counted, running.url


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
        "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("stock_schemathesis_hooks.py")),
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
    command = [
        *(sys.executable, "-m", "tunnelspec", "run", "--endpoint-url", url, "--depth", "quick"),
        *("--seed", str(job.seed), "--workers", "1", "--max-requests", str(job.requests)),
        *("--report-dir", str(scratch)),
    ]
    spent = limited(command, dict(os.environ), scratch, job.seconds, lambda: False)
    record = scratch / "record.json"
    cases = json.loads(record.read_text(encoding="utf-8"))["cases"] if record.exists() else []
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


@dataclass
class Spent:
    """What a process has used of the processor, in seconds, as it went on."""

    seen: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])

    @property
    def total(self) -> float:
        """All of it."""
        return self.seen[-1][1]

    def by(self, moment: float) -> float:
        """What had been used by then."""
        return next((used for at, used in self.seen if at >= moment), self.total)


def limited(
    command: list[str], environment: dict[str, str], where: Path, seconds: float, over: Callable[[], bool]
) -> Spent:
    """Run a command until it ends, has used so many seconds of the processor, or `over` says so.

    CPU time, since it is the same on a busy machine. A process that hangs uses none, so ten times as much wall
    time ends it too.
    """
    spent = Spent()
    with (where / "output.txt").open("w") as output:
        process = subprocess.Popen(command, env=environment, cwd=where, stdout=output, stderr=output)
        end = time.monotonic() + 10 * seconds
        try:
            while process.poll() is None and spent.total < seconds and time.monotonic() < end and not over():
                time.sleep(0.05)
                spent.seen.append((time.time(), processor_seconds(process.pid) or spent.total))
        finally:
            process.kill()
            process.wait()
    return spent


def processor_seconds(pid: int) -> float:
    """The processor time of a process so far (Linux); 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def run_jobs(jobs: Iterable[Job], workers: int, note: Callable[[Outcome], None]) -> list[Outcome]:
    """The jobs' outcomes. The order alternates between runners, so that noise on the machine hits all."""
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        outcomes = []
        for outcome in pool.map(work, jobs):
            note(outcome)
            outcomes.append(outcome)
        return outcomes


def main() -> None:
    """Run the benchmark and write the page."""
    options = _options()
    faults = sample(options.faults, options.sample)
    variants = random.Random(options.sample).sample(sorted(all_variants()), min(options.variants, len(all_variants())))
    seeds = range(1, options.seeds + 1)
    budget = {"requests": options.requests, "seconds": options.seconds}
    started, lock = time.monotonic(), threading.Lock()

    def note(outcome: Outcome) -> None:
        with lock:
            job = outcome.job
            found = f"found after {outcome.at} requests" if outcome.at else "nothing new"
            print(
                f"{time.monotonic() - started:6.0f} s  {job.runner:28} {job.subject:60} seed {job.seed}:"
                f" {found}, {outcome.sent} requests in {outcome.took_s:.0f} s",
                flush=True,
            )
            if options.keep:
                with options.keep.open("ab") as file:
                    pickle.dump((outcome, time.monotonic() - started), file)

    quiet = [Job(runner, "", "", seed, **budget) for seed in seeds for runner in RUNNERS]
    reference = run_jobs(quiet, options.workers, note)
    known = {runner: frozenset().union(*(o.said for o in reference if o.job.runner == runner)) for runner in RUNNERS}
    jobs = [
        Job(runner, fault.id, "", seed, **budget, known=known[runner])
        for seed in seeds
        for fault in faults
        for runner in RUNNERS
        if runner != CONFIGURED or seed <= options.configured_seeds
    ]
    jobs += [
        Job(runner, "", variant, seed, **budget, known=known[runner])
        for seed in seeds[: options.variant_seeds]
        for variant in variants
        for runner in RUNNERS
    ]
    outcomes = [*reference, *run_jobs(jobs, options.workers, note)]
    took_s = time.monotonic() - started
    text = page(outcomes, faults, variants, options, took_s)
    if options.print:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--faults", type=int, default=24, help="how many seeded faults")
    parser.add_argument("--variants", type=int, default=8, help="how many conforming variants")
    parser.add_argument("--seeds", type=int, default=5, help="how many runs of each")
    parser.add_argument("--variant-seeds", type=int, default=1, help="how many runs of each variant")
    parser.add_argument("--configured-seeds", type=int, default=5, help="how many runs of the configured one")
    parser.add_argument("--keep", type=Path, help="file to add the raw outcomes to")
    parser.add_argument("--sample", type=int, default=1, help="seed that draws faults and variants")
    parser.add_argument("--requests", type=int, default=2000, help="requests a run may send")
    parser.add_argument("--seconds", type=float, default=30.0, help="processor seconds a run may use")
    parser.add_argument("--workers", type=int, default=2, help="runs at a time")
    parser.add_argument("--print", action="store_true", help="print the page and do not write it")
    return parser.parse_args()


def page(
    outcomes: list[Outcome],
    faults: list[type[Fault]],
    variants: list[str],
    options: argparse.Namespace,
    took_s: float,
) -> str:
    """The page: what was compared, the table, fault by fault, and where the other wins."""
    totals = [_totals(runner, outcomes, faults, variants, options.seeds) for runner in RUNNERS]
    versions = ", ".join(f"{name} {version(name)}" for name in ("tunnelspec", "schemathesis", "hypothesis"))
    lines = [
        "# Benchmark: stock Schemathesis",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}; {versions}, Python {sys.version.split()[0]}, {os.cpu_count()} cores.",
        f"`python benchmarks/stock_schemathesis.py --faults {len(faults)} --variants {len(variants)}"
        f" --seeds {options.seeds} --configured-seeds {options.configured_seeds}"
        f" --sample {options.sample} --requests {options.requests} --seconds {options.seconds:g}`"
        f" regenerates this page (here in {took_s / 60:.0f} minutes, {options.workers} runs at a time).",
        "",
        *_METHOD.format(
            faults=len(faults),
            seeds=options.seeds,
            requests=options.requests,
            seconds=options.seconds,
            configured="" if options.configured_seeds == 1 else f" with each of {options.configured_seeds} seeds",
        ).splitlines(),
        "",
        "| | " + " | ".join(RUNNERS) + " |",
        "| --- | " + " | ".join("---:" for _ in RUNNERS) + " |",
        *(f"| {label} | " + " | ".join(total[label] for total in totals) + " |" for label in totals[0]),
        "",
        "## Fault by fault",
        "",
        f"In how many of {options.seeds} runs each fault was detected, and after how many requests (median).",
        "",
        "| fault | " + " | ".join(RUNNERS) + " |",
        "| --- | " + " | ".join("---:" for _ in RUNNERS) + " |",
        *(
            f"| `{fault.id}`: {fault.sentence} | "
            + " | ".join(_cell([o for o in _of(outcomes, runner) if o.job.fault == fault.id]) for runner in RUNNERS)
            + " |"
            for fault in faults
        ),
        "",
        *_REMARKS.splitlines(),
        "",
    ]
    return "\n".join(lines)


_METHOD = """\
{faults} of the seeded faults, drawn from every class of defect in proportion to its size, each with {seeds} seeds. \
Each run may send {requests} requests or use {seconds:g} CPU seconds, whichever comes first. A run detects a fault \
if it reports something that the same runner never reports on the reference emulator.

* *configured*: `st run` as installed, on our document, with the media type and SigV4 added and the dispatch header \
pinned. There is one run of each fault{configured}.
* *tuned by hand*: in addition, a document adapted to it (no dispatch parameter, links from OpenTunnel to \
everything that needs a tunnel, optional members nullable), an exact validator behind its generators, so that valid \
bodies are valid and invalid ones invalid, and only the checks that do not flag a correct server.
* *tunnelspec*: `tunnelspec run --workers 1`, as installed.

Schemathesis fuzzes until its budget is spent; shrinking is off, since it does not help to detect anything. \
Requests and seconds to the first finding include start-up. Seconds are CPU seconds of the runner's process, \
without the emulator's: wall time would measure how busy the machine was."""

_REMARKS = """\
## Where Schemathesis is better

* It needs no model of the service: it works with any OpenAPI document at once. What tunnelspec knows beyond the \
document (which call depends on which, what AWS's sources leave unspecified) was written for this one service.
* It meets a bound that is off by one in a plain member after a few requests, sooner than this suite, which runs \
its cases in a fixed order: see the faults that both detected.
* It tests what this suite does not: methods that a path does not declare, requests without authentication or \
without a required header. For this API no source says what a server must do then, hence the false positives of the \
configured runner; for a REST API these are good tests.
* It checks declared response headers, links and formats, reads many media types, and writes more report formats.
* The two work together: `docs/schemathesis.md` describes how to use this suite's strategies and checks in `st \
run`.

A small budget favours a suite that tests the bounds first: with more requests, a random search detects more. \
`--seconds` and `--requests` raise it."""


def _of(outcomes: list[Outcome], runner: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.job.runner == runner]


def _cell(outcomes: list[Outcome]) -> str:
    found = [o.at for o in outcomes if o.at is not None]
    return f"{len(found)} ({statistics.median(found):.0f})" if found else "0"


def _totals(
    runner: str, outcomes: list[Outcome], faults: list[type[Fault]], variants: list[str], seeds: int
) -> dict[str, str]:
    mine = _of(outcomes, runner)
    reference = [o for o in mine if o.job.subject == REFERENCE]
    shared = set.intersection(
        *({o.job.fault for o in _of(outcomes, name) if o.job.fault and o.at is not None} for name in (TUNED, OURS))
    )
    on_shared = [o.at for o in mine if o.job.fault in shared and o.at is not None]
    by_seed = Counter(o.job.seed for o in mine if o.job.fault and o.at is not None)
    ever = {o.job.fault for o in mine if o.job.fault and o.at is not None}
    found = [o for o in mine if o.job.fault and o.at is not None]
    alarmed = {o.job.variant for o in mine if o.job.variant and o.said}
    newly = {o.job.variant for o in mine if o.job.variant and o.said - o.job.known}
    middle = statistics.median
    counts = [by_seed[seed] for seed in range(1, seeds + 1) if any(o.job.seed == seed and o.job.fault for o in mine)]
    return {
        "faults detected, median run": f"{middle(counts):g} of {len(faults)}",
        "faults detected, fewest and most": f"{min(counts)} to {max(counts)}",
        "faults detected in any run": f"{len(ever)} of {len(faults)}",
        "false positives on the reference emulator, median": f"{middle(len(o.said) for o in reference):g}",
        "conforming variants flagged": f"{len(alarmed)} of {len(variants)}",
        "conforming variants flagged for what the reference emulator is not": f"{len(newly)} of {len(variants)}",
        "requests to the first finding, median": f"{middle([o.at or 0 for o in found]):.0f}" if found else "none",
        f"the same, on the {len(shared)} that both the tuned Schemathesis and tunnelspec detected": (
            f"{middle(on_shared):.0f}" if on_shared else "none"
        ),
        "CPU seconds to the first finding, median": f"{middle([o.at_s or 0 for o in found]):.1f}" if found else "none",
        "requests per CPU second on the reference emulator, median": (
            f"{middle(o.sent / o.took_s for o in reference):.0f}"
        ),
        "tunnels left open on the reference emulator, median": f"{middle(o.left_open for o in reference):g}",
    }


if __name__ == "__main__":
    main()
