"""Records for the tests of reports: runs in this process against an emulator with seeded faults."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from runpy import run_path
from typing import Any

from rich.console import Console

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse
from tunnelspec.faults import seeded
from tunnelspec.record.document import Record
from tunnelspec.record.recorder import record
from tunnelspec.report import terminal
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import Run
from tunnelspec.runner.in_process import run_in_process

#: Those of the sample report, as the program that makes it has them; benchmarks are no part of the package.
FIVE: tuple[str, ...] = run_path(str(Path(__file__).parents[2] / "benchmarks" / "sample.py"))["FAULTS"]
#: Escape sequences, script, an early end of script, bidi overrides, what XML and UTF-8 cannot hold.
HOSTILE = (
    "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\"'`]]>&"
    "\x1b[2J\x1b]0;owned\x07\x00\r\u202eabc\u2066\u200d\ufffe\ud800 ![x](javascript:1) ```\n|"
)


def made(contract: Contract, cases: Sequence[Case], emulator: type[Emulator] = Emulator) -> Record:
    """The record of a run against an emulator of this class."""
    return recorded(run_in_process(contract, cases, emulator)[0], contract)


def recorded(run: Run, contract: Contract) -> Record:
    """The record of a run."""
    return record(
        run,
        contract,
        endpoint="http://127.0.0.1:8080",
        region="us-east-1",
        seed=7,
        depth="quick",
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        redact=str,
    )


def with_faults(contract: Contract, *faults: str) -> type[Emulator]:
    """The emulator with these faults."""
    return seeded(contract, faults)


class Terrible(Emulator):
    """Answers each operation's first valid call, then everything with a page, at times of ten megabytes."""

    page = b"<html><script>window.pwned=1</script>" + HOSTILE.encode("utf-8", "replace") * 20

    def set_up(self) -> None:
        super().set_up()
        self.known, self.calls = set[str](), count()

    def handle(self, request: HttpRequest) -> HttpResponse:
        response, operation = super().handle(request), request.target
        if operation not in self.known:
            self.known.update([operation] if response.status == 200 else [])
            return response
        return HttpResponse(
            500,
            [("Content-Type", "text/html"), ("X-Evil", "</script><script>x</script>")],
            self.page * (1 if next(self.calls) % 300 else 3000),
        )


class Lenient(Emulator):
    """Accepts everything: the most defects that differ, and the largest report."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if response.status < 400:
            return response
        return HttpResponse(200, [("Content-Type", "application/x-amz-json-1.1")], b"{}")


#: Words that reports choose by, and addresses, which are the document's and not the target's.
_KEPT = frozenset({"schema", "outcome", "axis", "url", "started", "keyword", "decision", "kind", "situation", "check"})


def poisoned(value: Any, key: str = "", parent: str = "") -> Any:
    """A record whose every text that reports show ends in hostile text."""
    if isinstance(value, dict):
        return {name: poisoned(inner, name, key) for name, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, key, parent) for inner in value]
    if not isinstance(value, str) or key in _KEPT or (key == "level" and value in ("MUST", "SHOULD")):
        return value
    return value + HOSTILE


def few(record: Record) -> Record:
    """The record with every failure and some of the other cases: what is asked of each holds for all."""
    cases = record["cases"]
    return {**record, "cases": [c for n, c in enumerate(cases) if c["outcome"] == "fail" or n % 20 == 0]}


def shown(record: Record, width: int = 80, *, commands: bool = True, verbosity: int = 0) -> str:
    """What the terminal shows."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, force_terminal=True, no_color=True)
    terminal.show(record, console, verbosity, directory=None if commands else Path("r"))
    return re.sub("\x1b\\[[0-9;]*m", "", out.getvalue())
