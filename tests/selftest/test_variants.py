"""Conforming variants that show only where they are served, or only with options of their own."""

from __future__ import annotations

import random
import socket
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from select import select

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, Server, serve
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.faults import all_variants
from tunnelspec.names import matches_any
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.pace import Pace
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome

from .command import tunnelspec

#: What each variant's first response has, as it is on the wire.
_ON_THE_WIRE = {
    "http-1.0": (b"HTTP/1.0 400",),
    "chunked-responses": (b"\r\n0\r\n",),
}
#: A part of the suite that a variant is tested with here; `nox -s variants` runs all of it.
_PART = ("protocol/DescribeTunnel/*", "listing/*", "lifecycle/CloseTunnel/*", "atomicity/*", "validation/*/required/*")


class _Clock:
    """Seconds that pass only while somebody sleeps, and a little with every look."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        self.now += 0.0001
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let these seconds pass."""
        self.now += seconds


def _response(url: str) -> bytes:
    """What a server sends for one request, until it closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def _served(name: str, contract: Contract) -> Server:
    variant = all_variants()[name]
    return serve(variant(contract), connection=variant.connection())


@pytest.mark.parametrize("variant", _ON_THE_WIRE)
def test_a_variant_of_the_wire_differs_on_the_wire(variant: str, contract: Contract) -> None:
    """Its bytes are those that its sentence describes."""
    with _served(variant, contract) as server:
        data = _response(server.url)
    assert all(part in data for part in _ON_THE_WIRE[variant])


def test_idle_connections_are_closed(contract: Contract) -> None:
    """The server closes a connection on which no request comes after one of three responses, and not before."""
    with _served("idle-connections-closed", contract) as server, ExitStack() as stack:
        address = server.url.removeprefix("http://")
        clients = [stack.enter_context(closing(HTTPConnection(address, timeout=60))) for _ in range(3)]
        for client in clients:
            client.connect()
        sockets = [client.sock for client in clients]
        assert select(sockets, [], [], 0.2)[0] == []
        for client in clients:
            client.request("GET", "/")
            assert client.getresponse().read()
        (closed,) = select(sockets, [], [], 60)[0]
        assert closed.recv(1) == b""


@pytest.mark.parametrize("variant", ["idle-connections-closed", *_ON_THE_WIRE])
def test_a_variant_of_the_wire_is_not_flagged(variant: str, contract: Contract, tmp_path: Path) -> None:
    """Part of the suite, over HTTP."""
    emulator = all_variants()[variant](contract)
    with serve(emulator, connection=emulator.connection()) as server:
        part = [word for glob in _PART for word in ("--select", glob)]
        ended = tunnelspec("run", "--endpoint-url", server.url, "--seed", 1, *part, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "inconclusive" not in ended.stdout
    assert emulator.store.newest_first() == []


class _ThrottledSender(DirectSender):
    """Marks throttled calls, as the client does."""

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        exchange = super().send(raw)
        response = exchange.response
        throttled = response is not None and (response.status == 503 or b"ThrottlingException" in response.body)
        return replace(exchange, failure="throttled") if throttled else exchange


@pytest.mark.parametrize("variant", ["one-call-per-second", "unavailable-when-busy"])
def test_a_target_that_takes_one_call_per_second_is_not_flagged(
    variant: str, contract: Contract, cases: list[Case]
) -> None:
    """The run slows down, on a clock that does not wait, and gives up nothing."""
    clock = _Clock()
    emulator = all_variants()[variant](contract, clock=clock)
    budget = Budget(pace=Pace(clock, clock.sleep))
    part = [case for case in cases if matches_any(case.id, ("validation/*/required/*", "protocol/*/plain"))]
    sender = _ThrottledSender(emulator)
    probes = presence_cases(contract)
    run = run_cases(contract, part, lambda: Session(contract, sender, RunContext(budget)), probes=probes)
    assert run.throttled > 0
    assert _flagged(run) == []
    assert emulator.store.newest_first() == []


def test_a_list_that_lags_is_not_flagged(contract: Contract, cases: list[Case]) -> None:
    """Some lists, with the consistency timeout of `--settle 4`."""
    emulator = all_variants()["lists-lag"](contract)
    part = [case for case in cases if matches_any(case.id, ("listing/*/complete", "listing/*/unfiltered"))]
    sender = DirectSender(emulator)
    probes = presence_cases(contract)
    run = run_cases(
        contract, part, lambda: Session(contract, sender, RunContext(consistency_timeout_s=4.0)), probes=probes
    )
    assert len(run.results) == len(part) > 1
    assert _flagged(run) == []
    assert emulator.store.newest_first() == []


def _flagged(run: Run) -> list[str]:
    return [f"{r.outcome} {r.case.id} {r.reason}" for r in run.results if r.outcome is not Outcome.PASS]


class _Others(Emulator):
    """Others open tunnels, now and then, between two calls."""

    chance: random.Random
    share: float

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond, perhaps after somebody else."""
        if self.chance.random() < self.share:
            super().open_tunnel({})
        return super().handle(request)


@pytest.mark.parametrize(("share", "seed"), [(0.2, 2), (0.6, 3)])
def test_what_others_open_by_chance_is_not_held_against_the_target(
    share: float, seed: int, contract: Contract, cases: list[Case]
) -> None:
    """With these draws they opened something each time that one call was sent, and nothing each time that none was."""
    emulator = type("Others", (_Others,), {"chance": random.Random(seed), "share": share})(contract)
    part = [case for case in cases if case.id.startswith("atomicity/OpenTunnel/")]
    run = run_cases(contract, part, lambda: Session(contract, DirectSender(emulator)), probes=presence_cases(contract))
    assert {item.outcome for item in run.results} == {Outcome.PASS}
