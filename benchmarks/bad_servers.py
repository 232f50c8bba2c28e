"""Runs `tunnelspec run` against every bad server and prints the outcome, with seconds and memory.

`python -m benchmarks.bad_servers [NAME...]`, and `--json FILE` for the same as data. `--select GLOB` narrows a run.
Exits with 1 where a run has another exit status than it must, a traceback, or a report missing, or took too long
or too much memory.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import trustme

from benchmarks.running import DIRECTORY, REPORTS, command, memory_mb, recorded
from tests.selftest.bad_server import BadServer, serving
from tests.selftest.bad_servers import bad_servers, tls_servers
from tunnelspec.contract import load
from tunnelspec.record.document import Record

#: No run may take longer, in seconds, at a timeout of one second a read; nor more memory, in MiB.
LONGEST_S, MOST_MIB = 120.0, 300.0


def main() -> int:
    """Run them all, one after another."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--select", action="append", default=[], help="run these cases alone")
    given = parser.parse_args()
    authority = trustme.CA()
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(secure)
    servers = [s for s in [*bad_servers(), *tls_servers(secure)] if not given.names or s.id in given.names]
    rows = []
    print(f"{'server':24} {'exit':>4} {'pass':>5} {'fail':>5} {'incon':>5} {'seconds':>8} {'MiB':>6}  verdict")
    with authority.cert_pem.tempfile() as bundle:
        for server in servers:
            row = _one(server, bundle, given.select)
            rows.append(row)
            print(
                f"{row['server']:24} {row['exit']:>4} {row['pass']:>5} {row['fail']:>5}"
                f" {row['inconclusive']:>5} {row['seconds']:>8.1f} {row['mib']:>6.0f}  {row['verdict']}",
                flush=True,
            )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return int(any(row["verdict"] != "as due" for row in rows))


def _one(server: BadServer, bundle: str, globs: list[str]) -> dict[str, object]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, _ = stack.enter_context(serving(server, load()))
        options = ["--endpoint-url", url, "--seed", "1", "--timeout", "1", "--ca-bundle", bundle]
        options += [part for glob in globs for part in ("--select", glob)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        printed = directory / "printed.txt"
        started = time.monotonic()
        memory = 0.0
        with printed.open("wb") as file:
            process = subprocess.Popen(
                command("run", *options), cwd=directory, env=clean, stdout=file, stderr=subprocess.STDOUT
            )
            while process.poll() is None:
                memory = max(memory, memory_mb(process.pid, "VmHWM"))
                if time.monotonic() - started > LONGEST_S * 2:
                    process.kill()
                time.sleep(0.02)
        seconds = time.monotonic() - started
        output = printed.read_text(encoding="utf-8", errors="replace")
        record = recorded(directory)
        wrong = list(_wrong(server, process.returncode, output, record, directory))
        wrong += ["took too long"] * (seconds > LONGEST_S) + ["took too much memory"] * (memory > MOST_MIB)
        totals = record["totals"] if record else {"pass": 0, "fail": 0, "inconclusive": 0}
        return {
            "server": server.id,
            "sentence": server.sentence,
            "exit": process.returncode,
            "pass": totals["pass"],
            "fail": totals["fail"],
            "inconclusive": totals["inconclusive"],
            "seconds": round(seconds, 1),
            "mib": round(memory),
            "verdict": "; ".join(wrong) or "as due",
        }


def _wrong(server: BadServer, status: int | None, output: str, record: Record | None, directory: Path) -> Iterator[str]:
    if status not in server.exits:
        yield f"exit status {status} instead of {' or '.join(map(str, server.exits))}"
    if "Traceback" in output or "Error:" in output:
        yield "a traceback"
    missing = [name for name in REPORTS if not (directory / DIRECTORY / name).exists()]
    if missing:
        yield f"no {', '.join(missing)}"
    text = json.dumps(record, ensure_ascii=False)
    if server.reported not in text and server.reported not in output:
        yield f"does not say '{server.reported}'"
    if "itself failed" in text:
        yield "tunnelspec itself failed"


if __name__ == "__main__":
    sys.exit(main())
