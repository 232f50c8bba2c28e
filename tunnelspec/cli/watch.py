"""`tunnelspec run --watch`: runs again when files change or the endpoint comes back, failed cases first."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from tunnelspec.cli.group import FAILED, PASSED
from tunnelspec.errors import UserError

#: How long a changed server may take to accept connections again, in seconds.
_RESTART_S = 15.0
#: Set for the runs that a watching process starts.
_WATCHED = "TUNNELSPEC_WATCHED"


def is_watched() -> bool:
    """Whether a watching process started this one, which is then not to watch itself."""
    return _WATCHED in os.environ


def watch(paths: Sequence[Path], reports: Path, url: str | None, arguments: Sequence[str]) -> None:
    """Run `tunnelspec` with these arguments, and again at each change below the paths, until interrupted.

    What the runs write into `reports` is no change. `url` is the endpoint, None for the bundled emulator.
    Raises UserError where watchfiles is not installed.
    """
    changes = _changes(paths, reports)
    next(changes)  # watching begins here: a change during the first run counts
    status = _run(arguments)
    while True:
        click.echo(f"watching {', '.join(map(str, paths))}; Ctrl-C ends", err=True)
        try:
            _wait(changes, url)
            if status == FAILED:
                status = _run([*arguments, "--failed"])
                # What failed is fixed; all cases show whether anything else is broken.
                status = _run(arguments) if status == PASSED else status
            else:
                status = _run(arguments)
        except KeyboardInterrupt:
            return


def _changes(paths: Sequence[Path], reports: Path) -> Iterator[object]:
    """Sets of changes, an empty one each half second without any."""
    try:
        import watchfiles
    except ImportError:
        raise UserError("--watch needs watchfiles: pip install 'tunnelspec[watch]'.") from None
    return watchfiles.watch(
        *(path.resolve() for path in paths),
        watch_filter=watchfiles.DefaultFilter(ignore_paths=[reports.resolve()]),
        rust_timeout=500,
        yield_on_timeout=True,
        raise_interrupt=True,
    )


def _wait(changes: Iterator[object], url: str | None) -> None:
    """Return when a file has changed or the endpoint has come back, and the endpoint accepts connections."""
    was_up = _is_up(url)
    for changed in changes:
        is_up = _is_up(url)
        if changed or (is_up and not was_up):
            break
        was_up = is_up
    until = time.monotonic() + _RESTART_S
    # A server that reloads itself goes away a moment after its file has changed.
    time.sleep(0.5)
    while not _is_up(url) and time.monotonic() < until:
        time.sleep(0.2)


def _is_up(url: str | None) -> bool:
    if url is None:
        return True
    place = urlsplit(url)
    try:
        socket.create_connection(
            (place.hostname or "", place.port or (443 if place.scheme == "https" else 80)), 1
        ).close()
    except OSError:
        return False
    return True


def _run(arguments: Sequence[str]) -> int:
    """One run, in a process of its own; its exit status. That process does not watch, whatever asks for it."""
    command = [sys.executable, "-P", "-m", "tunnelspec", *arguments]
    return subprocess.run(command, check=False, env={**os.environ, _WATCHED: "1"}).returncode
