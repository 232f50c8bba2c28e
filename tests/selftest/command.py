"""The command line in this process: what a process of its own loads takes longer than many a test.

`test_cli`, `test_front` and others start processes where those are what is tested.
"""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from click.testing import CliRunner

from tunnelspec.cli import main


def tunnelspec(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory. Raises whatever it raises: a command must not end with a traceback."""
    words = [str(argument) for argument in arguments]
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(main, words, catch_exceptions=False)
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


__all__ = ["tunnelspec"]
