"""An owner of a Schemathesis set-up loads this suite's hooks, and it works as the documentation says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunnelspec.contract import Contract, classify
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, serve
from tunnelspec.faults import seeded

DOCUMENT = Path(__file__).parents[2] / "openapi" / "iotsecuretunneling-2018-10-05.yaml"
KEYS = {"AKIDOFTHETEST": "the-secret-of-the-test"}


class Watched:
    """An emulator that remembers what it was asked and what it answered."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.seen: list[tuple[HttpRequest, HttpResponse]] = []

    def handle(self, call: HttpRequest) -> HttpResponse:
        """One exchange."""
        answer = self.emulator.handle(call)
        self.seen.append((call, answer))
        return answer

    def tokens(self) -> set[str]:
        """Every access token that a response contained."""
        return {
            token
            for _, answer in self.seen
            for token in re.findall(r'AccessToken":"([^"]+)"', answer.body.decode("utf-8", "replace"))
        }


@contextmanager
def watched(contract: Contract, *faults: str, variants: tuple[str, ...] = ()) -> Iterator[tuple[Watched, str]]:
    """An emulator that verifies signatures, served on loopback."""
    emulator = seeded(contract, faults, variants)(contract, credentials=KEYS)
    watching = Watched(emulator)
    with serve(watching) as server:
        yield watching, server.url


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def st(tmp_path: Path) -> Run:
    """`st run` on our document with our hooks, in a directory of its own."""

    def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        [(key, secret)] = KEYS.items()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "SCHEMATHESIS_HOOKS": "tunnelspec.schemathesis",
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_EC2_METADATA_DISABLED": "true",
            "COLUMNS": "200",
        }
        command = [
            *(sys.executable, "-P", "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", url),
            *("--suppress-health-check", "all", "--seed", "3", *arguments),
        ]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=300, check=False
        )

    return run


def test_a_correct_server_is_not_flagged(contract: Contract, st: Run) -> None:
    """Every call is dispatched by its header and signed right; nothing stays open; exit 0."""
    with watched(contract) as (emulator, url):
        done = st(url, "-n", "3", "--continue-on-failure")
    assert done.returncode == 0, done.stdout
    assert len(emulator.seen) > 200
    targets = {operation.target for operation in contract.operations.values()}
    # What was signed with other keys, or not at all, is refused with one of these.
    denied = (b"InvalidSignature", b"MissingAuthentication", b"UnrecognizedClient", b"IncompleteSignature")
    for call, answer in emulator.seen[1:]:  # Schemathesis first asks what the server can bear at all
        if call.headers.get("x-amz-target") in targets:
            assert call.path == "/"
            assert "authorization" in call.headers
            assert not any(word in answer.body for word in denied)
    asked = {call.headers.get("x-amz-target") for call, _ in emulator.seen}
    assert targets <= asked
    assert emulator.emulator.store.newest_first() == []


def test_texts_match_their_patterns(contract: Contract, st: Run) -> None:
    """No body that is meant to be valid breaks a pattern, and letters of every script are among them."""
    with watched(contract) as (emulator, url):
        done = st(url, "-n", "25", "--phases", "fuzzing", "--mode", "positive", "--include-operation-id", "OpenTunnel")
    assert done.returncode == 0, done.stdout
    target = contract.operations["OpenTunnel"].target
    bodies = [json.loads(call.body) for call, _ in emulator.seen if call.headers.get("x-amz-target") == target]
    assert len(bodies) >= 20
    broken = {name for body in bodies for name in classify(contract, "OpenTunnel", body).breaks}
    assert broken == set()
    text = json.dumps(bodies, ensure_ascii=False)
    assert any("\u0250" < char < "\uffff" and char.isalpha() for char in text)


def test_conforming_variants_are_not_flagged(contract: Contract, st: Run) -> None:
    """What AWS's sources leave open fails no check."""
    with watched(contract, variants=("reserved-prefix", "types-as-validation", "throttling")) as (_, url):
        done = st(url, "-n", "4", "--phases", "examples,fuzzing", "--continue-on-failure")
    assert done.returncode == 0, done.stdout


def assert_shown(done: subprocess.CompletedProcess[str], check: str, sentence: str) -> None:
    """One of our checks has failed: exit 1, with the sentence and the source in the output."""
    assert done.returncode == 1, done.stdout
    output = " ".join(done.stdout.split())
    assert check in output
    assert sentence in output
    assert "source:" in output


def test_a_bound_that_is_not_enforced_fails_our_check(contract: Contract, st: Run) -> None:
    """The coverage phase sends a value beyond it."""
    bound = "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum"
    with watched(contract, f"derived/{bound}/dropped") as (_, url):
        done = st(url, "-n", "1", "--phases", "coverage", "--include-operation-id", "OpenTunnel")
    sentence = "timeoutConfig.maxLifetimeTimeoutMinutes must be at most 720"
    assert_shown(done, f"validation/decision: {bound}", sentence)


def test_nothing_secret_is_shown(contract: Contract, st: Run, tmp_path: Path) -> None:
    """No token, key or signature in the output or in any file, though our check fails every answer with a token."""
    with watched(contract, "wire/content-type-json") as (emulator, url):
        done = st(
            *(url, "-n", "3", "--phases", "fuzzing", "--continue-on-failure", "--output-sanitize", "false"),
            *("--include-operation-id", "OpenTunnel", "--include-operation-id", "RotateTunnelAccessToken"),
            *("--report", "junit,har,ndjson,vcr,html,pytest"),
        )
    assert_shown(done, "protocol/content-type", "Content-Type: application/x-amz-json-1.1")
    assert emulator.tokens()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 5
    texts = [done.stdout, done.stderr, *(path.read_text("utf-8", "replace") for path in written)]
    for text in texts:
        assert not any(token in text for token in emulator.tokens())
        assert not any(value in text for pair in KEYS.items() for value in pair)
        assert not re.search(r"Signature=[0-9a-f]{64}", text)
