"""The state that the workers of a cluster share, in Redis: rates, budgets, journals and the example database.

No key or value has a credential or a token in it: journals hold digests of requests, and the example database the
choices that Hypothesis made.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis.database import ExampleDatabase
from hypothesis.extra.redis import RedisExampleDatabase
from pyrate_limiter import Limiter, Rate, RateItem, RedisBucket
from pyrate_limiter.limiter import SingleBucketFactory
from redis import ConnectionPool, Redis, RedisError

from tunnelspec.client.journal_lines import header
from tunnelspec.errors import UserError
from tunnelspec.fleet.environment import REDIS_PASSWORD
from tunnelspec.runner.rates import BUFFER_MS
from tunnelspec.runner.shared import Databases

#: How long Redis may take to respond, in seconds.
_TIMEOUT_S = 5.0
#: How long the state of a run is kept that ended without deleting it, in seconds.
_KEPT_S = 2 * 86_400
_LOST = "Redis, which has the budgets of all workers, does not respond any more"


class RedisRefused(UserError):
    """Redis cannot be used."""


class _Client(Redis):
    """A client that reports once and for all that Redis is lost."""

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(connection_pool=pool)
        self.on_lost: Callable[[str], None] = lambda reason: None

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """As Redis has it; raises OSError where it cannot be had."""
        try:
            return Redis.execute_command(self, *args, **options)
        except (RedisError, OSError) as problem:
            self.on_lost(_LOST)
            raise OSError(errno.EIO, _LOST) from problem


class RedisState:
    """The state of one run: `runner.shared.Shared`, for the unit whose journal is named. Thread-safe.

    Raises RedisRefused for what cannot be reached, or is no Redis.
    """

    def __init__(self, url: str, run: str, journal: str = "") -> None:
        self._prefix = f"tunnelspec:{run}"
        self._journal = self._key(journal)
        try:
            password = os.environ.get(REDIS_PASSWORD) or None
            pool = ConnectionPool.from_url(
                url, password=password, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
            )
            self._redis = _Client(pool)
            self._redis.ping()
        except (RedisError, OSError, ValueError) as problem:
            raise RedisRefused(f"Redis at {url} cannot be used: {_reason(problem)}.") from None

    @property
    def on_lost(self) -> Callable[[str], None]:
        """Called with the reason when Redis is lost."""
        return self._redis.on_lost

    @on_lost.setter
    def on_lost(self, call: Callable[[str], None]) -> None:
        self._redis.on_lost = call

    def begin(self, bounds: Mapping[str, int | None]) -> None:
        """Set the bounds of the run. Called once, by whoever hands out its units."""
        for bound, count in bounds.items():
            self._redis.set(f"{self._prefix}:{bound}", count or 0, ex=_KEPT_S)

    def limiter(self, operation: str, rate: Rate) -> Limiter:
        """Keeps the rate of an operation, of all workers together."""
        bucket = _Bucket.init([rate], self._redis, f"{self._prefix}:rate:{operation}")
        return Limiter(SingleBucketFactory(bucket, schedule_leak=False), buffer_ms=BUFFER_MS)

    def borrow(self, bound: str, count: int) -> int:
        """Up to so many of a bound. Two atomic steps: what was too many is put back."""
        key = f"{self._prefix}:{bound}"
        with suppress(OSError):
            too_many = min(max(-int(self._redis.decrby(key, count)), 0), count)
            if too_many:
                self._redis.incrby(key, too_many)
            return count - too_many
        return 0

    def give_back(self, bound: str, count: int) -> None:
        """Return what was borrowed and not spent."""
        key = f"{self._prefix}:{bound}"
        if count:
            with suppress(OSError):
                self._redis.incrby(key, count)
                self._redis.expire(key, _KEPT_S)

    def write(self, line: bytes) -> None:
        """Keep a line of the unit's journal. Raises OSError."""
        self._redis.rpush(self._journal, line)
        self._redis.expire(self._journal, _KEPT_S)

    def save_journal(self, path: Path) -> None:
        """Write the journal of this name, of all workers that wrote to it, to a file. Raises OSError."""
        lines = [line for line in self._redis.lrange(self._key(path.name), 0, -1) if isinstance(line, bytes)]
        if lines:
            path.write_bytes(b"".join((header(), *lines)))

    def databases(self, target: str) -> Databases:
        """The example databases of a target: one for each case, as choices mean something to their strategy only."""
        return lambda case: _Examples(self._redis, key_prefix=f"tunnelspec:examples:{target}:{case}:".encode())

    def _key(self, journal: str) -> str:
        return f"{self._prefix}:journal:{journal}"

    def end(self) -> None:
        """Delete the state of the run, but for what its searches found."""
        with suppress(OSError):
            keys = list(self._redis.scan_iter(f"{self._prefix}:*"))
            if keys:
                self._redis.delete(*keys)


class _Bucket(RedisBucket):
    """A bucket by the clock of Redis, which is the same for all, that is never longer than its rate."""

    def now(self) -> int:
        """Milliseconds."""
        assert isinstance(self.redis, Redis)
        seconds, microseconds = self.redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def put(self, item: RateItem) -> bool:
        """Whether there is room for one more."""
        self.leak(item.timestamp)
        has_room = bool(super().put(item))
        self.redis.expire(self.bucket_key, _KEPT_S)
        return has_room


class _Examples(ExampleDatabase):
    """Hypothesis' database in Redis. A search goes on without it once Redis is lost: the run is stopped anyway."""

    def __init__(self, redis: Redis, key_prefix: bytes) -> None:
        super().__init__()
        self._database = RedisExampleDatabase(redis, key_prefix=key_prefix)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """All choices of a key."""
        with suppress(RedisError, OSError):
            return list(self._database.fetch(key))
        return []

    def save(self, key: bytes, value: bytes) -> None:
        """Keep choices."""
        with suppress(RedisError, OSError):
            self._database.save(key, value)

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget choices."""
        with suppress(RedisError, OSError):
            self._database.delete(key, value)


def _reason(problem: Exception) -> str:
    text = str(problem.__cause__ or problem).strip()
    return text.splitlines()[0].rstrip(".")
