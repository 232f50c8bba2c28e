"""`run --watch`: what failed again at a change, and everything once that passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.faults import seeded

FAULT, CASES = "derived/OpenTunnel/tags/maxItems/loosened", "validation/OpenTunnel/tags*"


@pytest.mark.parametrize("asked_by", ["option", "file", "environment"])
def test_a_change_runs_what_failed_and_then_everything(asked_by: str, contract: Contract, tmp_path: Path) -> None:
    """The run fails; the emulator is mended and a file changes; the failed case passes, then all cases do.

    The reports that the runs write below the watched folder are no changes, and no run watches as well.
    """
    pytest.importorskip("watchfiles")
    faulty = serve(seeded(contract, [FAULT])(contract))
    port = int(faulty.url.rpartition(":")[2])
    arguments = ["run", "--endpoint-url", faulty.url, "--select", CASES, "-q"]
    environment = dict(os.environ)
    if asked_by == "option":
        arguments += ["--watch", "."]
    elif asked_by == "file":
        (tmp_path / "tunnelspec.toml").write_text('watch = ["."]')
    else:
        environment["TUNNELSPEC_RUN_WATCH"] = "."
    process = subprocess.Popen(
        [sys.executable, "-P", "-u", "-m", "tunnelspec", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env=environment,
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


def _until(process: subprocess.Popen[str], words: str) -> str:
    """The first line of output that has these words."""
    assert process.stdout is not None
    line = next((line for line in process.stdout if words in line), None)
    assert line is not None, f"the output ended before {words!r}"
    return line
