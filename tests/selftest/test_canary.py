"""No secret gets out: runs that fail, at both ends of depth and by both fronts, and a search through all they wrote.

The target knows marked credentials, issues marked access tokens, and leaks both wherever it can: in errors,
in headers, under other operations, nested, escaped and cut short.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, Params, Tunnel, serve
from tunnelspec.faults import all_faults, combined

from .command import LIGHT, own_process, without_aws
from .secret_forms import ENCODINGS, KEY, SECRET, SESSION, leaks, token

#: What every failing run of the command line writes, besides a program for each finding it reproduces.
_FILES = {"record.json", "report.html", "junit.xml", "summary.md", "journal.jsonl"}


@contextmanager
def _leaky(contract: Contract) -> Iterator[tuple[str, set[str]]]:
    """An emulator that knows the marked credentials and returns secrets wherever it can; its URL, and the
    signatures that it was sent.
    """
    numbers = iter(range(10**8))
    signatures: set[str] = set()
    issued: list[str] = []
    encodings = itertools.cycle(ENCODINGS.values())
    odd: list[Callable[[str], str]] = [
        lambda signature: SESSION,
        lambda signature: signature,
        lambda signature: SECRET.encode().hex(),
        lambda signature: "\x1b[2J\n::stop-commands::x\u202e##vso[task.complete]",
    ]
    usually: list[Callable[[str], str]] = [lambda signature: ""] * 5
    names = itertools.cycle([name for o in odd for name in (*usually, o)])

    class Leaky(Emulator):
        def new_token(self) -> str:
            issued.append(token(next(numbers)))
            return issued[-1]

        def description(self, tunnel: Tunnel) -> Params:
            # A wrong value that scenarios find, so that programs to reproduce it are written.
            return {**super().description(tunnel), "description": "another"}

        def handle(self, request: HttpRequest) -> HttpResponse:
            authorization = request.headers.get("authorization", "")
            found = re.search(r"Signature=([0-9a-f]{64})", authorization)
            signature = found[1] if found else ""
            if signature:
                signatures.add(signature)
            response = super().handle(request)
            response.headers.append(("X-Echo", authorization))
            response.headers.append(("X-Session", request.headers.get("x-amz-security-token", "")))
            try:
                body: Any = json.loads(response.body) if response.body else {}
            except ValueError:
                return response
            last = issued[-1] if issued else self.new_token()
            if response.status >= 400:
                encode = next(encodings)
                body["message"] = (
                    f"{encode(last)} {encode(SESSION)} {encode(SECRET)} {encode(signature)} {last[:40]}"
                    f" {authorization} https://x/?X-Amz-Security-Token={quote(SESSION, safe='')}"
                )
                text = json.dumps(body).replace("/", "\\/").replace("Canary", "\\u0043anary", 1)
                response.body = text.encode() if len(text) % 2 else json.dumps(body).encode()
            else:
                if "sourceAccessToken" in body and "tunnelId" in body:
                    # One in six is a secret, or acts on a terminal or in a continuous-integration job.
                    body["tunnelId"] = next(names)(signature) or body["tunnelId"]
                body["unlearned"] = [{"deep": {"sourceAccessToken": self.new_token()}}]
                body["filler"] = "f" * 350 + " " + last
                response.body = json.dumps(body).encode()
            return response

    leaky = combined(Leaky, all_faults(contract)["wire/content-type-json"])
    emulator = leaky(contract, credentials={KEY: SECRET}, session_tokens={KEY: SESSION})
    with serve(emulator) as server:
        yield server.url, signatures


def _environment(home: Path) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SESSION}
    return without_aws(**keys, HOME=str(home), COLUMNS="200")


def _searched(directory: Path, printed: Mapping[str, str], signatures: set[str]) -> tuple[set[str], list[str]]:
    """The names of all that was searched, and every hit with its place."""
    texts = dict(printed)
    for path in sorted(directory.rglob("*")):
        if path.is_file() and ".pyc" not in path.name:
            texts[path.relative_to(directory).as_posix()] = path.read_bytes().decode("utf-8", "replace")
    hits = [f"{name}: {found[:3]}" for name, text in texts.items() if (found := leaks(text, signatures))]
    return set(texts), hits


_NARROW = (
    "protocol/*/plain",
    "protocol/ListTunnels/t*",
    "search/DescribeTunnel/*",
    "lifecycle/DescribeTunnel/*",
)


@pytest.mark.parametrize("depth", ["quick", "deep"])
def test_the_command_line_shows_no_secret(depth: str, contract: Contract, tmp_path: Path) -> None:
    """Every file of a failing run and all that it prints, searched for every mark: no hit."""
    out = tmp_path / "out"
    ran = partial(own_process, cwd=tmp_path, environment=_environment(tmp_path))
    selected = [word for glob in _NARROW for word in ("--select", glob)]
    with _leaky(contract) as (url, signatures):
        where = ("--endpoint-url", url, "--report-dir", out)
        done = ran("run", *where, "--depth", depth, *selected, "--seed", "3", "--max-requests", "300")
        sweep = ("sweep", "--journal", out / "journal.jsonl")
        swept = [ran(*sweep, *options) for options in ([], ["--apply"]) if depth == "quick"]
    assert done.returncode == 1, done.stderr
    printed = {"stdout": done.stdout, "stderr": done.stderr}
    printed |= {f"sweep {n}": one.stdout + one.stderr for n, one in enumerate(swept)}
    assert not [text for text in printed.values() if "Traceback" in text]
    assert not [text for text in printed.values() if re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", text)]
    names, hits = _searched(tmp_path, printed, signatures)
    assert signatures
    assert hits == []
    assert {f"out/{name}" for name in _FILES} | {"stdout", "stderr"} <= names
    assert any(name.startswith("out/reproduce/") for name in names)
    assert "<redacted:" in (out / "record.json").read_text(encoding="utf-8")
    print(f"searched at {depth}: {', '.join(sorted(names))}; hits: {len(hits)}")


def test_pytest_shows_no_secret(contract: Contract, tmp_path: Path) -> None:
    """Assertion messages with locals, long tracebacks and debug logs, JUnit, caches, Hypothesis' folder."""
    command = [sys.executable, "-m", "pytest", *LIGHT, "--pyargs", "tunnelspec.suite", "-vv", "-l", "--tb=long", "-rA"]
    command += ["--log-level=DEBUG", "-o", "log_cli=true", "-o", "log_cli_level=DEBUG"]
    command += ["--junitxml=junit.xml", "-k", "plain or target or tokens/ or search/RotateTunnelAccessToken"]
    with _leaky(contract) as (url, signatures):
        command += ["--tunnelspec-endpoint-url", url, "--tunnelspec-seed", "3"]
        done = subprocess.run(
            command, env=_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 1, done.stdout[-2000:]
    names, hits = _searched(tmp_path, {"stdout": done.stdout, "stderr": done.stderr}, signatures)
    assert hits == []
    assert {"stdout", "stderr", "junit.xml"} <= names
    assert not [name for name in names if ".hypothesis/examples" in name]
    print(f"searched: {', '.join(sorted(names))}; hits: {len(hits)}")
