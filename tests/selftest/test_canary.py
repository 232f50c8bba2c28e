"""No secret gets out: runs that fail, at every depth and by both fronts, and a search through all they wrote.

The target knows marked credentials, issues marked access tokens, and leaks both wherever it can: in errors,
in headers, under other operations, nested, escaped and cut short.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tunnelspec.client import Redactor
from tunnelspec.client.redaction import KEPT
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, Params, Tunnel, serve
from tunnelspec.faults import all_faults, combined
from tunnelspec.printable import safe

#: The marks: each secret holds one at its head, in its middle and at its end.
_KEY = "AKIDCANARYKEYCANARYKEY"
_SECRET = "CanarySecretHead/CanarySecretMiddle+CanarySecretTail"
_SESSION = "CanarySessionHead/0123456789+CanarySessionMiddle/0123456789+CanarySessionTail=="
_TOKEN = re.compile(r"CanaryToken(?:Head|Tail)", re.IGNORECASE)
#: What every failing run of the command line writes, besides a program for each finding it reproduces.
_FILES = {"record.json", "report.html", "junit.xml", "summary.md", "journal.jsonl"}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


#: Every way in which a value may be written, with the parts of words that show it: none may be in any file.
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda t: t,
    "json": lambda t: json.dumps(t),
    "slashes": lambda t: t.replace("/", "\\/"),
    "json twice": lambda t: json.dumps(json.dumps(t)),
    "escapes": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "percent": lambda t: quote(t, safe=""),
    "all percent": lambda t: "".join(f"%{ord(c):02X}" for c in t),
    "percent twice": lambda t: quote(quote(t, safe=""), safe=""),
    "html": lambda t: html.escape(t).replace("/", "&#x2F;").replace("+", "&plus;"),
    "html numbers": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "hex": lambda t: t.encode().hex(),
    "HEX": lambda t: t.encode().hex().upper(),
    "hex with colons": lambda t: t.encode().hex(":"),
    "base32": lambda t: base64.b32encode(t.encode()).decode(),
    "base32 lower": lambda t: base64.b32encode(t.encode()).decode().lower(),
    "base64": lambda t: _base64(t.encode()),
    "base64 at 1": lambda t: _base64(b"x" + t.encode()),
    "base64 at 2": lambda t: _base64(b"xy" + t.encode()),
    "base64url": lambda t: base64.urlsafe_b64encode(t.encode()).decode(),
    "base64 twice": lambda t: _base64(_base64(b"q" + t.encode()).encode()),
    "base64 lines": lambda t: base64.encodebytes(t.encode()).decode(),
    "hex of base64": lambda t: _base64(t.encode()).encode().hex(),
    "utf-16 in base64": lambda t: _base64(t.encode("utf-16-le")),
    "upper case": str.upper,
    "lower case": str.lower,
    "dashes": lambda t: "-".join(t[i : i + 4] for i in range(0, len(t), 4)),
    "spaces": " ".join,
    "lines": lambda t: "\n".join(t[i : i + 7] for i in range(0, len(t), 7)),
    "head": lambda t: t[:30],
    "tail": lambda t: t[-30:],
    "bytes": lambda t: repr(t.encode()),
}


def _token(number: int) -> str:
    return f"CanaryTokenHead/{number:08d}+{'x1Y2' * 20}/{number:08d}CanaryTokenTail=="


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
        lambda signature: _SESSION,
        lambda signature: signature,
        lambda signature: _SECRET.encode().hex(),
        lambda signature: "\x1b[2J\n::stop-commands::x\u202e##vso[task.complete]",
    ]
    usually: list[Callable[[str], str]] = [lambda signature: ""] * 5
    names = itertools.cycle([name for o in odd for name in (*usually, o)])

    class Leaky(Emulator):
        def new_token(self) -> str:
            issued.append(_token(next(numbers)))
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
                    f"{encode(last)} {encode(_SESSION)} {encode(_SECRET)} {encode(signature)} {last[:40]}"
                    f" {authorization} https://x/?X-Amz-Security-Token={quote(_SESSION, safe='')}"
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
    emulator = leaky(contract, credentials={_KEY: _SECRET}, session_tokens={_KEY: _SESSION})
    with serve(emulator) as server:
        yield server.url, signatures


def _environment(home: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": _KEY, "AWS_SECRET_ACCESS_KEY": _SECRET, "AWS_SESSION_TOKEN": _SESSION}
    return {**clean, **keys, "HOME": str(home), "COLUMNS": "200"}


_WHOLE = [encode for name, encode in ENCODINGS.items() if name not in ("head", "tail")]


@cache
def _fragments() -> frozenset[str]:
    """Twelve characters from the beginning of each secret, as each encoding writes them, folded."""
    found = set()
    for secret in (_SECRET, _SESSION, _KEY, _token(0)[:24]):
        for encode in _WHOLE:
            found.add(_fold(encode(secret))[2:18])
            found.add(_fold(encode(secret[3:]))[2:18])
    return frozenset(found)


def _fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _leaks(text: str, signatures: set[str]) -> list[str]:
    """The secrets, whole or in part, that a text contains."""
    folded = _fold(text)
    found = [fragment for fragment in _fragments() if fragment in folded]
    found += [mark.group() for mark in _TOKEN.finditer(text)]
    for value in signatures:
        for form in (value, value.upper(), value.encode().hex(), _base64(value.encode())[:40]):
            found += [form] if form in text else []
    return found


def _searched(directory: Path, printed: Mapping[str, str], signatures: set[str]) -> tuple[set[str], list[str]]:
    """The names of all that was searched, and every hit with its place."""
    texts = dict(printed)
    for path in sorted(directory.rglob("*")):
        if path.is_file() and ".pyc" not in path.name:
            texts[path.relative_to(directory).as_posix()] = path.read_bytes().decode("utf-8", "replace")
    hits = [f"{name}: {leaks[:3]}" for name, text in texts.items() if (leaks := _leaks(text, signatures))]
    return set(texts), hits


_NARROW = (
    "protocol/*/plain",
    "protocol/ListTunnels/t*",
    "search/DescribeTunnel/*",
    "lifecycle/DescribeTunnel/*",
)


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_the_command_line_shows_no_secret(depth: str, contract: Contract, tmp_path: Path) -> None:
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
        sweep = [sys.executable, "-m", "tunnelspec", "sweep", "--journal", str(out / "journal.jsonl")]
        swept = [
            subprocess.run(
                [*sweep, *options],
                env=_environment(tmp_path),
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=120,
            )
            for options in ([], ["--apply"])
            if depth == "quick"
        ]
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
    print(f"searched: {', '.join(sorted(names))}; hits: {len(hits)}")


_KNOWN = (_token(7), _SECRET, _SESSION)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """One that has learnt these secrets after thousands of others."""
    redactor = Redactor()
    for number in range(2000):
        redactor.learn(_token(1000 + number), "another")
    for secret in _KNOWN:
        redactor.learn(secret, "label")
    return redactor


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=list(ENCODINGS))
@pytest.mark.parametrize("secret", _KNOWN, ids=["token", "secret", "session"])
def test_a_secret_goes_in_every_form(encode: Callable[[str], str], secret: str, redactor: Redactor) -> None:
    """Between other text, in whatever way it is written, whole or cut; the text around it stays."""
    text = redactor.text(f'zz "{encode(secret)}" zz')
    assert _leaks(text, set()) == []
    assert text.startswith('zz "')
    assert text.endswith('" zz')
    assert "<redacted:" in text
    assert len(text) < 70, "less than four characters of each end may stay"


def test_memory_is_bounded_and_the_last_tokens_are_known() -> None:
    """Of each kind the last ones are held; credentials stay, whatever else is learnt."""
    redactor = Redactor()
    redactor.learn(_SECRET, "secret-key")
    for number in range(3 * KEPT):
        redactor.learn(_token(number), "sourceAccessToken")
    assert "Canary" not in redactor.text(f"{_SECRET} {_token(3 * KEPT - 1)} {_token(2 * KEPT)}")
    assert sum(map(len, redactor._secrets.values())) == KEPT + 1
    assert len(redactor._windows) <= 15 * (KEPT + 1)


def test_names_of_members_and_parts_of_secrets_are_no_secrets(contract: Contract) -> None:
    """A token that holds the name of its member does not make that name one; only a whole secret seals."""
    redactor = Redactor(contract.sensitive)
    redactor.learn("mock-0123-sourceAccessToken", "sourceAccessToken")
    assert redactor.text("the member sourceAccessToken") == "the member sourceAccessToken"
    redactor.learn("0000aaaa-1111-4222-8333-444455556666-source", "sourceAccessToken")
    assert not redactor.holds_secret("0000aaaa-1111-4222-8333-444455556666")
    assert redactor.holds_secret("x-0000AAAA-1111-4222-8333-444455556666-source")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: text, äöü 漢字", "plain: text, äöü 漢字"),
        ("\x1b[31m\r\n\0", "\\u{1B}[31m\\u{D}\\u{A}\\u{0}"),
        ("a\u202eb\u200dc\ufeff", "a\\u{202E}b\\u{200D}c\\u{FEFF}"),
        ("::add-mask::x", ":\\u{3A}add-mask:\\u{3A}x"),
        ("##vso[x] ##[y] ###", "#\\u{23}vso[x] #\\u{23}[y] #\\u{23}\\u{23}"),
        ("\\u{1B}", "\\u{5C}u{1B}"),
        ("\ud800", "\\u{D800}"),
    ],
)
def test_text_from_outside_neither_acts_nor_hides(text: str, shown: str) -> None:
    """On one line, every character visible, and no command of a continuous-integration system at any place."""
    assert safe(text) == shown


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
