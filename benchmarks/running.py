"""`tunnelspec` in processes of its own, the records of its runs, and what processes use (Linux)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tunnelspec.record import document
from tunnelspec.record.document import Record, RecordError

#: Where a run writes its reports, below the folder that it is started in.
DIRECTORY = "tunnelspec-report"
REPORTS = ("record.json", "report.html", "junit.xml", "summary.md")


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: exit status, output, record, and seconds from start to exit."""

    status: int
    output: str
    errors: str
    record: Record
    wall_s: float


def command(*arguments: object) -> list[str]:
    """The command line of the program, for this interpreter."""
    return [sys.executable, "-P", "-m", "tunnelspec", *map(str, arguments)]


def tunnelspec(*arguments: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program, whatever its exit status."""
    return subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, check=False)


def run(*options: object, folder: Path | None = None) -> Ran:
    """`tunnelspec run` in this folder, or in one that is gone afterwards. Exits where there is no record."""
    with ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = time.monotonic()
        ended = tunnelspec("run", *options, folder=folder)
        wall_s = time.monotonic() - started
        record = recorded(folder)
    if record is None:
        sys.exit(f"{' '.join(command('run', *options))}: {ended.stdout}{ended.stderr}")
    return Ran(ended.returncode, ended.stdout, ended.stderr, record, wall_s)


def recorded(folder: Path) -> Record | None:
    """The record of the run that was started in this folder, None where there is none."""
    try:
        return document.read(folder / DIRECTORY / "record.json")
    except RecordError:
        return None


@contextmanager
def emulator(*arguments: object) -> Iterator[tuple[str, int]]:
    """The bundled emulator in a process of its own: its URL, and its process id."""
    line = command("emulator", "--port", "0", "--until-eof", *arguments)
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split("listening on ")[1].strip(), process.pid
        finally:
            process.terminate()


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """Resident memory in MB, or another field of /proc: VmHWM is the largest so far. 0 for a process that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field)), 0.0)


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and of the children that it has waited for. 0 for a process that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
