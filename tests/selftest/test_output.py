"""What the command line prints: to a full disk, a closed pipe, a poor encoding, a small terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve

from . import forked
from .command import COMMAND, own_process, record_of, tunnelspec

#: One case of each operation.
FEW = ("--select", "protocol/*/plain")


def test_json_is_the_record_and_nothing_else(tmp_path: Path) -> None:
    """Standard output parses; everything else goes to standard error."""
    done = tunnelspec("run", *FEW, "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout) == record_of(tmp_path)
    assert "testing http" in done.stderr


def test_quiet_prints_the_verdict_only(tmp_path: Path) -> None:
    """No progress, no table: the counts and the verdict."""
    done = tunnelspec("run", *FEW, "--quiet", cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [("run", "--endpoint-url", "URL"), ("cases",)])
def test_an_output_that_is_full_is_no_failure_of_a_case(
    arguments: tuple[str, ...], contract: Contract, tmp_path: Path
) -> None:
    """Exit 3, one sentence, and nothing stays open."""
    emulator = Emulator(contract)
    with serve(emulator) as server, open("/dev/full", "w") as full:
        words = [server.url if word == "URL" else word for word in arguments]
        done = subprocess.run(
            [*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False
        )
    assert done.returncode == 3
    assert done.stderr == "tunnelspec: Cannot write the output: No space left on device.\n"
    assert emulator.store.newest_first() == []


def test_an_output_that_closes_is_no_failure_of_a_case(tmp_path: Path) -> None:
    """As with `| head`: exit 3 and one sentence."""
    process = subprocess.Popen(
        [*COMMAND, "run", *FEW], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 3
    assert len(error.splitlines()) == 1


def test_output_falls_back_to_ascii(tmp_path: Path) -> None:
    """Where the encoding has no check mark, something stands for it."""
    done = own_process("run", *FEW, cwd=tmp_path, environment={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "Traceback" not in done.stderr


def test_the_first_run_of_a_bad_emulator_fits_a_screen(tmp_path: Path) -> None:
    """At 80 columns at most 60 lines: defects first, commands that can be pasted, and what to fix first.

    `test_loop` counts the lines where input is tested as well.
    """
    example = Path(__file__).parents[2] / "examples/partial_emulator.py"
    with subprocess.Popen([sys.executable, str(example), "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().removeprefix("listening on ").strip()
            some = [word for glob in ("validation/*", "search/*", "journeys/*") for word in ("--exclude", glob)]
            done = _on_terminal("run", "--endpoint-url", url, "--seed", "1", *some, cwd=tmp_path)
        finally:
            server.terminate()
    lines = done.splitlines()
    assert len(lines) <= 60
    own = ("may still be open", "tunnelspec sweep")
    assert [line for line in lines if len(line) > 80 and not any(words in line for words in own)] == []
    first = next(number for number, line in enumerate(lines) if ", the most important first" in line)
    assert "Every operation of the API" in lines[first + 1]
    assert "Content-Type must be" in lines[first + 2]
    assert lines[-2].startswith("Fix 2 first: it affects ")


def _on_terminal(*arguments: str, cwd: Path) -> str:
    """What the command leaves on a terminal of 80 columns."""
    pty, termios, fcntl = (pytest.importorskip(name) for name in ("pty", "termios", "fcntl"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x3c\x00\x50\x00\x00\x00\x00\x00")
    with open(theirs, "w") as terminal:
        environment = {**os.environ, "TERM": "xterm"}
        process = forked.Program("tunnelspec", *arguments, cwd=cwd, environment=environment, stdout=terminal)
    output = b""
    try:
        while part := os.read(ours, 65536):
            output += part
    except OSError:
        pass  # the end of a terminal's output, on Linux
    os.close(ours)
    process.wait()
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode())
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n")]
    return "\n".join(line for line in lines if " requests/s, " not in line)
