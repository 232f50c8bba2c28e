"""Requests, tunnels and time are counted as a proxy counts them, and no budget is exceeded."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.kills import finish
from tunnelspec.client import Journal
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Server, serve
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.record import document as record
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.pace import Pace
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target

from .accounts import state
from .command import tunnelspec

#: Calls that are counted and do not arrive whole where the time ends while they are sent: one of the cases, and one of
#: the clean-up.
_CUT_OFF = 2


class Proxy:
    """Counts what arrives at an emulator; may throttle, break connections, or respond with 500 after opening."""

    def __init__(self, emulator: Emulator, trouble: str) -> None:
        self.emulator, self.trouble = emulator, trouble
        self.requests = self.creates = 0
        self.lock = threading.Lock()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Count a request, and respond."""
        target = request.headers.get("x-amz-target", "")
        with self.lock:
            self.requests += 1
            self.creates += target.endswith(".OpenTunnel")
            number = self.requests
        if self.trouble == "throttles" and number % 7 == 0:
            body = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
            return HttpResponse(400, [("Content-Type", "application/x-amz-json-1.1")], body)
        if self.trouble == "breaks" and number % 5 == 0:
            raise ConnectionResetError
        response = self.emulator.handle(request)
        if self.trouble == "opens and fails" and target.endswith(".OpenTunnel"):
            return HttpResponse(500, [("Content-Type", "application/x-amz-json-1.1")], b"{}")
        if self.trouble == "opens and breaks" and target.endswith(".OpenTunnel"):
            raise ConnectionResetError
        return response

    def all_requests(self, server: Server) -> int:
        """How many have arrived, once what was cut off on its way has arrived as well."""
        finish(server)
        return self.requests - 1  # without that of `finish`


@pytest.mark.parametrize("trouble", ["", "throttles", "breaks", "opens and fails", "opens and breaks"])
@pytest.mark.parametrize(
    "budget",
    [Settings(max_requests=45), Settings(max_requests=160), Settings(max_creates=12), Settings(max_seconds=0.3)],
)
def test_a_proxy_counts_what_the_run_counts(
    trouble: str, budget: Settings, tmp_path: Path, contract: Contract, cases: list[Case]
) -> None:
    """Retries, probes, confirmation, resends and clean-up among them; no budget is exceeded, nothing is left."""
    proxy = Proxy(Emulator(contract), trouble)
    chosen = [case for case in cases if case.area in ("protocol", "lifecycle", "tags")]
    with serve(proxy) as server:
        settings = replace(budget, endpoint_url=server.url)
        with open_target(settings, contract, tmp_path / "journal.jsonl") as target:
            target.budget.pace = Pace(sleep=lambda seconds: None)
            run_cases(contract, chosen, target.make_session, probes=presence_cases(contract))
            target.settle()
            left = target.journal.own_entries()
        requests = proxy.all_requests(server)
        assert 0 <= target.budget.requests - requests <= (_CUT_OFF if budget.max_seconds else 0)
        assert requests <= (budget.max_requests or requests)
        assert proxy.creates <= (budget.max_creates or proxy.creates)
    assert len(state(proxy.emulator)) <= len(left)
    if trouble not in ("breaks", "opens and breaks"):
        assert state(proxy.emulator) == {}


@pytest.mark.parametrize(
    ("trouble", "budget"),
    [("", ("--max-requests", 150)), ("opens and fails", ("--max-tunnels", 30)), ("", ("--max-seconds", 2))],
)
def test_a_proxy_counts_what_all_workers_count(
    trouble: str, budget: tuple[str, int], tmp_path: Path, contract: Contract
) -> None:
    """Two processes, and what closes their leftovers at the end, are one run with one count and one budget."""
    proxy = Proxy(Emulator(contract), trouble)
    select = [word for glob in ("protocol/*", "lifecycle/*", "tags/*") for word in ("--select", glob)]
    with serve(proxy) as server:
        tunnelspec("run", "--endpoint-url", server.url, "--workers", 2, *budget, *select, cwd=tmp_path)
        requests = proxy.all_requests(server)
    made = record.read(tmp_path / "tunnelspec-report" / "record.json")
    assert 0 <= made["run"]["requests"] - requests <= (2 * _CUT_OFF if budget[0] == "--max-seconds" else 0)
    assert budget[0] != "--max-requests" or requests <= budget[1]
    assert budget[0] != "--max-tunnels" or proxy.creates <= budget[1]
    assert budget[0] != "--max-tunnels" or proxy.creates > 5
    left = [entry for path in (tmp_path / "tunnelspec-report").glob("journal*") for entry in Journal(path).read()]
    assert len(state(proxy.emulator)) <= len(left)
    assert trouble or left == []
