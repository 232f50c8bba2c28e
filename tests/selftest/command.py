"""The command line in this process, in one that is forked, and in a fresh one; the record of a run.

What a process of its own loads takes longer than many a test: it is for signals, terminals, workers and environments,
and a fresh one for what an interpreter does when it starts or ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tunnelspec.cli import main

from . import forked

#: The command in a fresh interpreter.
COMMAND = [sys.executable, "-P", "-m", "tunnelspec"]
#: Schemathesis' own plugin of pytest takes longer to load than pytest and this suite together, and that of Hypothesis a
#: second; `test_the_emulator_is_a_fixture` has both.
LIGHT = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")


def tunnelspec(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory. Raises whatever it raises: a command must not end with a traceback."""
    words = [str(argument) for argument in arguments]
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(main, words, catch_exceptions=False)
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def own_process(
    *arguments: object, cwd: Path, environment: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return forked.run("tunnelspec", *arguments, cwd=cwd, environment=environment)


def own_pytest(*arguments: object, cwd: Path, light: bool = True) -> pytest.RunResult:
    """Run pytest in a process of its own, which does not rewrite the assertions of what is loaded already."""
    words = (*(LIGHT if light else ()), "-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments)
    done = forked.run("pytest", *words, cwd=cwd)
    return pytest.RunResult(done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0)


def without_aws(**more: str) -> dict[str, str]:
    """This process's environment without what AWS's SDKs read, and with these variables."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("AWS_")}, **more}


def record_of(directory: Path) -> Any:
    """The record of the run that was started in this directory, as its file has it."""
    return json.loads((directory / "tunnelspec-report" / "record.json").read_text("utf-8"))


__all__ = ["COMMAND", "LIGHT", "own_process", "own_pytest", "record_of", "tunnelspec", "without_aws"]
