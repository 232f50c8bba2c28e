"""Redis, a Dask scheduler and workers, each a process of its own, for tests."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis, RedisError

from tunnelspec.fleet.environment import REDIS_PASSWORD

ROOT = Path(__file__).parents[2]
#: Of the environment of every process; no log, report or key may have them.
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIDCLUSTERCANARY",
    "AWS_SECRET_ACCESS_KEY": "cluster-canary-secret",
    REDIS_PASSWORD: "cluster-canary-password",
}
needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None and os.environ.get("TUNNELSPEC_REDIS") != "required",
    reason="there is no redis-server",
)


def ending(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that this test has started."""
    process.kill()
    process.wait()


@dataclass
class Cluster:
    """Redis, a scheduler and workers, each a process of its own, with logs in one directory."""

    directory: Path
    stack: ExitStack
    redis_url: str = ""
    scheduler: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process, which ends with the test."""
        (self.directory / name).mkdir()
        place = {"TMPDIR": str(self.directory / name), "PYTHONPATH": str(ROOT)}
        environment = {**os.environ, **SECRETS, **place}
        with (self.directory / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory, env=environment)
        self.stack.callback(ending, process)
        self.processes[name] = process
        return process

    def start_redis(self) -> Redis:
        """A Redis that writes down all that is written to it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--requirepass", SECRETS[REDIS_PASSWORD]]
        self.start("redis", "redis-server", "--port", str(port), *options)
        self.redis_url = f"redis://127.0.0.1:{port}"
        client = Redis(port=port, password=SECRETS[REDIS_PASSWORD])
        wait_for(lambda: responds(client))
        return client

    def start_scheduler(self) -> None:
        """A scheduler on a free port."""
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        self.start("scheduler", *command, "--no-dashboard")
        log = self.directory / "scheduler.log"
        wait_for(lambda: re.search(r"Scheduler at: +\S+\n", log.read_text()))
        self.scheduler = re.findall(r"Scheduler at: +(\S+)\n", log.read_text())[0]

    def start_workers(self, count: int) -> None:
        """So many more workers, that have joined."""
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.scheduler, "--nthreads", "1"]
        names = [f"worker-{len(self.workers) + number}" for number in range(count)]
        self.workers += [self.start(name, *command, "--no-nanny", "--no-dashboard") for name in names]
        logs = [self.directory / f"{name}.log" for name in names]
        wait_for(lambda: all(b"Registered to" in log.read_bytes() for log in logs))


def wait_for(is_so: Callable[[], object]) -> None:
    """Wait until something is so. It fails where it never is."""
    until = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def responds(client: Redis) -> bool:
    """Whether Redis is there yet."""
    try:
        return bool(client.ping())
    except RedisError:
        return False
