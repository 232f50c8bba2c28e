"""Requests per second and client CPU of each phase of a run, beside the loops and stock Schemathesis."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.performance import loops
from benchmarks.performance.measure import Job, compared, table
from benchmarks.stock_schemathesis.runners import DOCUMENT, Counted
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.exchange import PLAIN, Exchange, RawRequest
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import OpenTarget, open_target
from tunnelspec.runner.traffic import Sender
from tunnelspec.suite import build, enabled

#: Requests of each loop, and examples of each search.
_REQUESTS, _EXAMPLES = 1_000, 40
_HOOKS = Path(__file__).parents[1] / "stock_schemathesis" / "hooks.py"


@dataclass
class _Noting(Sender):
    """Keeps what was sent."""

    sender: Sender
    sent: list[RawRequest] = field(default_factory=list)

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        self.sent.append(raw)
        return self.sender.send(raw)


def phases(contract: Contract, rounds: int) -> list[str]:
    """The two tables, one of CPU and one of requests per second."""
    exact = [case for case in enabled(build(contract, seed=1)) if case.area not in ("search", "journeys")]
    listed = [case for case in build(contract, depth="standard", seed=1) if case.area == "search"]
    random = [replace(case, settings=replace(case.settings, examples=_EXAMPLES)) for case in listed]
    searches = [case for case in random if not case.id.endswith("schemathesis")]
    theirs = [case for case in random if case.id.endswith("schemathesis")]
    with open_target(Settings(), contract) as target, loops.fixed_server() as fixed:
        noting = _Noting(target.transport)
        run_cases(contract, exact, lambda: Session(contract, noting), probes=presence_cases(contract))
        # http.client and requests cannot send what is unusual in HTTP.
        plain = [raw for raw in noting.sent if raw.wire == PLAIN and raw.method == "POST" and _is_plain(raw)][
            :_REQUESTS
        ]

        def loop(function: Callable[..., int]) -> Job:
            return lambda: function(fixed, contract, plain)

        costs = compared(
            {
                "http.client, signed beforehand": loop(loops.http_client),
                "h11 as the suite uses it, signed beforehand": loop(loops.h11_alone),
                "requests + requests-aws4auth": loop(loops.requests_aws4auth),
                "the suite's client: signs, sends, reads": loop(loops.transport),
                "deterministic phase, whole": lambda: _run(target, exact),
                "Hypothesis phase, whole": lambda: _run(target, searches),
                "phase of Schemathesis' generators": lambda: _run(target, theirs),
            },
            rounds,
        )
    stock = _stock(contract)
    bare = costs["http.client, signed beforehand"].cpu_s
    rows: list[tuple[object, ...]] = [
        (name, cost.cpu_s * 1000, cost.cpu_s / bare, 1 / cost.wall_s, 1 / cost.wall_s / stock)
        for name, cost in costs.items()
    ]
    rows.append(("stock Schemathesis, fuzzing phase", "", "", stock, 1.0))
    head = ("what sends", "client CPU s per 1,000", "ratio to http.client", "requests/s", "ratio to Schemathesis")
    return [f"The loops send {len(plain):,} requests of the deterministic phase.", "", *table(head, rows)]


def _is_plain(raw: RawRequest) -> bool:
    names = [name.lower() for name, _ in raw.headers]
    return (
        raw.method == "POST"
        and raw.sign
        and raw.signing is None
        and len(set(names)) == len(names)
        and "content-length" not in names
    )


def _run(target: OpenTarget, cases: Sequence[Case]) -> int:
    return run_cases(target.contract, cases, lambda: Session(target.contract, target.transport), probes=()).requests


def _stock(contract: Contract) -> float:
    """Requests per second of `st run` from the first request to the last one, with our document and its media type."""
    counted = Counted(Emulator(contract))
    with serve(counted) as server, tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "hooks.py").write_text(_HOOKS.read_text(encoding="utf-8"), encoding="utf-8")
        command = [*(sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", server.url)]
        command += ["--max-examples", "10", "--seed", "1", "--continue-on-failure", "--phases", "fuzzing"]
        environment = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": scratch, "PATH": "/usr/bin:/bin"}
        environment["BENCHMARK_FAILURES"] = str(Path(scratch) / "failures")
        subprocess.run(command, capture_output=True, cwd=scratch, env=environment, timeout=600, check=False)
    return (len(counted.times) - 1) / (counted.times[-1] - counted.times[0])
