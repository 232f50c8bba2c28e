"""Environment variables that the workers of a cluster read."""

from __future__ import annotations

#: Redis' password, which redis-cli reads as well. A URL would carry it to the scheduler.
REDIS_PASSWORD = "REDISCLI_AUTH"
