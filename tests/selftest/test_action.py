"""The GitHub action tests an emulator, reports what it found, and leaves nothing running.

The action's scripts are taken out of `action.yml` and run by bash, as a runner would, against the bundled
emulator.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[Mapping[str, Any]] = ACTION["runs"]["steps"]
#: A runner's own way to run `shell: bash`.
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Runner:
    """A runner that is just good enough for the action: expressions, outputs, the summary, failed steps."""

    home: Path
    inputs: dict[str, str]
    install: bool = False
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    log: str = ""
    status: int = 0

    def value(self, expression: str) -> str:
        """What an expression stands for, of the few forms that the action uses."""
        match expression.split("."):
            case ["inputs", name]:
                assert name in ACTION["inputs"], f"there is no input {name}"
                return self.inputs.get(name, str(ACTION["inputs"][name].get("default", "")))
            case ["steps", step, "outputs", name]:
                assert any(found.get("id") == step for found in STEPS), f"there is no step {step}"
                return self.outputs.get(step, {}).get(name, "")
            case ["github", "action_path"]:
                return str(ROOT)
        raise AssertionError(f"this runner does not know {expression}")

    def run(self) -> Runner:
        """Run every script of the action, in order, up to the first that fails."""
        temporary = self.home / "temp"
        temporary.mkdir(exist_ok=True)
        for step in STEPS:
            name = step.get("id", "")
            if name == "python":
                self.outputs[name] = {"python-path": sys.executable}
            elif name == "install" and not self.install:
                self.outputs[name] = {"command": str(Path(sys.executable).with_name("tunnelspec"))}
            elif "run" in step and not self.status:
                self._script(step, temporary)
        return self

    def _script(self, step: Mapping[str, Any], temporary: Path) -> None:
        output, summary = temporary / "output", self.home / "summary.md"
        output.write_text("")
        script = temporary / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = {
            key: EXPRESSION.sub(lambda found: self.value(found[1]), text) for key, text in step.get("env", {}).items()
        }
        done = subprocess.run(
            [*BASH, str(script)],
            cwd=self.home,
            env={
                **os.environ,
                **environment,
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(temporary),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        self.log += done.stdout
        self.status = done.returncode
        written = dict(line.split("=", 1) for line in output.read_text().splitlines())
        self.outputs.setdefault(step.get("id", ""), {}).update(written)

    def output(self, name: str) -> str:
        """An output of the action."""
        value: str = ACTION["outputs"][name]["value"]
        return EXPRESSION.sub(lambda found: self.value(found[1]), value)

    @property
    def summary(self) -> str:
        """What the job's page shows."""
        path = self.home / "summary.md"
        return path.read_text("utf-8") if path.exists() else ""


