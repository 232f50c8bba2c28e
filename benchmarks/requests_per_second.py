"""Requests per second, side by side in one run: our phases, stock Schemathesis, a bare loop.

    python benchmarks/requests_per_second.py

Each is sent to the same emulator in a process of its own. The bare loop sends the very bytes of the
deterministic phase over one keep-alive connection of `http.client` and looks at no answer. The order is
repeated, and ratios of medians are printed: single times on a shared machine say little.
"""

from __future__ import annotations

import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tunnelspec.contract import Contract, load
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Sender, Session
from tunnelspec.runner.target import Settings, open_target
from tunnelspec.suite import build

ROUNDS = 3
DOCUMENT = Path(__file__).parents[1] / "openapi" / "iotsecuretunneling-2018-10-05.yaml"


class Noting:
    """Passes requests on and keeps what was sent."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.sent: list[RawRequest] = []

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        self.sent.append(raw)
        return self.sender.send(raw)


def ours(contract: Contract, cases: list[Case], workers: int = 1) -> tuple[float, list[RawRequest]]:
    """Requests per second of these cases, and what they sent."""
    with open_target(Settings(), contract) as target:
        noting = Noting(target.transport)
        run = run_cases(
            contract, cases, lambda: Session(contract, noting), probes=presence_cases(contract), workers=workers
        )
        return run.requests / run.duration_s, noting.sent


def bare(contract: Contract, requests: list[RawRequest]) -> float:
    """Requests per second of a loop that sends the same bytes and reads the answers away."""
    with open_target(Settings(), contract) as target:
        connection = http.client.HTTPConnection(urlsplit(target.url).netloc)
        started = time.perf_counter()
        for raw in requests:
            connection.request(raw.method, raw.path, raw.body, dict(raw.headers))
            connection.getresponse().read()
        connection.close()
        return len(requests) / (time.perf_counter() - started)


HOOKS = """
import schemathesis
schemathesis.serializers.register if False else None
@schemathesis.serializer("application/x-amz-json-1.1")
def amz(ctx, value):
    import json
    return json.dumps(value).encode()
"""


def stock(contract: Contract) -> float | None:
    """Requests per second of `st run` with our document and its media type taught, or None."""
    with open_target(Settings(), contract) as target, tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "amz_hooks.py").write_text(HOOKS, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", target.url),
            *("--max-examples", "50", "--seed", "1", "--continue-on-failure", "--phases", "fuzzing"),
        ]
        environment = {"SCHEMATHESIS_HOOKS": "amz_hooks", "PYTHONPATH": scratch, "PATH": "/usr/bin:/bin"}
        started = time.perf_counter()
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=scratch, env=environment, timeout=600, check=False
        )
        seconds = time.perf_counter() - started
        counts = [int(n) for n in re.findall(r"(\d+) generated", done.stdout)]
        return sum(counts) / seconds if counts else None


def main() -> None:
    """Print the table."""
    contract = load()
    everything = build(contract, depth="standard", seed=1)
    exact = [case for case in everything if case.area != "search"]
    searches = [case for case in everything if case.area == "search"]
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        rate, sent = ours(contract, exact)
        rates.setdefault("deterministic phase, 1 worker", []).append(rate)
        rates.setdefault("deterministic phase, 2 workers", []).append(ours(contract, exact, 2)[0])
        rates.setdefault("bare http.client, same bytes", []).append(bare(contract, sent))
        rates.setdefault("Hypothesis phase, 1 worker", []).append(ours(contract, searches)[0])
        rates.setdefault("Hypothesis phase, 2 workers", []).append(ours(contract, searches, 2)[0])
        found = stock(contract)
        if found is not None:
            rates.setdefault("stock Schemathesis, fuzzing phase", []).append(found)
    for name, values in rates.items():
        print(f"{name:36} {statistics.median(values):8.0f} requests/s")


if __name__ == "__main__":
    main()
