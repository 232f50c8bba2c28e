"""No secret gets out: runs that fail, at every depth and by both fronts, and a search through all they wrote.

The target knows marked credentials, issues marked access tokens, and leaks both wherever it can: in errors,
in headers, under other operations, nested, escaped and cut short.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tunnelspec.client import Redactor
from tunnelspec.contract import Contract
from tunnelspec.emulator import Answer, Call, Emulator, serve
from tunnelspec.emulator import service as emulator_service
from tunnelspec.faults import FAULTS

#: The marks: each secret holds one at its head, in its middle and at its end.
_KEY = "AKIDCANARYKEYCANARYKEY"
_SECRET = "CanarySecretHead/CanarySecretMiddle+CanarySecretTail"
_SESSION = "CanarySessionHead/0123456789+CanarySessionMiddle/0123456789+CanarySessionTail=="
_TOKEN = re.compile(r"CanaryToken(?:Head|Tail)", re.IGNORECASE)
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
#: What every failing run of the command line writes, besides a program for each finding it reproduces.
_FILES = {"record.json", "report.html", "junit.xml", "summary.md", "journal.jsonl"}


def _token(number: int) -> str:
    return f"CanaryTokenHead/{number:08d}+{'x1Y2' * 20}/{number:08d}CanaryTokenTail=="


@contextmanager
def _leaky(contract: Contract) -> Iterator[tuple[str, set[str]]]:
    """An emulator that knows the marked credentials and tells secrets at every occasion; its URL, and the
    signatures that it was sent.
    """
    numbers = iter(range(10**8))
    signatures: set[str] = set()
    issued: list[str] = [_token(next(numbers))]
    emulator = Emulator(contract, credentials={_KEY: _SECRET}, session_tokens={_KEY: _SESSION})
    FAULTS["wire/content-type-json"].apply(emulator)
    perform = emulator.operations["DescribeTunnel"]
    # One that scripts find, so that there are programs that show it.
    emulator.operations["DescribeTunnel"] = lambda params: {
        "tunnel": {**perform(params)["tunnel"], "description": "another"}
    }
    handle, usual = emulator.handle, emulator_service.new_token  # type: ignore[attr-defined]

    def marked() -> str:
        issued.append(_token(next(numbers)))
        return issued[-1]

    def changed(call: Call) -> Answer:
        authorization = call.headers.get("authorization", "")
        found = re.search(r"Signature=([0-9a-f]{64})", authorization)
        if found:
            signatures.add(found[1])
        answer = handle(call)
        answer.headers.append(("X-Echo", authorization))
        answer.headers.append(("X-Session", call.headers.get("x-amz-security-token", "")))
        try:
            body: Any = json.loads(answer.body) if answer.body else {}
        except ValueError:
            return answer
        last = issued[-1]
        if answer.status >= 400:
            body["message"] = (
                f"{last} {quote(last, safe='')} {base64.b64encode(last.encode()).decode()} {last[:40]}"
                f" {authorization} {_SESSION} {_SECRET} "
                f"https://x/?X-Amz-Security-Token={quote(_SESSION, safe='')}"
            )
            text = json.dumps(body).replace("/", "\\/").replace("Canary", "\\u0043anary", 1)
            answer.body = text.encode() if len(text) % 2 else json.dumps(body).encode()
        else:
            body["unlearned"] = [{"deep": {"sourceAccessToken": marked()}}]
            body["filler"] = "f" * 350 + " " + last
            answer.body = json.dumps(body).encode()
        return answer

    emulator.handle = changed  # type: ignore[method-assign]
    emulator_service.new_token = marked  # type: ignore[attr-defined]
    try:
        with serve(emulator) as server:
            yield server.url, signatures
    finally:
        emulator_service.new_token = usual  # type: ignore[attr-defined]


def _environment(home: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": _KEY, "AWS_SECRET_ACCESS_KEY": _SECRET, "AWS_SESSION_TOKEN": _SESSION}
    return {**clean, **keys, "HOME": str(home), "COLUMNS": "200"}


def _told(text: str, signatures: set[str]) -> list[str]:
    """The secrets, whole or in part, that a text tells."""
    found = [mark.group() for mark in _TOKEN.finditer(text)]
    parts = ("CanarySecret", "CanarySession", _KEY, quote(_SECRET, safe=""))
    found += [part for part in parts if part.lower() in text.lower()]
    for secret in (_SECRET, _SESSION, _KEY):
        packed = base64.b64encode(secret.encode()).decode()[:16]
        found += [packed] if packed in text else []
    if base64.b64encode(b"CanaryTokenHead/").decode()[:16] in text:
        found.append("a token in base64")
    return found + [value for value in _HEX.findall(text) if value in signatures]


def _searched(directory: Path, printed: Mapping[str, str], signatures: set[str]) -> tuple[set[str], list[str]]:
    """The names of all that was searched, and every hit with its place."""
    texts = dict(printed)
    for path in sorted(directory.rglob("*")):
        if path.is_file() and ".pyc" not in path.name:
            texts[path.relative_to(directory).as_posix()] = path.read_bytes().decode("utf-8", "replace")
    hits = [f"{name}: {told[:3]}" for name, text in texts.items() if (told := _told(text, signatures))]
    return set(texts), hits


_NARROW = (
    "protocol/*/plain",
    "protocol/ListTunnels/t*",
    "search/DescribeTunnel/*",
    "lifecycle/DescribeTunnel/*",
)


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_the_command_line_tells_no_secret(depth: str, contract: Contract, tmp_path: Path) -> None:
    """Every file of a failing run and all that it prints, searched for every mark: no hit."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "tunnelspec", "run", "--depth", depth, "--report-dir", str(out)]
    for glob in _NARROW:
        command += ["--select", glob]
    with _leaky(contract) as (url, signatures):
        command += ["--endpoint-url", url, "--seed", "3", "--max-requests", "300"]
        done = subprocess.run(
            command, env=_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 1, done.stderr
    names, hits = _searched(tmp_path, {"stdout": done.stdout, "stderr": done.stderr}, signatures)
    assert signatures
    assert hits == []
    assert {f"out/{name}" for name in _FILES} | {"stdout", "stderr"} <= names
    assert any(name.startswith("out/reproduce/") for name in names)
    assert "<redacted:" in (out / "record.json").read_text(encoding="utf-8")
    print(f"searched at {depth}: {', '.join(sorted(names))}; hits: {len(hits)}")


def test_pytest_tells_no_secret(contract: Contract, tmp_path: Path) -> None:
    """Assertion messages with locals, long tracebacks and debug logs, JUnit, caches, Hypothesis' folder."""
    command = [sys.executable, "-m", "pytest", "--pyargs", "tunnelspec.suite", "-vv", "-l", "--tb=long", "-rA"]
    command += ["--log-level=DEBUG", "-o", "log_cli=true", "-o", "log_cli_level=DEBUG"]
    command += ["--junitxml=junit.xml", "-k", "plain or DescribeTunnel-t or target or rotate"]
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
    assert "urllib3" in done.stdout, "the debug log was on"
    print(f"searched: {', '.join(sorted(names))}; hits: {len(hits)}")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t,
        lambda t: json.dumps(t),
        lambda t: t.replace("/", "\\/"),
        lambda t: json.dumps(json.dumps(t)),
        lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
        lambda t: quote(t, safe=""),
        lambda t: base64.b64encode(t.encode()).decode(),
        lambda t: t[:30],
        lambda t: t[-30:],
        lambda t: repr(t.encode()),
    ],
    ids=["plain", "json", "slashes", "twice", "escapes", "percent", "base64", "head", "tail", "bytes"],
)
def test_a_secret_goes_in_every_form(spoil: Any) -> None:
    """Between other text, in whatever way it is written, whole or cut."""
    token = _token(7)
    assert _told(token, set())
    redactor = Redactor()
    redactor.learn(token, "sourceAccessToken")
    text = redactor.text(f'before "{spoil(token)}" after')
    assert _told(text, set()) == []
    assert "Canary" not in text
    assert text.startswith('before "')
    assert text.endswith("after")