def free_port() -> int:
    """A port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether anything takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def emulator(port: int, *options: str) -> str:
    """A shell command that serves the bundled emulator, as a child of the shell that the action starts."""
    words = [sys.executable, "-P", "-m", "tunnelspec", "emulator", "--port", str(port), *options]
    return f"echo starting; {' '.join(words)}; echo ended"


def test_action_passes_the_reference_emulator_and_stops_it(tmp_path: Path) -> None:
    """Verdict, outputs, report, summary; the emulator is gone afterwards, with its children."""
    port = free_port()
    inputs = {
        "endpoint-url": f"http://127.0.0.1:{port}",
        "start-command": emulator(port),
        "select": "validation/OpenTunnel/*\n\nprotocol/OpenTunnel/plain\n",
        "report-dir": "my reports",
        "seed": "7",
    }
    action = Runner(tmp_path, inputs).run()
    assert action.status == 0, action.log
    assert (action.output("verdict"), action.output("exit-code")) == ("passed", "0")
    assert action.output("report-dir") == "my reports"
    record = json.loads((tmp_path / "my reports" / "record.json").read_text())
    assert record["run"]["seed"] == 7
    assert {case["operation"] for case in record["cases"]} == {"OpenTunnel"}
    assert action.summary == (tmp_path / "my reports" / "summary.md").read_text("utf-8")
    badge = action.output("badge")
    assert badge == "" or (tmp_path / badge).is_file()
    assert not listens(port)


def test_action_fails_a_faulty_emulator(tmp_path: Path) -> None:
    """Exit status 1, the summary names the case, the report is there."""
    port = free_port()
    inputs = {
        "endpoint-url": f"http://127.0.0.1:{port}",
        "ready-url": f"http://127.0.0.1:{port}/",
        "start-command": emulator(port, "--fault", "wire/crash-on-lone-surrogate"),
        "select": "protocol/OpenTunnel/*",
    }
    # The emulator answers GET with an error, so it is never ready by that measure.
    never = Runner(tmp_path, {**inputs, "wait-seconds": "1"}).run()
    assert (never.status, never.output("verdict")) == (3, "not-judged")
    assert not listens(port)
    action = Runner(tmp_path, {**inputs, "ready-url": ""}).run()
    assert (action.status, action.output("verdict"), action.output("exit-code")) == (1, "failed", "1")
    assert "protocol/OpenTunnel/lone-surrogate" in action.summary
    assert (tmp_path / "tunnelspec-report" / "report.html").is_file()
    assert "::error title=tunnelspec::The endpoint violates the API contract" in action.log
    assert not listens(port)


def test_action_tells_an_emulator_that_does_not_start(tmp_path: Path) -> None:
    """Exit status 3 at once, with what the command wrote, none of which commands the runner."""
    inputs = {
        "endpoint-url": f"http://127.0.0.1:{free_port()}",
        "start-command": "echo '::warning::mine'; echo 'no such file' >&2; exit 5",
    }
    action = Runner(tmp_path, inputs).run()
    assert (action.status, action.output("verdict"), action.output("exit-code")) == (3, "not-judged", "3")
    assert "start-command ended before the endpoint responded" in action.summary
    between = re.search(r"::stop-commands::(\w{32})\n(.*)::\1::", action.log, re.DOTALL)
    assert between is not None
    assert "::warning::mine" in between[2]
    assert "no such file" in between[2]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": "$(touch pwned)", "report-dir": "x; touch pwned"}, "$(touch pwned)"),
        ({"select": "no/such/case\n`touch pwned`"}, "no/such/case"),
        ({"wait-seconds": "a[$(touch pwned)]"}, "wait-seconds takes a whole number"),
    ],
)
def test_action_reports_wrong_inputs_and_runs_none(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    """Exit status 2 with the command's own sentence; no input is taken for a script."""
    port = free_port()
    inputs = {"endpoint-url": f"http://127.0.0.1:{port}", "start-command": emulator(port), **changes}
    action = Runner(tmp_path, inputs).run()
    assert (action.status, action.output("verdict"), action.output("exit-code")) == (2, "wrong-usage", "2")
    assert sentence in action.log
    assert list(tmp_path.rglob("pwned")) == []
    assert "::error title=tunnelspec::An input of the action is invalid" in action.log


@pytest.mark.skipif(
    not os.environ.get("TUNNELSPEC_ACTION_INSTALL"),
    reason="installs the suite from the package index: `nox -s workflows` does",
)
def test_action_installs_the_suite(tmp_path: Path) -> None:
    """The action's own copy is installed into an environment of its own, and tests an endpoint."""
    port, litter = free_port(), ROOT / "build"
    there = litter.exists()
    inputs = {"endpoint-url": f"http://127.0.0.1:{port}", "start-command": emulator(port)}
    action = Runner(tmp_path, inputs, install=True).run()
    if not there:
        # What setuptools leaves in the tree would go into the next wheel too.
        shutil.rmtree(litter, ignore_errors=True)
    assert action.status == 0, action.log
    assert action.outputs["install"]["command"] == str(tmp_path / "temp/tunnelspec/bin/tunnelspec")
