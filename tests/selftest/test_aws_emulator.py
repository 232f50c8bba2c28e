"""A stand-in for AWS Emulator: HTTPS with a CA of its own, signatures verified, a folder that leads there."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import forked
from .command import own_process, without_aws


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home directory with the folder of a running emulator that lacks two operations."""
    pytest.importorskip("cryptography")
    home = tmp_path_factory.mktemp("home")
    arguments = ["emulator", "--tls", "--port", "0", "--not-implemented", "TagResource"]
    arguments += ["--not-implemented", "UntagResource"]
    process = forked.Program("tunnelspec", *arguments, cwd=home, environment=without_aws(HOME=str(home)))
    try:
        # Before it, a line names the folder.
        assert any(line.startswith("listening on https://127.0.0.1:") for line in process.output)
        yield home
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _folder(home: Path) -> Path:
    (folder,) = (home / ".aws" / "emulator").iterdir()
    return folder


def _run(environment: dict[str, str], directory: Path, *arguments: str) -> dict[str, str]:
    """The outcomes of a run by case, which must conform."""
    selected = ["--area", "protocol", "--area", "auth", "--operation", "ListTunnels", "--operation", "TagResource"]
    done = own_process("run", *selected, *arguments, "--format", "json", cwd=directory, environment=environment)
    assert done.returncode in (0, 1), done.stderr
    return {case["id"]: case["outcome"] for case in json.loads(done.stdout)["cases"]}


def _check(outcomes: dict[str, str]) -> None:
    """What it lacks is one failure; signatures are verified."""
    assert [name for name, outcome in outcomes.items() if outcome == "fail"] == ["protocol/TagResource/implemented"]
    assert "pass" in {outcome for name, outcome in outcomes.items() if name.startswith("auth/")}


def test_the_shorthand_reads_the_folder(home: Path, tmp_path: Path) -> None:
    """`--aws-emulator PORT` needs nothing else, and credentials in the environment do not get in its way."""
    environment = without_aws(HOME=str(home), AWS_ACCESS_KEY_ID="other", AWS_SECRET_ACCESS_KEY="other")
    _check(_run(environment, tmp_path, "--aws-emulator", _folder(home).name))


def test_the_variables_of_its_documentation_are_enough(home: Path, tmp_path: Path) -> None:
    """The endpoint comes from the configuration file."""
    folder = _folder(home)
    environment = without_aws(
        HOME=str(home),
        AWS_CONFIG_FILE=str(folder / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "credentials"),
        AWS_CA_BUNDLE=str(folder / "ca.pem"),
    )
    _check(_run(environment, tmp_path))


def test_an_emulator_that_does_not_run_gets_a_sentence(home: Path, tmp_path: Path) -> None:
    """Exit 2, with the folder that is missing."""
    done = own_process("run", "--aws-emulator", "1", cwd=tmp_path, environment=without_aws(HOME=str(home)))
    assert done.returncode == 2
    assert "is AWS Emulator running on port 1?" in " ".join(done.stderr.split())
