"""Feeds mutated files to every reader: journal, record, baseline, examples, contract document and settings.

    python -m benchmarks.fuzz_files [files of each kind] [seed] [kind]

A reader may refuse a file with its own error. Any other exception, and any file that takes more than two seconds of
CPU time, is printed and kept in `fuzz-files/`; exit status 1 then.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tunnelspec.cli.config import defaults
from tunnelspec.cli.run import run as run_command
from tunnelspec.client import Journal, JournalError, Origin
from tunnelspec.contract import ContractError, load
from tunnelspec.errors import UserError
from tunnelspec.faults import seeded
from tunnelspec.history import baseline
from tunnelspec.history.diff import since
from tunnelspec.names import matches_any
from tunnelspec.record import document as record
from tunnelspec.record.recorder import record as make_record
from tunnelspec.report import junit, markdown, terminal
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.scenario.examples import ExampleError, example_cases
from tunnelspec.suite import build

LONGEST_S = 2.0
#: Texts that readers stumble over.
TOKENS: tuple[bytes, ...] = (
    *(b"null", b"true", b"NaN", b"-Infinity", b".nan", b".inf", b"1e999", b"-0", b"{}", b"[]", b'""', b"~"),
    *(b"!!python/none", b"9" * 5001, b"0x" + b"f" * 3000, b"1" + b"0" * 9, b"-1"),
    *(b"[" * 3000, b"{" * 3000, b'{"a":' * 3000, b"- " * 2000, b"x" * 70_000),
    *(b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b"\x1b[2J", b"\xe2\x80\xae", b"\xed\xa0\x80", b'"\\ud800"'),
    *(b"\r", b"\n", b"\t", b"&a [*a, *a]", b"*a", b"<<: *a", b"$ref", b"'#/components/schemas'"),
    *(b'{"$ref": "#"}', b"file:///etc/passwd", b"(a+)+$", b"(((((.*)*)*)*)*)*$", b"[", b"\\", b"(?<=a+)b"),
    *(b"a{1000000000}", b"2026-13-45", b"2026-02-30T25:61:00Z"),
)


@dataclass(frozen=True)
class Kind:
    """A kind of file: valid ones, what reads it, and the error that the reader may raise."""

    name: str
    seeds: Sequence[bytes]
    read: Callable[[Path], object]
    refusal: type[Exception]
    #: The name that a file must have to be read, if any.
    file: str = ""

    def path(self, folder: Path) -> Path:
        """Where a mutated file is written."""
        return folder / (self.file or f"mutated.{self.name}")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with up to six mutations."""
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 8, 64, 1024))
        lines = data.split(b"\n")
        line = chance.randrange(len(lines))
        match chance.randrange(9):
            case 0:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + length :]
            case 2:
                data = data[:at] + data[at : at + length] * chance.choice((2, 3, 50)) + data[at + length :]
            case 3:
                data = data[:at] + chance.choice(TOKENS) + data[at:]
            case 4:
                data = b"\n".join([*lines[:line], *lines[line + 1 :]])
            case 5:
                other = chance.randrange(len(lines))
                lines[line], lines[other] = lines[other], lines[line]
                data = b"\n".join(lines)
            case 6:
                data = data[:at]
            case _:
                data = _value_replaced(data, at, chance)
    return data


def _value_replaced(data: bytes, at: int, chance: random.Random) -> bytes:
    """The value after the next colon replaced by another."""
    colon = data.find(b":", at)
    if colon < 0:
        return data
    ends = [end for end in (data.find(sign, colon + 2) for sign in (b"\n", b",", b"}")) if end > 0]
    return data[: colon + 1] + b" " + chance.choice(TOKENS) + data[min(ends, default=len(data)) :]


