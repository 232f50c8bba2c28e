"""`python -m docs.loop`: writes the transcript of docs/your-emulator.md.

Corrects the defects of `examples/partial_emulator.py` one after the other, and runs tunnelspec after each.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.running import DIRECTORY, run
from tunnelspec.record.document import Record
from tunnelspec.report import terminal

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "your-emulator.md"
EXAMPLE = ROOT / "examples" / "partial_emulator.py"
#: What an author of two operations asks for; the seed makes two transcripts alike.
OPTIONS = ("--operation", "OpenTunnel", "--operation", "DescribeTunnel", "--seed", "7")
_BEGIN, _END = "<!-- transcript -->\n", "<!-- end of the transcript -->\n"


@dataclass(frozen=True, slots=True)
class Round:
    """One run: what was corrected before it, its output, its record and its exit status."""

    corrected: str
    output: str
    record: Record
    status: int

    @property
    def since(self) -> str:
        """What changed: `2 fixed, 0 new, 19 left`."""
        return "".join(re.findall(r"^since the last run: (.*)$", self.output, re.MULTILINE))

    @property
    def next(self) -> str:
        """The title of the defect to fix first, or of the first one that is left."""
        number = "".join(re.findall(r"^Fix (\d+) first", self.output, re.MULTILINE)) or "1"
        found = re.findall(rf"^.{{1}} *{number} +\w+ +(.*)$", self.output, re.MULTILINE)
        return str(found[0]).rpartition(": ")[0] if found else "nothing"


def corrections() -> list[str]:
    """What each correction of the example does."""
    table = EXAMPLE.read_text(encoding="utf-8").partition("DEFECTS = {\n")[2].partition("\n}\n")[0]
    return re.findall(r'^    "[a-z-]+": "(.*)",$', table, re.MULTILINE)


def rounds(numbers: Collection[int] | None = None, port: str = "8700") -> Iterator[Round]:
    """The loop from the first run to the last correction, or the rounds with these numbers."""
    chosen = [pair for pair in enumerate(["", *corrections()]) if numbers is None or pair[0] in numbers]
    with tempfile.TemporaryDirectory() as scratch:
        for number, corrected in chosen:
            with _emulator(number, port) as url:
                ran = run("--endpoint-url", url, *OPTIONS, "-v", folder=Path(scratch))
            yield Round(corrected, ran.output, ran.record, ran.status)


@contextmanager
def _emulator(corrected: int, port: str) -> Iterator[str]:
    command = [sys.executable, str(EXAMPLE), port, str(corrected)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().removeprefix("listening on ").strip()
        finally:
            server.terminate()


def screen(record: Record) -> str:
    """The summary of a run on a terminal of 80 columns."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system=None, width=80, highlight=False)
    terminal.show(record, console, directory=Path(DIRECTORY))
    return file.getvalue()


def transcript(all_rounds: list[Round]) -> str:
    """The first screen, a table of the rounds, and the last lines."""
    first, last = all_rounds[0], all_rounds[-1]
    command = f"$ tunnelspec run --endpoint-url http://127.0.0.1:8700 {' '.join(OPTIONS)}"
    rows = "\n".join(f"| {each.corrected} | {each.since} | {each.next} |" for each in all_rounds[1:])
    end = "\n".join(screen(last.record).splitlines()[-2:])
    return (
        f"```console\n{command}\n{screen(first.record)}```\n\n"
        f"| corrected | since the last run | then first |\n| --- | --- | --- |\n{rows}\n\n"
        f"```console\n{command}\n…\n{end}\n```\n"
    )


def main() -> None:
    """Write the transcript into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n{transcript(list(rounds()))}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
