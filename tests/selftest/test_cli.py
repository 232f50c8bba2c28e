"""The command line as a user meets it."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpResponse, Params, serve
from tunnelspec.faults import seeded
from tunnelspec.suite import AREAS

from .command import own_process, record_of, tunnelspec


def test_run_tests_the_bundled_emulator(tmp_path: Path, contract: Contract) -> None:
    """Exit 0, every operation and area present, no warning, all reports written."""
    done = own_process("run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    record = record_of(tmp_path)
    assert record["schema"] == "tunnelspec.record/1"
    assert {case["operation"] for case in record["cases"]} == set(contract.operations)
    assert {case["area"] for case in record["cases"]} == {
        "protocol", "http", "validation", "auth", "search", "journeys", *AREAS
    }  # fmt: skip
    assert record["totals"]["pass"] == len(record["cases"])
    assert record["run"]["requests"] <= 250 * len(contract.operations)
    root = ElementTree.parse(tmp_path / "tunnelspec-report" / "junit.xml").getroot()
    assert root.get("tests") == str(len(record["cases"]))
    for name in ("report.html", "summary.md", "report.sarif"):
        assert (tmp_path / "tunnelspec-report" / name).stat().st_size > 500


@pytest.mark.parametrize(
    ("fault", "first"),
    [
        ("derived/OpenTunnel/tags/maxItems/loosened", "validation/OpenTunnel/tags/maxItems/above"),
        ("validation/astral-letter-refused", "validation/OpenTunnel/tags[].key/"),
        (
            "derived/DescribeTunnel/tunnelId/required/dropped",
            "validation/DescribeTunnel/tunnelId/required/absent",
        ),
        ("errors/wrong-validation-type", "validation/ListTunnels/"),
        ("wire/crash-on-lone-surrogate", "validation/OpenTunnel/description/pattern/half-a-surrogate-pair"),
    ],
)
def test_run_names_a_seeded_fault_first(fault: str, first: str, tmp_path: Path, contract: Contract) -> None:
    """Exit 1, and the first defect is that of the constraint at stake: one fault of each kind."""
    emulator = seeded(contract, [fault])(contract)
    operation = first.split("/")[1]
    with serve(emulator) as server:
        done = tunnelspec(
            "run", "--endpoint-url", server.url, "--select", f"*/{operation}/*", "--seed", 1, cwd=tmp_path
        )
    named = [line.split(None, 1)[1] for line in done.stdout.splitlines() if line.startswith("  cases ")]
    assert done.returncode == 1
    assert any(name.startswith(first) for name in named[0].split(", "))


#: Random requests and listed ones.
SELECTED = ("--select", "search/OpenTunnel/*", "--select", "validation/OpenTunnel/tags*")


class _Noting(Emulator):
    """Notes the bodies that it gets."""

    def set_up(self) -> None:
        super().set_up()
        self.bodies: list[bytes] = []

    def parse(self, body: bytes) -> Params:
        self.bodies.append(body)
        return super().parse(body)


def test_the_same_seed_sends_the_same_requests(tmp_path: Path, contract: Contract) -> None:
    """Two runs with one seed and one worker send the same bodies; `test_limits` has the whole suite, in process."""
    seen: list[list[bytes]] = []
    for _ in range(2):
        emulator = _Noting(contract)
        with serve(emulator) as server:
            arguments = ("--endpoint-url", server.url, "--seed", 5, "--workers", 1)
            tunnelspec("run", *arguments, *SELECTED, cwd=tmp_path)
        # What names a tunnel, and the tag of the run itself, differ.
        own = (b"tunnelId", b"arn:", b"tunnelspec-run")
        seen.append([body for body in emulator.bodies if not any(word in body for word in own)])
    assert seen[0] == seen[1]
    assert len(seen[0]) > 100


def test_a_server_of_something_else_has_no_verdict(tmp_path: Path, contract: Contract) -> None:
    """One sentence and exit 3."""
    page = HttpResponse(500, [("Content-Type", "text/html")], b"<html>Internal Server Error</html>")
    with serve(SimpleNamespace(handle=lambda request: page)) as server:
        done = tunnelspec("run", "--endpoint-url", server.url, cwd=tmp_path)
    assert done.returncode == 3
    assert f"implements none of the {len(contract.operations)} operations" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nobody_listening_has_no_verdict(tmp_path: Path) -> None:
    """One sentence and exit 3."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = tunnelspec("run", "--endpoint-url", f"http://127.0.0.1:{port}", cwd=tmp_path)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_operation_is_one_failure(tmp_path: Path, contract: Contract) -> None:
    """The rest of it is skipped with the reason."""
    emulator = seeded(contract, ["wire/operation-missing"])(contract)
    some = ("--operation", "RotateTunnelAccessToken", "--operation", "ListTunnels")
    with serve(emulator) as server:
        done = tunnelspec("run", "--endpoint-url", server.url, *some, cwd=tmp_path)
    record = record_of(tmp_path)
    failed = [case["id"] for case in record["cases"] if case["outcome"] == "fail"]
    assert done.returncode == 1
    assert failed == ["protocol/RotateTunnelAccessToken/implemented"]
    assert record["totals"]["skipped"] > 50