def kinds(folder: Path) -> list[Kind]:
    """Every kind, with valid files that a short run against an emulator with a defect writes."""
    contract = load()
    chosen = ("tags/*", "validation/TagResource/*")
    cases = [case for case in build(contract, seed=1) if matches_any(case.id, chosen)]
    run, _ = run_in_process(contract, cases, seeded(contract, ["tags/key-cut"]))
    made = make_record(
        run,
        contract,
        endpoint="http://127.0.0.1:1",
        region="us-east-1",
        seed=1,
        depth="quick",
        started=datetime.now(UTC),
        redact=str,
    )
    record_file = folder / "seed.json"
    record.write(made, record_file)
    journal = Journal(folder / "seed.jsonl", Origin("0011223344556677", "http://127.0.0.1:1", "us-east-1"))
    names = {"tunnelId": "a", "tunnelArn": "arn:aws:iot:us-east-1:1:tunnel/a"}
    journal.created(journal.creating("tunnel", b"{}"), names)
    journal.unknown(journal.creating("tunnel", b'{"description":"x"}'), "timeout")
    journal.closing(names)
    journal.close()
    listed = b"""# a comment
known:
  - case: lifecycle/*
    rule: lifecycle/new
    reason: late
    expires: 2027-01-01
flaky:
  - case: a/b/c
    reason: x
"""
    kept = (
        b'{"schema": "tunnelspec.examples/1", "examples": [{"name": "x", "check": "lifecycle/new", "found_by": "y",'
        b' "calls": [{"operation": "OpenTunnel", "body": {}}, {"operation": "DescribeTunnel", "body": {"tunnelId":'
        b' {"$live": "t1.tunnelId"}}}]}]}'
    )
    settings = b"""# of a project
endpoint-url = "http://127.0.0.1:4566"
region = "eu-west-1"
depth = "standard"
seed = 7
max-requests = 2_000
timeout = 2.5
rate = ["5", "OpenTunnel=0.5"]
select = ["lifecycle/*", "tags/*"]
quiet = true
report-dir = "reports"
"""
    root = Path(__file__).parent.parent
    documents = [path.read_bytes() for path in sorted((root / "openapi").glob("iot*.yaml"))]

    def rendered(path: Path) -> object:
        made = record.read(path)
        return markdown.render(made), junit.suite(made), since(made, made), list(terminal.lines(made))

    def settings_of(path: Path) -> object:
        values = defaults("run", run_command.params, path.parent, {})
        return run_command.make_context("run", [], default_map=values)

    return [
        Kind("journal", [journal.path.read_bytes()], lambda path: Journal(path).read(), JournalError),
        Kind("record", [record_file.read_bytes()], rendered, record.RecordError),
        Kind("baseline", [listed], lambda path: baseline.read(path), baseline.BaselineError),
        Kind("examples", [kept], lambda path: example_cases(contract, [path]), ExampleError),
        Kind("document", documents, load, ContractError),
        Kind("settings", [settings], settings_of, UserError, "tunnelspec.toml"),
        Kind("project", [b"[tool.tunnelspec]\n" + settings], settings_of, UserError, "pyproject.toml"),
    ]


def problem_of(kind: Kind, path: Path) -> str:
    """What is wrong with how a file was read; empty if it was read or refused as it should be."""
    signal.alarm(60)
    started = time.process_time()
    try:
        kind.read(path)
    except kind.refusal as problem:
        sentence = str(problem)
        if "\n" in sentence or path.name not in sentence:
            return f"no sentence with the file: {sentence!r:.200}"
    except BaseException:
        return traceback.format_exc(limit=-4)
    finally:
        signal.alarm(0)
    took_s = time.process_time() - started
    return f"{took_s:.1f} s of CPU time" if took_s > LONGEST_S else ""


def main(count: int, seed: int, only: str) -> int:
    """Print a row for each kind, and every problem the first time it occurs; the number of problems."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    problems = 0
    with tempfile.TemporaryDirectory() as scratch:
        for kind in kinds(Path(scratch)):
            if only not in ("", kind.name):
                continue
            chance, known = random.Random(f"{seed} {kind.name}"), set[str]()
            path, longest_s = kind.path(Path(scratch)), 0.0
            for number in range(count):
                path.write_bytes(mutated(chance.choice(kind.seeds), chance))
                started = time.process_time()
                problem = problem_of(kind, path)
                longest_s = max(longest_s, time.process_time() - started)
                if problem and problem[-150:] not in known:
                    known.add(problem[-150:])
                    kept = Path("fuzz-files") / f"{kind.name}-{seed}-{number}"
                    kept.parent.mkdir(exist_ok=True)
                    kept.write_bytes(path.read_bytes())
                    print(f"{kept}: {problem}")
                problems += bool(problem)
            path.unlink()
            print(
                f"{kind.name:10} {count:7,} files, {problems:4} problems so far, longest {longest_s:.2f} s", flush=True
            )
    return problems


if __name__ == "__main__":
    given = [*sys.argv[1:], "", "", ""][:3]
    sys.exit(main(int(given[0] or 20_000), int(given[1] or 1), given[2]) > 0)
