"""Programs in processes of their own that begin with everything loaded: forked off a server that has imported it.

A fresh interpreter takes a second or more to load what a run needs.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

# By the name by which the server can import it.
from tests.selftest.fork_server import run_module

#: What runs by the command line and by pytest load, without the modules whose assertions pytest rewrites.
_LOADED = (
    "pytest",
    "tunnelspec.pytest_suite",
    "tunnelspec.cli.run",
    "tunnelspec.cli.sweep",
    "tests.selftest.fork_server",
)


class Program:
    """`python -P -m MODULE WORDS…`. Without a file for it, `stdout` is the pipe `output`; `stderr` goes the same way,
    unless it has a file."""

    def __init__(
        self,
        module: str,
        *words: object,
        cwd: Path,
        environment: Mapping[str, str] = os.environ,
        stdout: IO[str] | None = None,
        stderr: IO[str] | None = None,
    ) -> None:
        arguments, files = [*map(str, words)], [stdout, stderr or stdout]
        read, write = multiprocessing.Pipe(duplex=False)
        self.output = os.fdopen(os.dup(read.fileno()), encoding="utf-8")
        outputs = [write if file is None else Connection(os.dup(file.fileno())) for file in files]
        if "forkserver" in multiprocessing.get_all_start_methods():
            context: Any = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([*_LOADED])
            self._process = context.Process(target=run_module, args=(module, arguments, cwd, {**environment}, *outputs))
            with contextlib.chdir(Path(__file__).parents[2]):  # where the server finds `tests`
                self._process.start()
        else:
            command, numbers = [sys.executable, "-P", "-m", module, *arguments], [one.fileno() for one in outputs]
            self._process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=numbers[0], stderr=numbers[1])
        for connection in {read, write, *outputs}:
            connection.close()
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """The exit status, if it has ended."""
        is_fresh = isinstance(self._process, subprocess.Popen)
        status: int | None = self._process.poll() if is_fresh else self._process.exitcode
        return status

    def wait(self) -> int:
        """Wait for its end."""
        self._process.wait() if isinstance(self._process, subprocess.Popen) else self._process.join()
        self.output.close()
        status = self.poll()
        assert status is not None
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to it."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)
        self.wait()


def run(
    module: str, *words: object, cwd: Path, environment: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """The same, run to its end."""
    with TemporaryFile("w+", encoding="utf-8") as output, TemporaryFile("w+", encoding="utf-8") as error:
        status = Program(module, *words, cwd=cwd, environment=environment, stdout=output, stderr=error).wait()
        output.seek(0), error.seek(0)
        return subprocess.CompletedProcess([module, *map(str, words)], status, output.read(), error.read())


__all__ = ["Program", "run"]
