"""The pytest plugin as people use pytest: short summaries, --lf, --sw, -n, -k, and the emulator as a fixture."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunnelspec.client import Journal
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpConnection, HttpRequest, HttpResponse, serve
from tunnelspec.faults import seeded

from .command import LIGHT, own_pytest
from .forked import Program

FAULT, CASES = "derived/OpenTunnel/tags/maxItems/loosened", "OpenTunnel and tags/maxItems"


@pytest.fixture
def suite(contract: Contract) -> Iterator[tuple[str, ...]]:
    """Arguments that run some cases, one of which fails."""
    with serve(seeded(contract, [FAULT])(contract)) as server:
        where = ("--tunnelspec-endpoint-url", server.url, "--tunnelspec-seed", "7")
        yield ("--pyargs", "tunnelspec.suite", "-k", CASES, *where)


def test_a_short_summary_names_rule_and_observation(
    suite: tuple[str, ...], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-k` takes parts of case names; `--lf` runs only what failed; `--sw` stops there."""
    monkeypatch.setenv("COLUMNS", "200")  # pytest leaves out what has no room
    done = own_pytest(*suite, "-n0", cwd=pytester.path)
    passed = done.parseoutcomes()["passed"]
    done.assert_outcomes(failed=1, passed=passed)
    done.stdout.fnmatch_lines(["FAILED *maxItems/above* - Failed: validation/decision: *"])
    again = own_pytest(*suite, "-n0", "--lf", "--sw", cwd=pytester.path)
    assert again.parseoutcomes()["failed"] == 1
    assert again.parseoutcomes()["deselected"] > done.parseoutcomes()["deselected"]
    again.stdout.fnmatch_lines(["*Interrupted: Test failed, continuing from this test next run*"])


class Unreadable(HttpConnection):
    """Writes chunks that are none."""

    def write(self, data: bytes) -> None:
        """The head of a response, and no body."""
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nchunk\r\n")


@pytest.mark.parametrize("readable", [True, False])
def test_a_response_that_violates_http_is_no_missing_operation(
    readable: bool, contract: Contract, pytester: pytest.Pytester
) -> None:
    """It fails its case, and the operation's other cases run. Where no call works, the defect is reported first."""
    faulty = seeded(contract, ["framing/length-zero-and-chunks"])
    connection = faulty.connection() if readable else Unreadable
    with serve(faulty(contract), connection=connection) as server:
        where = ("--tunnelspec-endpoint-url", server.url, "-k", "OpenTunnel and (implemented or tags)")
        done = own_pytest("-n0", "-rs", "--pyargs", "tunnelspec.suite", *where, cwd=pytester.path)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.no_fnmatch_line("*does not implement*")
    assert ("passed" in done.parseoutcomes()) == readable
    said = ["*framing/*"] if readable else ["*the chunks cannot be parsed", "! tunnelspec: *stopped responding*"]
    done.stdout.fnmatch_lines(said)


def test_workers_share_the_cases(suite: tuple[str, ...], pytester: pytest.Pytester) -> None:
    """With pytest-xdist, each case runs once."""
    pytest.importorskip("xdist")
    assert own_pytest(*suite, "-n2", cwd=pytester.path).parseoutcomes()["failed"] == 1


class Signalling:
    """An emulator that sends a signal to a process while a tunnel is being opened for it."""

    def __init__(self, emulator: Emulator, number: signal.Signals) -> None:
        self.emulator, self.number = emulator, number
        self.opens = 0
        self.started = threading.Event()
        self.process: Program | subprocess.Popen[bytes] | None = None

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond; the fifth tunnel is there when the signal arrives, and its response is not."""
        response = self.emulator.handle(request)
        self.opens += request.headers.get("x-amz-target", "").endswith(".OpenTunnel")
        if self.opens == 5 and self.started.wait(60) and self.process is not None:
            self.opens += 1
            self.process.send_signal(self.number)
        return response


def test_a_run_in_the_background_ends_at_a_signal(contract: Contract, tmp_path: Path) -> None:
    """What a script starts there ignores SIGINT, and SIGTERM must end it all the same."""
    proxy = Signalling(Emulator(contract), signal.SIGTERM)
    with serve(proxy) as server:
        where = ("tunnelspec.suite", "-k", "lifecycle", "--tunnelspec-endpoint-url", server.url)
        command = [sys.executable, "-P", "-m", "pytest", "-q", *LIGHT, "-p", "no:xdist", "--pyargs", *where]
        usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            proxy.process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
        finally:
            signal.signal(signal.SIGINT, usual)
        proxy.started.set()
        assert proxy.process.wait() == pytest.ExitCode.INTERRUPTED
    assert proxy.emulator.store.newest_first() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_pytest_with_everything_closed(
    number: signal.Signals, contract: Contract, tmp_path: Path
) -> None:
    """As after Ctrl-C, also what was being opened at the moment; nothing is left in the journal."""
    proxy = Signalling(Emulator(contract), number)
    with serve(proxy) as server:
        where = ("tunnelspec.suite", "-k", "lifecycle", "--tunnelspec-endpoint-url", server.url)
        with open(os.devnull, "w") as nowhere:
            arguments = ("-q", *LIGHT, "-p", "no:xdist", "--pyargs", *where)
            proxy.process = Program("pytest", *arguments, cwd=tmp_path, stdout=nowhere)
        proxy.started.set()
        assert proxy.process.wait() == pytest.ExitCode.INTERRUPTED
    assert proxy.opens > 5
    assert proxy.emulator.store.newest_first() == []
    (journal,) = (tmp_path / ".pytest_cache/d/tunnelspec").iterdir()
    assert Journal(journal).read() == []


def test_a_baseline_entry_is_about_its_rule(suite: tuple[str, ...], pytester: pytest.Pytester) -> None:
    """The listed rule is expected to fail; another rule in the same case is new."""
    entry = "known:\n  - case: validation/OpenTunnel/tags/maxItems/above\n    rule: {}\n    reason: known\n"
    pytester.makefile(".yaml", mine=entry.format("validation/decision"), other=entry.format("protocol/content-type"))
    listed = own_pytest(*suite, "-n0", "--tunnelspec-baseline", "mine.yaml", cwd=pytester.path)
    assert (listed.parseoutcomes().get("xfailed"), listed.ret) == (1, 0)
    other = own_pytest(*suite, "-n0", "--tunnelspec-baseline", "other.yaml", cwd=pytester.path)
    assert other.parseoutcomes()["failed"] == 1


def test_the_emulator_is_a_fixture(pytester: pytest.Pytester) -> None:
    """Each test gets an empty one, which only its own credentials open."""
    pytest.importorskip("boto3")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("name", ["a", "b"])
        def test_it(iot_tunneling_emulator, name):
            client = iot_tunneling_emulator.client()
            assert client.list_tunnels()["tunnelSummaries"] == []
            client.open_tunnel(description=name)
            assert len(client.list_tunnels()["tunnelSummaries"]) == 1
            stranger = iot_tunneling_emulator.client(aws_secret_access_key="wrong")
            with pytest.raises(stranger.exceptions.ClientError, match="[Ss]ignature"):
                stranger.list_tunnels()
        """
    )
    own_pytest("-n0", cwd=pytester.path, light=False).assert_outcomes(passed=2)
