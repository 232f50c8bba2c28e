"""A cluster that cannot be used is refused with one sentence, before anything is sent."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from distributed import LocalCluster

from tunnelspec.cli import main
from tunnelspec.fleet import cluster, cluster_worker

NOWHERE = "tcp://127.0.0.1:9"
AWS = "https://api.tunneling.iot.us-east-1.amazonaws.com"


def refusal(*arguments: str, where: Path, endpoint_url: str | None = "http://127.0.0.1:9") -> str:
    """What `run` prints with these arguments. Nobody listens at the endpoint: it is refused before that is noticed."""
    target = [] if endpoint_url is None else ["--endpoint-url", endpoint_url]
    done = CliRunner().invoke(main, ["run", "--report-dir", str(where), *target, *arguments])
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scheduler", NOWHERE], f"The scheduler at {NOWHERE} cannot be reached: "),
        (["--scheduler", "tcp://localhost"], "The scheduler at tcp://localhost cannot be reached: "),
        (["--scheduler", NOWHERE, "--redis", "redis://127.0.0.1:9"], "Redis at redis://127.0.0.1:9 cannot be used: "),
        (["--scheduler", NOWHERE, "--redis", "nonsense"], "Redis at nonsense cannot be used: "),
        (["--scheduler", NOWHERE, "--endpoint-url", AWS], f"{AWS} is AWS, "),
        (["--scheduler", NOWHERE, "--redis", "redis://:secret@127.0.0.1"], "The password of Redis would "),
    ],
)
def test_what_cannot_be_used_is_refused(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence says what, and no secret."""
    monkeypatch.setattr(cluster, "_CONNECT_S", 1.0)
    said = refusal(*arguments, where=tmp_path)
    assert said.startswith(f"tunnelspec: {words}")
    assert said.count("\n") == 1
    assert "secret" not in said


def test_the_bundled_emulator_is_refused_to_workers_elsewhere(tmp_path: Path) -> None:
    """They could not reach it."""
    said = refusal("--scheduler", "tcp://10.0.0.1:8786", where=tmp_path, endpoint_url=None)
    assert said.startswith("tunnelspec: Workers elsewhere cannot reach the bundled emulator: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--redis", "redis://127.0.0.1"], ["--workers", "2", "--scheduler", NOWHERE]])
def test_options_that_do_not_go_together(arguments: list[str], tmp_path: Path) -> None:
    """They are wrong usage."""
    assert "--scheduler goes with --redis, and not with --workers" in refusal(*arguments, where=tmp_path)


@pytest.mark.parametrize(("package", "option"), [("distributed", "--scheduler"), ("redis", "--redis")])
def test_a_package_that_is_not_installed(
    package: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says how to install it."""
    monkeypatch.setitem(sys.modules, package, None)
    for name in [
        name for name in sys.modules if name.startswith(("tunnelspec.fleet.cluster", "tunnelspec.fleet.redis"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    said = refusal("--scheduler", NOWHERE, "--redis", "redis://127.0.0.1:9", where=tmp_path)
    assert said.startswith(f"tunnelspec: {option} needs ")
    assert said.endswith("pip install 'tunnelspec[cluster]'.\n")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[LocalCluster]:
    """A scheduler in this process, and no worker."""
    with LocalCluster(
        n_workers=0, threads_per_worker=2, processes=False, protocol="tcp://", dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


def test_workers_that_would_run_something_else(
    scheduler: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None at all, several units at once, and other versions."""
    run = ["--scheduler", scheduler.scheduler_address]
    with monkeypatch.context() as impatient:
        impatient.setattr(cluster, "_FIRST_WORKER_S", 0.1)
        assert refusal(*run, where=tmp_path) == "tunnelspec: The scheduler has no worker.\n"
    scheduler.scale(1)
    said = refusal(*run, where=tmp_path)
    assert said.endswith(" has 2 threads: start workers with --nthreads 1.\n")
    # The worker's own thread has another name than this one.
    monkeypatch.setattr(cluster_worker, "facts", lambda *_: {"tunnelspec": threading.current_thread().name})
    assert " has tunnelspec " in refusal(*run, where=tmp_path)
    monkeypatch.setattr(
        cluster_worker, "facts", lambda *_: 1 // (threading.current_thread() is threading.main_thread())
    )
    assert " cannot run this suite: " in refusal(*run, where=tmp_path)
