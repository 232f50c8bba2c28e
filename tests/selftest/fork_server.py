"""What the server of `forked` imports: it makes what every run makes before it begins, and runs a module in a fork."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from tunnelspec.contract import load
from tunnelspec.report.html.environment import ENVIRONMENT
from tunnelspec.suite import build

build(load())
for name in ENVIRONMENT.list_templates():
    ENVIRONMENT.get_template(name)


def run_module(
    module: str, words: list[str], cwd: Path, environment: Mapping[str, str], output: Connection, error: Connection
) -> None:
    """As `python -m` does, with these files as standard output and error."""
    for number, connection in enumerate((output, error), 1):
        os.dup2(connection.fileno(), number)
    for connection in {output, error}:
        connection.close()
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    sys.stdout = os.fdopen(1, "w", encoding=encoding)
    sys.stderr = os.fdopen(2, "w", encoding=encoding, errors="backslashreplace", buffering=1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


__all__ = ["run_module"]
