"""A hostile endpoint neither stops a run nor breaks it: whatever it does, the run ends and says what it saw.

Each server is tested here with a part of the suite and with short timeouts; `python -m benchmarks.bad_servers` runs
the whole suite against each in a process of its own and measures seconds and memory.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner

from tunnelspec.cli import main
from tunnelspec.client import Endpoint, Journal, Limits, Redactor, Transport
from tunnelspec.client.endpoint import DUMMY
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import Exchange, RawRequest, Response
from tunnelspec.record.recorder import record
from tunnelspec.report.forms import write_all
from tunnelspec.runner.breaker import IN_A_ROW, IN_ALL, CircuitBreaker
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.outcomes import run_case
from tunnelspec.runner.pace import Pace
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Outcome

from .bad_server import VICTIM, BadServer, serving
from .bad_servers import bad_servers, tls_servers

_CALL_S = 0.4
#: Requests served well by a server that turns bad later, here.
_GOOD = 30
_SECURE = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
_AUTHORITY = trustme.CA()
_AUTHORITY.issue_cert("127.0.0.1").configure_cert(_SECURE)


@pytest.fixture(scope="module")
def bundle() -> Iterator[str]:
    """The certificate to trust, in a file."""
    with _AUTHORITY.cert_pem.tempfile() as path:
        yield path


@pytest.mark.parametrize("server", [*bad_servers(), *tls_servers(_SECURE)], ids=lambda server: server.id)
def test_the_run_ends_as_it_must(
    server: BadServer,
    contract: Contract,
    cases: list[Case],
    bundle: str,
    tmp_path: Path,
) -> None:
    """The right outcome, every case accounted for, every report written, everything opened in the journal."""
    with serving(server, contract, second=0.05, good_requests=_GOOD) as (url, front):
        run, journal = _run(url, contract, _some(cases), bundle, tmp_path)
        left = {tunnel.id for tunnel in front.emulator.store.newest_first()}
        assert left & front.opened <= {entry.identifiers.get("tunnelId") for entry in journal.open_entries()}
    written = record(
        run,
        contract,
        endpoint=url,
        region="us-east-1",
        seed=0,
        depth="quick",
        started=datetime.now(UTC),
        redact=Redactor(contract.sensitive).text,
    )
    write_all(written, tmp_path)
    assert len(run.results) == len(_some(cases))
    totals = run.totals()
    ended = 3 if run.nothing_tested or (run.stopped and not totals["fail"]) else int(totals["fail"] > 0)
    assert ended in server.exits, (run.stopped, totals)
    text = json.dumps(written, ensure_ascii=False)
    assert server.reported in text
    assert "itself failed" not in text


def test_a_lost_target_is_no_finding(contract: Contract, tmp_path: Path) -> None:
    """By the command line: a target that dies leaves exit status 3, all reports, and a journal."""
    dies = next(server for server in bad_servers() if server.id == "dies")
    with serving(dies, contract, good_requests=200) as (url, _):
        done = CliRunner().invoke(
            main, ["run", "--endpoint-url", url, "--timeout", "1", "--report-dir", str(tmp_path), "--exclude", "http/*"]
        )
    assert done.exit_code == 3
    written = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert written["totals"]["pass"] > 20
    assert "stopped responding" in written["run"]["stopped"]
    for name in ("report.html", "junit.xml", "summary.md", "journal.jsonl"):
        assert (tmp_path / name).stat().st_size


def test_what_gets_no_response_is_given_up() -> None:
    """A sort of input after some calls in a row, an operation only if a plain call gets no response either."""
    breaker = CircuitBreaker()
    for _ in range(IN_A_ROW - 1):
        breaker.note(_exchange("A", "timeout"))
    breaker.note(_exchange("B", "reset"))
    assert not breaker.suspect("A")
    for _ in range(IN_A_ROW):
        breaker.note(_exchange("A", "timeout"))
    assert breaker.suspect("A")
    assert not breaker.suspect("B")
    breaker.resolve("A", responds=True)
    assert breaker.reason("A", "another") is None
    assert "kind 'valid'" in str(breaker.reason("B", "valid"))
    breaker.resolve("A", responds=False)
    assert "no more calls of A are sent" in str(breaker.reason("A", "another"))
    for _ in range(IN_ALL):
        breaker.note(_exchange("C", "timeout"))
        breaker.note(_exchange("C", None))
    assert breaker.suspect("C")


@pytest.mark.parametrize(("failure", "outcome"), [("timeout", Outcome.FAIL), ("throttled", Outcome.INCONCLUSIVE)])
def test_the_plain_case_says_why_an_operation_is_given_up(
    failure: str, outcome: Outcome, contract: Contract, cases: list[Case]
) -> None:
    """The other cases are not run: were it one of them as well, no finding would say what was seen."""
    session = Session(contract, DirectSender(Emulator(contract)))
    breaker = session.budget.breaker
    for _ in range(IN_A_ROW):
        breaker.note(_exchange(VICTIM, failure))
    breaker.resolve(VICTIM, responds=False)
    of_victim = [case for case in cases if case.operation == VICTIM]
    plain = next(case for case in of_victim if case.id == f"protocol/{VICTIM}/plain")
    other = next(case for case in of_victim if case.area == "validation")
    assert run_case(plain, session, {}).outcome is outcome
    assert run_case(other, session, {}).outcome is Outcome.INCONCLUSIVE


def _some(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.id.startswith((f"protocol/{VICTIM}/", "protocol/OpenTunnel/t"))]


def _run(url: str, contract: Contract, cases: list[Case], bundle: str, where: Path) -> tuple[Run, Journal]:
    target = Endpoint(url, "us-east-1", DUMMY, is_loopback=True, is_aws=False, ca_bundle=bundle)
    transport = Transport(target, contract.service, limits=Limits(call_s=_CALL_S))
    budget, journal = Budget(pace=Pace(sleep=lambda seconds: None)), Journal(where / "journal.jsonl")
    try:
        run = run_cases(
            contract,
            cases,
            lambda: Session(contract, transport, RunContext(budget, ledger=journal)),
            probes=presence_cases(contract),
        )
    finally:
        transport.close()
        journal.close()
    return run, journal


def _exchange(operation: str, failure: str | None) -> Exchange:
    raw = RawRequest(b"", operation, ())
    return Exchange(raw, raw, None if failure else Response(200, (), b""), failure)
