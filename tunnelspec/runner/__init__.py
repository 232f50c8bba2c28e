"""Runs cases against one target: session, budget, circuit breaker, search, executor (docs/decisions/0002)."""
