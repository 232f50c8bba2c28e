"""The programs of `reproduce/`: each shows its defect, and shows that it is gone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.selftest.reporting import FIVE, made, with_faults
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.faults import seeded
from tunnelspec.record import document
from tunnelspec.record.document import Record
from tunnelspec.report import programs
from tunnelspec.report.causes import causes
from tunnelspec.runner.case import Case

from .command import own_process, tunnelspec

#: What differs from call to call: ids, tokens and times; equal ones stay equal below.
_VOLATILE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{8,}\b"
    r"|[\w=-]{100,}|tunnel/[\w-]+|(?<=(?:Id|en)\":\")[\w=-]+"
)


def _steady(text: str) -> str:
    """The text with everything volatile replaced by the order of its first appearance."""
    order: dict[str, int] = {}
    text = re.sub(r"^(date|x-amzn-requestid):.*\n", "", text, flags=re.MULTILINE | re.IGNORECASE)
    # Two calls may fall into one second, or not.
    text = re.sub(r"\b1[0-9]{9}(?:\.[0-9]+)?\b", "#time", text)
    return _VOLATILE.sub(lambda match: f"#{order.setdefault(match[0], len(order))}", text)


def _ran(path: Path) -> str:
    """What a program prints, without what differs from call to call."""
    command = ["sh", str(path)] if path.suffix == ".sh" else [sys.executable, "-P", str(path)]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    shown = re.findall(r'"(?:source|destination)AccessToken\W+"([^"]*)', done.stdout + done.stderr)
    assert [secret for secret in shown if not re.fullmatch(r"<secret \d+>|[0-9a-f]{8}|<redacted:\w+>", secret)] == []
    return _steady(done.stdout + done.stderr)


@pytest.fixture(scope="module")
def reports(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Record]:
    """The reports of a run against an emulator with five faults, and what each program prints there."""
    directory = tmp_path_factory.mktemp("reports")
    emulator = seeded(contract, FIVE)(contract)
    with serve(emulator) as server:
        arguments = ("run", "--endpoint-url", server.url, "--seed", 7, "--report-dir", directory, "-q")
        assert tunnelspec(*arguments, cwd=directory).returncode == 1
        for path in _programs(directory):
            path.with_suffix(path.suffix + ".out").write_text(_ran(path), "utf-8")
    assert emulator.store.newest_first() == [], "every program deletes what it opens"
    return directory, document.read(directory / "record.json")


def _programs(directory: Path) -> list[Path]:
    return sorted([*directory.glob("reproduce/*.sh"), *directory.glob("reproduce/*.py")])


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl and jq are not installed")
def test_every_program_shows_its_defect_and_that_it_is_gone(reports: tuple[Path, Record], contract: Contract) -> None:
    """The same program prints something else against the reference emulator on the same port; twice the same."""
    directory, record = reports
    port = urlsplit(record["target"]["endpoint"]).port or 0
    emulator = Emulator(contract)
    with serve(emulator, port=port):
        for path in _programs(directory):
            conforming = _ran(path)
            assert conforming == _ran(path), f"{path.name} is steady"
            assert conforming != path.with_suffix(path.suffix + ".out").read_text("utf-8"), path.name
    assert emulator.store.newest_first() == []
    assert len(_programs(directory)) == 2 * len(causes(record)) >= 2 * len(FIVE)


@pytest.mark.parametrize(("operation", "suffix"), [("OpenTunnel", "json"), ("TagResource", "jq")])
def test_a_long_body_is_a_file_beside_the_script(
    operation: str, suffix: str, contract: Contract, cases: list[Case], tmp_path: Path
) -> None:
    """The script sends the file, or what it makes with jq of the file and a response."""
    chosen = [case for case in cases if case.id.startswith(f"validation/{operation}/tags/maxItems/")]
    record = made(contract, chosen, with_faults(contract, f"derived/{operation}/tags/maxItems/loosened"))
    written = programs.write(record, tmp_path)
    (body,) = [path for path in written if path.name.startswith("body-")]
    (script,) = tmp_path.glob("*.sh")
    assert body.suffix == f".{suffix}"
    assert body.read_text("utf-8").count('"key":') == 201
    assert body.name in script.read_text("utf-8")
    assert programs.write({**record, "cases": []}, tmp_path) == list(tmp_path.iterdir()) == []


def test_the_observed_response_is_what_the_program_shows(reports: tuple[Path, Record]) -> None:
    """The status that the finding reports is that of the call above the clean-up."""
    directory, record = reports
    for number, cause in enumerate(causes(record), 1):
        (path,) = directory.glob(f"reproduce/{number:02}-*.py")
        statuses = re.findall(r"^< ([0-9]{3})", path.with_suffix(".py.out").read_text("utf-8"), re.MULTILINE)
        assert str(cause.finding.get("response", {}).get("status")) in statuses


def test_reproduce_runs_one(reports: tuple[Path, Record], contract: Contract) -> None:
    """`tunnelspec reproduce N` shows requests and responses; a number without a defect gets a sentence."""
    directory, record = reports
    with serve(Emulator(contract)) as server:
        arguments = ("reproduce", "1", "--report-dir", directory, "--endpoint-url", server.url)
        done = own_process(*arguments, cwd=directory)
        assert done.returncode == 0
        assert f"1. {causes(record)[0].title}" in done.stdout
        assert "\n> POST / " in done.stdout
        assert "\n< 400 application/x-amz-json-1.1" in done.stdout
    none = tunnelspec("reproduce", "99", "--report-dir", directory, cwd=directory)
    assert none.returncode == 2
    assert f"There is no defect 99: there are {len(causes(record))}." in none.stderr
