"""The command line as a user meets it."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
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


#: Not the cases about many clients at once, whose calls come in any order.
SELECTED = ("--select", "search/OpenTunnel/*", "--select", "journeys/*", "--select", "validation/OpenTunnel/tags*")


def test_the_same_seed_sends_the_same_requests(tmp_path: Path, contract: Contract) -> None:
    """Two runs with one seed and one worker send the same bodies; `test_limits` has the whole suite, in process."""
    seen: list[list[bytes]] = []
    for _ in range(2):
        emulator = Emulator(contract)
        bodies: list[bytes] = []
        parse = emulator.parse

        def noted(body: bytes, parse: object = parse, bodies: list[bytes] = bodies) -> dict[str, object]:
            bodies.append(body)
            return parse(body)  # type: ignore[operator, no-any-return]

        emulator.parse = noted  # type: ignore[method-assign]
        with serve(emulator) as server:
            arguments = ("--endpoint-url", server.url, "--seed", 5, "--workers", 1)
            tunnelspec("run", *arguments, *SELECTED, cwd=tmp_path)
        # What names a tunnel, and the tag of the run itself, differ.
        own = (b"tunnelId", b"arn:", b"tunnelspec-run")
        seen.append([body for body in bodies if not any(word in body for word in own)])
    assert seen[0] == seen[1]
    assert len(seen[0]) > 100


class _Page(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<html>Internal Server Error</html>"
        self.send_response(500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_of_something_else_has_no_verdict(tmp_path: Path, contract: Contract) -> None:
    """One sentence and exit 3."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = tunnelspec("run", "--endpoint-url", f"http://127.0.0.1:{server.server_port}", cwd=tmp_path)
    server.shutdown()
    server.server_close()
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--endpoint-url", "nonsense"), "must begin with http"),
        (("run", "--endpoint-url", "http://[::1"), "no valid host and port"),
        (("run", "--report-dir", "broken.yaml/reports"), "Cannot write broken.yaml/reports"),
        (("run", "--select", "no/such/case"), "No case is named 'no/such/case'"),
        (("run", "--document", "missing.yaml"), "missing.yaml: cannot be read"),
        (("cases", "--document", "broken.yaml"), "broken.yaml, line 2: is not valid YAML"),
        (("cases", "--document", "other.yaml"), "the document must have 'openapi'"),
        (("emulator", "--fault", "no-such"), "There is no fault 'no-such'"),
        (("emulator", "--credentials", "x"), "--credentials takes KEY:SECRET"),
        (("report", "broken.yaml"), "is not JSON"),
        (("run", "--endpoint-url", "https://api.tunneling.iot.us-east-1.amazonaws.com"), "AWS"),
        (("run", "--depth", "abyss"), "abyss"),
    ],
)
def test_wrong_usage_gets_a_sentence(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    """Exit 2, the sentence on stderr, no traceback."""
    (tmp_path / "broken.yaml").write_text("a: [1,\nb: }")
    (tmp_path / "other.yaml").write_text("a: 1")
    done = tunnelspec(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_no_token_is_written(tmp_path: Path, contract: Contract) -> None:
    """Every file and line of a failing run is searched for every token that was issued."""
    emulator = seeded(contract, ["shapes/token-in-description", "errors/token-in-error"])(contract)
    issued: list[str] = []
    for name in ("OpenTunnel", "RotateTunnelAccessToken"):
        perform = emulator.operations[name]

        def noted(params: dict[str, object], perform: object = perform) -> dict[str, object]:
            output: dict[str, object] = perform(params)  # type: ignore[operator]
            issued.extend(str(v) for k, v in output.items() if k.endswith("AccessToken"))
            return output

        emulator.operations[name] = noted
    areas = [word for area in ("lifecycle", "tokens", "isolation") for word in ("--area", area)]
    with serve(emulator) as server:
        done = tunnelspec("run", "--endpoint-url", server.url, *areas, cwd=tmp_path)
    assert done.returncode == 1
    texts = [done.stdout, done.stderr]
    texts += [p.read_text(encoding="utf-8") for p in (tmp_path / "tunnelspec-report").rglob("*") if p.is_file()]
    assert len(texts) >= 6
    assert len(issued) > 100
    found = [token for token in issued for text in texts if token in text]
    assert found == []
    assert any("<redacted:" in text for text in texts)


def test_nothing_stays_open(tmp_path: Path, contract: Contract) -> None:
    """Every tunnel that a run opened is gone afterwards; test_faults.py has the whole suite."""
    emulator = Emulator(contract)
    with serve(emulator) as server:
        some = ("--select", "protocol/OpenTunnel/*", "--select", "lifecycle/*")
        done = tunnelspec("run", "--endpoint-url", server.url, *some, cwd=tmp_path)
    assert done.returncode == 0
    assert emulator.store._number > 50
    assert emulator.store.newest_first() == []


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
