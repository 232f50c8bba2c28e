"""What workers share in a real Redis: bounds, rates, journals, finds; and what becomes of a run that loses it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from tunnelspec.client import Journal
from tunnelspec.client.journal_entries import Origin
from tunnelspec.contract import Contract
from tunnelspec.fleet.environment import REDIS_PASSWORD
from tunnelspec.fleet.redis_state import RedisState
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.errors import BudgetSpent, CreateBudgetSpent, NotSent, Stopped
from tunnelspec.runner.rates import Rates

from .accounts import RUN
from .clusters import SECRETS, Cluster, ending, needs_redis

pytestmark = needs_redis


@dataclass
class Place:
    """A Redis, its process, and a client that looks into it."""

    url: str
    process: subprocess.Popen[bytes]
    client: Redis

    def state(self, journal: str = "") -> RedisState:
        """The state of the run, for one of its parts."""
        return RedisState(self.url, RUN, journal)


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A Redis of its own, as one test kills it."""
    monkeypatch.setenv(REDIS_PASSWORD, SECRETS[REDIS_PASSWORD])
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack)
        client = cluster.start_redis()
        yield Place(cluster.redis_url, cluster.processes["redis"], client)


def spend(budget: Budget, contract: Contract, name: str) -> int:
    """Send calls until the budget is spent; how many."""
    count = 0
    try:
        while True:
            budget.acquire(contract.operations[name])
            count += 1
    except NotSent:
        return count


def test_bounds_are_those_of_all_parts(redis: Place, contract: Contract) -> None:
    """No two parts together send more than the bound, and what one leaves the other may send."""
    redis.state().begin({"requests": 200, "creates": 5})
    one, two = (Budget(max_requests=200, max_creates=5, shared=redis.state()) for _ in range(2))
    for _ in range(3):
        one.acquire(contract.operations["OpenTunnel"])
    one.opened()
    assert spend(two, contract, "OpenTunnel") == 2
    with pytest.raises(CreateBudgetSpent, match="the budget of 5 requests"):
        one.acquire(contract.operations["OpenTunnel"])
    sent = spend(two, contract, "ListTunnels")
    with pytest.raises(BudgetSpent, match="the budget of 200 requests"):
        two.acquire(contract.operations["ListTunnels"])
    for _ in range(2):  # its own tunnel can be deleted, and that once more
        one.acquire(contract.operations["CloseTunnel"], cleaning=True)
    sent += 2 + 3 + 2
    assert 150 < sent < 200
    one.close()
    left = spend(two, contract, "ListTunnels")
    assert left > 0
    assert sent + left == 200


def test_rates_are_those_of_all_parts(redis: Place) -> None:
    """One call in so many seconds, whoever sends it; another operation has a rate of its own."""
    parts = [Rates({"OpenTunnel": 0.01, "ListTunnels": 0.01}, 2, redis.state()) for _ in range(2)]
    assert [part.acquire("OpenTunnel", 0) for part in (*parts, *parts)] == [True, False, False, False]
    assert [part.acquire("ListTunnels", 0) for part in reversed(parts)] == [True, False]
    assert all(part.acquire("CloseTunnel", 0) for part in parts)


def test_a_journal_is_there_when_its_machine_is_gone(redis: Place, tmp_path: Path) -> None:
    """Those of two attempts at a unit, which number their requests alike."""
    for attempt in ("a", "b"):
        journal = Journal(
            tmp_path / attempt, Origin(f"{RUN}-{attempt}", "http://x"), mirror=redis.state("journal-0.jsonl").write
        )
        number = journal.creating("tunnel", b"{}")
        journal.created(number, {"tunnelId": f"tunnel-{attempt}"})
        closed = journal.creating("tunnel", b"{}")
        journal.not_created(closed, "rejected")
        journal.close()
    redis.state().save_journal(tmp_path / "journal-0.jsonl")
    saved = Journal(tmp_path / "journal-0.jsonl")
    assert [entry.identifiers for entry in saved.read()] == [{"tunnelId": "tunnel-a"}, {"tunnelId": "tunnel-b"}]
    assert saved.damaged == ()


def test_finds_are_kept_apart_by_target_and_case(redis: Place) -> None:
    """Choices that mean something to one search mean something else to another, which would delete them."""
    databases = redis.state().databases("http://one")
    for database in [found for case in ("a", "b") if (found := databases(case)) is not None]:
        assert list(database.fetch(b"key")) == []
        database.save(b"key", b"choices")
    other = redis.state().databases("http://two")("a")
    assert other is not None
    assert list(other.fetch(b"key")) == []


def test_every_key_ends_by_itself(redis: Place, contract: Contract) -> None:
    """Where a coordinator is killed, its run's state is deleted by Redis one day."""
    state = redis.state("journal-0.jsonl")
    state.begin({"requests": 9, "creates": None})
    state.write(b"line")
    Rates({"OpenTunnel": 1.0}, 1, state).acquire("OpenTunnel", 0)
    state.give_back("requests", 1)
    keys = list(redis.client.scan_iter(f"tunnelspec:{RUN}:*"))
    assert len(keys) == 4
    assert all(int(redis.client.ttl(key)) > 0 for key in keys)
    state.end()
    assert list(redis.client.scan_iter(f"tunnelspec:{RUN}:*")) == []


def test_a_run_that_loses_redis_ends_and_cleans_up(redis: Place, contract: Contract, tmp_path: Path) -> None:
    """Nothing is lent or opened any more; deletions go on, at a part of the rate."""
    state = redis.state()
    state.begin({"requests": 100, "creates": 100})
    rates = Rates({"CloseTunnel": 10.0}, 10, state)
    budget = Budget(max_requests=100, max_creates=100, rates=rates, shared=state)
    state.on_lost = budget.stop
    budget.acquire(contract.operations["OpenTunnel"])
    ending(redis.process)
    with pytest.raises(Stopped, match="Redis, which has the budgets"):
        spend_or_raise(budget, contract)
    budget.acquire(contract.operations["CloseTunnel"], cleaning=True)
    assert not rates.acquire("CloseTunnel", 0)
    database = state.databases("http://one")("a")
    assert database is not None
    database.save(b"key", b"choices")
    assert list(database.fetch(b"key")) == []
    with pytest.raises(OSError, match="Redis, which has the budgets"):
        state.write(b"line")
    budget.close()


def spend_or_raise(budget: Budget, contract: Contract) -> None:
    """Open tunnels for as long as that is allowed."""
    while True:
        budget.acquire(contract.operations["OpenTunnel"])
