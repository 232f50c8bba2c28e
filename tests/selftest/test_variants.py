"""Conforming variants that show only where they are served, or only with options of their own."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Server, serve
from tunnelspec.faults import all_variants
from tunnelspec.names import matches_any
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.pace import Pace
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome

from .test_cli import tunnelspec

_REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#: What each variant's first response has, as it is on the wire.
_ON_THE_WIRE = {
    "http-1.0": (b"HTTP/1.0 400",),
    "early-hints": (b"HTTP/1.1 103", b"HTTP/1.1 400"),
    "chunked-responses": (b"\r\n0\r\n",),
}
#: A part of the suite that a variant is tested with here; `nox -s variants` runs all of it.
_PART = ("protocol/OpenTunnel/*", "listing/*", "lifecycle/CloseTunnel/*", "atomicity/*", "validation/*/required/*")


class _Clock:
    """Seconds that pass only while somebody sleeps, and a little with every look."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 0.0001
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let these seconds pass."""
        self.now += seconds


def _received(url: str) -> Iterator[bytes]:
    """What a server sends on one connection for three requests, until it closes or waits."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=0.5) as sock:
        for _ in range(3):
            try:
                sock.sendall(_REQUEST)
                yield sock.recv(65_536)
            except OSError:
                return


def _served(name: str, contract: Contract) -> Server:
    variant = all_variants()[name]
    return serve(variant(contract), connection=variant.connection())


@pytest.mark.parametrize("variant", _ON_THE_WIRE)
def test_a_variant_of_the_wire_differs_on_the_wire(variant: str, contract: Contract) -> None:
    """Its bytes are those that its sentence describes."""
    with _served(variant, contract) as server:
        data = b"".join(itertools.islice(_received(server.url), 1))
    assert all(part in data for part in _ON_THE_WIRE[variant])


def test_idle_connections_are_closed(contract: Contract) -> None:
    """The server closes a connection on which no request comes, after some of its responses."""
    with _served("idle-connections-closed", contract) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as sock:
            responses = 0
            while True:
                sock.sendall(_REQUEST)
                assert sock.recv(65_536)
                responses += 1
                sock.settimeout(0.2)
                try:
                    if sock.recv(1) == b"":
                        break
                except TimeoutError:
                    sock.settimeout(30)
    assert responses <= 3


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


@pytest.mark.parametrize("variant", ["lists-lag", "one-call-per-second"])
def test_a_variant_that_takes_time_is_not_flagged(
    variant: str, contract: Contract, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of the suite, with a clock that does not wait and the consistency timeout of `--settle 3`."""
    clock = _Clock()
    monkeypatch.setattr("time.monotonic", clock)
    monkeypatch.setattr("time.sleep", clock.sleep)
    emulator = all_variants()[variant](contract, clock=clock)
    part = [case for case in cases if matches_any(case.id, _PART)]
    budget = Budget(pace=Pace(clock, clock.sleep))
    run = run_cases(
        contract,
        part,
        lambda: Session(contract, DirectSender(emulator), budget=budget, consistency_timeout_s=3.0),
        probes=presence_cases(contract),
    )
    assert _flagged(run) == []
    assert emulator.store.newest_first() == []


def _flagged(run: Run) -> list[str]:
    return [f"{r.outcome} {r.case.id} {r.reason}" for r in run.results if r.outcome is not Outcome.PASS]
