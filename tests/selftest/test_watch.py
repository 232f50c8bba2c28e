"""`run --watch`: what failed again at a change, and everything once that passes."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.faults import seeded

FAULT, CASES = "derived/OpenTunnel/tags/maxItems/loosened", "validation/OpenTunnel/tags*"


def test_a_change_runs_what_failed_and_then_everything(contract: Contract, tmp_path: Path) -> None:
    """The run fails; the emulator is mended and a file changes; the failed case passes, then all cases do.

    The reports that the runs write below the watched folder are no changes.
    """
    pytest.importorskip("watchfiles")
    faulty = serve(seeded(contract, [FAULT])(contract))
    port = int(faulty.url.rpartition(":")[2])
    arguments = ["run", "--endpoint-url", faulty.url, "--select", CASES, "-q", "--watch", "."]
    process = subprocess.Popen(
        [sys.executable, "-P", "-u", "-m", "tunnelspec", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    try:
        _until(process, " failed, by 1 defect")
        _until(process, "watching ")
        faulty.close()
        with serve(Emulator(contract), port=port):
            (tmp_path / "server.py").write_text("# mended")
            assert "1 fixed" in _until(process, "since the last run: ")
            _until(process, "1 case, ")
            assert "conforms to the API contract in all" in _until(process, "in all ")
            _until(process, "watching ")
            (tmp_path / "server.py").write_text("# changed once more")
            assert "1 case, " not in _until(process, " cases, ")
    finally:
        process.terminate()
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("is_watched", [False, True])
@pytest.mark.parametrize("asked_by", ["option", "file", "environment"])
def test_what_a_watching_process_runs_does_not_watch(
    asked_by: str, is_watched: bool, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever asks for it, or such processes would start one another without end."""
    watching: list[object] = []
    monkeypatch.setattr(import_module("tunnelspec.cli.run"), "watch", lambda *asked: watching.append(asked))
    monkeypatch.chdir(tmp_path)
    arguments = ["run", "--select", "protocol/ListTunnels/plain", "-q"]
    if asked_by == "option":
        arguments += ["--watch", "."]
    elif asked_by == "file":
        (tmp_path / "tunnelspec.toml").write_text('watch = ["."]')
    else:
        monkeypatch.setenv("TUNNELSPEC_RUN_WATCH", ".")
    if is_watched:
        monkeypatch.setenv("TUNNELSPEC_WATCHED", "1")
    with serve(Emulator(contract)) as server:
        assert CliRunner().invoke(main, [*arguments, "--endpoint-url", server.url]).exit_code == 0
    assert bool(watching) is not is_watched
    assert (tmp_path / "tunnelspec-report" / "record.json").exists() is is_watched


def _until(process: subprocess.Popen[str], words: str) -> str:
    """The first line of output that has these words."""
    assert process.stdout is not None
    line = next((line for line in process.stdout if words in line), None)
    assert line is not None, f"the output ended before {words!r}"
    return line