def test_members_are_redacted_before_they_are_known(contract: Contract) -> None:
    """Wherever a sensitive member occurs, also where the text ends in the middle of it."""
    redactor = Redactor(contract.sensitive)
    for text in (
        '{"a": [{"destinationAccessToken": "abc/def+1234567890"}]}',
        '{"sourceAccessToken":"abc/def+12345',
        "{'sourceAccessToken': 'abc/def+1234567890'}",
        '"{\\"sourceAccessToken\\":\\"abc/def+1234567890\\"}"',
    ):
        assert "abc/def" not in redactor.text(text)


def test_what_is_no_secret_stays(contract: Contract) -> None:
    """Tags whose keys look like secrets, digests, and reproductions stay as they are."""
    redactor = Redactor(contract.sensitive)
    redactor.learn(_SECRET, "secret-key")
    text = json.dumps(
        {
            "tags": [{"key": "sourceAccessToken", "value": "yes"}, {"key": "password", "value": "Signature"}],
            "digest": "ab" * 32,
            "curl": 'curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "X-Amz-Target: a.B"',
        }
    )
    assert redactor.text(text) == text


def test_reprs_hold_neither_bodies_nor_secrets() -> None:
    """Test runners print the reprs of what they hold."""
    from tunnelspec.client import Credentials, Endpoint
    from tunnelspec.exchange import Exchange, RawRequest, Response

    raw = RawRequest(b"Canary", "A", (("Authorization", "Canary"),))
    answer = Response(200, (("X", "Canary"),), b"Canary")
    target = Endpoint("https://x", "r", Credentials("Canary", "Canary", "Canary"), False, False)
    assert "Canary" not in repr((Exchange(raw, raw, answer, secrets=frozenset({"Canary"})), target))
