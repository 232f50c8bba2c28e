"""Records for the tests of reports: runs in this process against an emulator with planted faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from runpy import run_path
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.emulator import Call, Emulator
from tunnelspec.emulator.service import Answer
from tunnelspec.faults import plant
from tunnelspec.record.document import Record
from tunnelspec.record.recorder import record
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process

#: Those of the sample report, as the program that makes it has them; benchmarks are no part of the package.
FIVE: tuple[str, ...] = run_path(str(Path(__file__).parents[2] / "benchmarks" / "sample.py"))["FAULTS"]
#: Escape sequences, script, an early end of script, bidi overrides, what XML and UTF-8 cannot hold.
HOSTILE = (
    "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\"'`]]>&"
    "\x1b[2J\x1b]0;owned\x07\x00\r\u202eabc\u2066\u200d\ufffe\ud800 ![x](javascript:1) ```\n|"
)


def made(contract: Contract, cases: Sequence[Case], change: Callable[[Emulator], None] | None = None) -> Record:
    """The record of a run against an emulator with a change."""
    run, _ = run_in_process(contract, cases, change)
    return record(
        run,
        contract,
        endpoint="http://127.0.0.1:8080",
        region="us-east-1",
        seed=7,
        depth="quick",
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        redact=lambda text: text,
    )


def planted(contract: Contract, *faults: str) -> Callable[[Emulator], None]:
    """A change of the emulator by faults."""
    return lambda emulator: plant(emulator, contract, faults, [])


def terrible(emulator: Emulator) -> None:
    """Answers each operation's first valid call, then everything with a page, at times of ten megabytes."""
    handle, known, calls = emulator.handle, set[str](), count()
    page = b"<html><script>window.pwned=1</script>" + HOSTILE.encode("utf-8", "replace") * 20

    def answered(call: Call) -> Answer:
        answer, operation = handle(call), call.headers.get("x-amz-target", "")
        if operation not in known:
            known.update([operation] if answer.status == 200 else [])
            return answer
        return Answer(
            500,
            [("Content-Type", "text/html"), ("X-Evil", "</script><script>x</script>")],
            page * (1 if next(calls) % 300 else 3000),
        )

    emulator.handle = answered  # type: ignore[method-assign]


def lenient(emulator: Emulator) -> None:
    """Accepts everything: the most defects that differ, and the largest report."""
    handle = emulator.handle

    def answered(call: Call) -> Answer:
        answer = handle(call)
        if answer.status < 400:
            return answer
        return Answer(200, [("Content-Type", "application/x-amz-json-1.1")], b"{}")

    emulator.handle = answered  # type: ignore[method-assign]


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
