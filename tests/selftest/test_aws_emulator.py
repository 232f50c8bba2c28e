"""A stand-in for AWS Emulator: HTTPS with a CA of its own, signatures verified, a folder that leads there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-P", "-m", "tunnelspec"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home directory with the folder of a running emulator that lacks two operations."""
    pytest.importorskip("cryptography")
    home = tmp_path_factory.mktemp("home")
    arguments = ["emulator", "--tls", "--port", "0", "--not-implemented", "TagResource"]
    arguments += ["--not-implemented", "UntagResource"]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=_environment(home)) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("listening on https://127.0.0.1:")
            yield home
        finally:
            process.terminate()


def _environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "HOME": str(home), **more}


def _folder(home: Path) -> Path:
    (folder,) = (home / ".aws" / "emulator").iterdir()
    return folder


def _run(environment: dict[str, str], directory: Path, *arguments: str) -> dict[str, str]:
    """The outcomes of a run by case, which must conform."""
    selected = ["--area", "protocol", "--area", "auth", "--operation", "ListTunnels", "--operation", "TagResource"]
    done = subprocess.run(
        [*COMMAND, "run", *selected, *arguments, "--format", "json"],
        capture_output=True,
        text=True,
        cwd=directory,
        env=environment,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return {case["id"]: case["outcome"] for case in json.loads(done.stdout)["cases"]}


def _check(outcomes: dict[str, str]) -> None:
    """What it lacks is one failure; signatures are verified."""
    assert [name for name, outcome in outcomes.items() if outcome == "fail"] == ["protocol/TagResource/implemented"]
    assert "pass" in {outcome for name, outcome in outcomes.items() if name.startswith("auth/")}


def test_the_shorthand_reads_the_folder(home: Path, tmp_path: Path) -> None:
    """`--aws-emulator PORT` needs nothing else, and credentials in the environment do not get in its way."""
    environment = _environment(home, AWS_ACCESS_KEY_ID="other", AWS_SECRET_ACCESS_KEY="other")
    _check(_run(environment, tmp_path, "--aws-emulator", _folder(home).name))


def test_the_variables_of_its_documentation_are_enough(home: Path, tmp_path: Path) -> None:
    """The endpoint comes from the configuration file."""
    folder = _folder(home)
    environment = _environment(
        home,
        AWS_CONFIG_FILE=str(folder / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "credentials"),
        AWS_CA_BUNDLE=str(folder / "ca.pem"),
    )
    _check(_run(environment, tmp_path))


def test_an_emulator_that_does_not_run_gets_a_sentence(home: Path, tmp_path: Path) -> None:
    """Exit 2, with the folder that is missing."""
    done = subprocess.run(
        [*COMMAND, "run", "--aws-emulator", "1"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=_environment(home),
        check=False,
    )
    assert done.returncode == 2
    assert "is AWS Emulator running on port 1?" in " ".join(done.stderr.split())
