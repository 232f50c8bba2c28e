"""What the command line does beside testing: what it loads, which cases it takes, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tunnelspec.cli.group import COMMANDS, main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.faults import seeded

from . import forked
from .command import record_of

#: Each takes longer to load than the command line may.
HEAVY = ("hypothesis", "requests", "jsonschema", "schemathesis", "botocore", "rich")
#: A fault that few cases detect, and a glob of cases that holds them.
FAULT, CASES = "derived/OpenTunnel/tags/maxItems/loosened", "validation/OpenTunnel/tags*"


def _in_process(*arguments: str) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def faulty(contract: Contract) -> Iterator[str]:
    """The address of an emulator with one fault."""
    emulator = seeded(contract, [FAULT])(contract)
    with serve(emulator) as server:
        yield server.url


@pytest.mark.parametrize("code", ["import tunnelspec.plugin", "from tunnelspec.cli import main"])
def test_little_is_loaded_before_it_is_needed(code: str, tmp_path: Path) -> None:
    """Neither `--help` nor pytest in another project loads the suite or what it is built on."""
    code += "; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    loaded = set(done.stdout.split())
    assert [name for name in (*HEAVY, "tunnelspec.contract", "tunnelspec.suite") if name in loaded] == []


def test_the_table_of_commands_says_what_the_commands_say() -> None:
    """Names and help lines in `--help` are those of the commands, which `--help` does not load."""
    with click.Context(main) as context:
        loaded = {name: main.get_command(context, name) for name in COMMANDS}
    assert set(main.commands) == set(COMMANDS)
    for name, command in loaded.items():
        assert command is not None
        assert command.get_short_help_str(200).startswith(COMMANDS[name].help.removesuffix(".")), name


@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        (("--operation", "TagResource"), r"[^/]+/TagResource/"),
        (("--area", "tags", "--area", "tokens"), r"(tags|tokens)/"),
        (("--level", "auth"), r"(auth|tokens|protocol)/"),
        (("--select", "tags/*", "--exclude", "*/stored"), r"tags/.*(?<!/stored)$"),
    ],
)
def test_cases_shows_what_is_selected(arguments: tuple[str, ...], fits: str) -> None:
    """The options of a selection take what they say, and `cases` lists it."""
    names = _in_process("cases", *arguments).stdout.split()
    assert names
    assert [name for name in names if not re.match(fits, name)] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--operation", "OpenTunel"), "did you mean 'OpenTunnel'?"),
        (("--area", "tag"), "did you mean 'tags'?"),
        (("--select", "tags/OpenTunnel/storedd"), "did you mean 'tags/OpenTunnel/stored'?"),
        (("--area", "tags", "--level", "auth"), "No case fits all of these options"),
        (("--failed",), "record.json"),
    ],
)
def test_a_selection_of_nothing_gets_a_sentence(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, with the nearest name."""
    monkeypatch.chdir(tmp_path)
    done = _in_process("run", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr


def test_failed_runs_what_failed(faulty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run takes exactly the failures of the first; with nothing failed there is nothing to run."""
    monkeypatch.chdir(tmp_path)
    at = ("--endpoint-url", faulty)
    assert _in_process("run", *at, "--select", CASES).exit_code == 1
    before = {case["id"] for case in record_of(tmp_path)["cases"] if case["outcome"] == "fail"}
    assert _in_process("run", *at, "--failed").exit_code == 1
    assert {case["id"] for case in record_of(tmp_path)["cases"]} == before
    assert _in_process("run", "--select", "protocol/*/plain").exit_code == 0
    assert "No case failed" in _in_process("run", "--failed").stderr


def test_fail_fast_stops_at_the_first_failure(faulty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1; what was not run is inconclusive, with the reason."""
    monkeypatch.chdir(tmp_path)
    done = _in_process("run", "--endpoint-url", faulty, "--select", CASES, "-x", "--workers", "1", "--format", "json")
    assert done.exit_code == 1
    outcomes = [case["outcome"] for case in json.loads(done.stdout)["cases"]]
    assert outcomes.count("fail") == 1
    assert "inconclusive" in outcomes


@pytest.mark.parametrize(
    ("file", "text"),
    [("tunnelspec.toml", ""), ("pyproject.toml", "[tool.tunnelspec]\n")],
)
def test_settings_come_from_a_file(
    file: str, text: str, faulty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this directory or above; the environment wins over the file, the command line over both."""
    (tmp_path / file).write_text(
        text + 'area = ["tags"]\noperation = ["DescribeTunnel"]\nreport-dir = "mine"\nseed = 5\n'
        f'endpoint-url = "{faulty}"\n'
    )
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert _in_process("run").exit_code == 0
    run = json.loads((below / "mine/record.json").read_text("utf-8"))
    assert run["run"]["seed"] == 5
    assert {case["area"] for case in run["cases"]} == {"tags"}
    assert run["target"]["endpoint"] == faulty
    if text:
        return  # what wins is the same for both files
    monkeypatch.setenv("TUNNELSPEC_RUN_SEED", "6")
    _in_process("run")
    assert json.loads((below / "mine/record.json").read_text("utf-8"))["run"]["seed"] == 6
    monkeypatch.setenv("TUNNELSPEC_RUN_OPERATION", "TagResource")
    _in_process("run")
    run = json.loads((below / "mine/record.json").read_text("utf-8"))
    assert {case["operation"] for case in run["cases"]} == {"TagResource"}
    _in_process("run", "--seed", "7")
    assert json.loads((below / "mine/record.json").read_text("utf-8"))["run"]["seed"] == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aera = ['tags']", "did you mean 'area'?"),
        ("area = 'tags'", "'area' takes a list"),
        ("dry-run = 1", "takes true or false"),
        ("area = [", "is not valid TOML"),
        ("seed = -1", "'seed': -1"),
        ("seed = inf", "'inf' is not a valid integer"),
        ("timeout = nan", "'nan' is no number of seconds"),
        ("seed = " + "9" * 5001, "is not valid TOML"),
        ("seed = " + "[" * 5000, "nested too deeply"),
        ('document = "a\\u0000"', "NUL"),
        ("select = [{}]", "takes texts or numbers"),
        ('"a\\nb" = 1', "'a\\u{A}b'"),
    ],
)
def test_a_settings_file_that_cannot_be_used_gets_a_sentence(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2."""
    (tmp_path / "tunnelspec.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    done = _in_process("run")
    assert done.exit_code == 2
    assert words in done.stderr
    assert "tunnelspec.toml" in done.stderr


def test_a_directory_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no markup, and neither acts on a terminal nor commands a CI system."""
    monkeypatch.chdir(tmp_path)
    done = _in_process("run", "--select", "protocol/*/plain", "--report-dir", "[/x]\x1b[2J\n::error::x")
    assert done.exit_code == 0, done.stderr
    assert "report: [/x]" in done.stdout
    assert "\x1b" not in done.stdout
    assert not any(line.startswith("::") for line in done.stdout.splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_with_its_reports(number: signal.Signals, contract: Contract, tmp_path: Path) -> None:
    """Exit 3, everything closed, the record written."""
    emulator = Emulator(contract)
    with serve(emulator) as server, open(os.devnull, "w") as nowhere:
        chosen = ("--endpoint-url", server.url, "--depth", "deep", "--select", "search/*/valid")
        process = forked.Program("tunnelspec", "run", *chosen, cwd=tmp_path, stderr=nowhere)
        assert process.output.readline().startswith("testing ")
        process.send_signal(number)
        process.output.read()
        assert process.wait() == 3
    assert emulator.store.newest_first() == []
    assert record_of(tmp_path)["cases"]
