"""Bodies per second, side by side: our strategies, hypothesis-jsonschema and Schemathesis.

    python benchmarks/generation.py

Each draws the same number of OpenTunnel bodies inside one `@given` loop. hypothesis-jsonschema and
Schemathesis read `pattern` as Python's `re`, which has no \\p{…}: they get the same schema without
patterns, which is less work than what they are compared with.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from hypothesis_jsonschema import from_schema

from tunnelspec.contract import load
from tunnelspec.strategies import valid

EXAMPLES = 1000


def rate(strategy: SearchStrategy[Any]) -> float:
    """Examples per second."""
    drawn: list[Any] = []

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def loop(value: Any) -> None:
        drawn.append(value)

    started = time.perf_counter()
    loop()
    return len(drawn) / (time.perf_counter() - started)


def without_patterns(schema: Any) -> Any:
    """The schema as tools without Unicode classes can read it."""
    if isinstance(schema, dict):
        return {
            key: without_patterns(value)
            for key, value in schema.items()
            if key != "pattern" and not key.startswith("x-")
        }
    return [without_patterns(item) for item in schema] if isinstance(schema, list) else schema


def schemathesis_strategy(document: dict[str, Any], name: str) -> SearchStrategy[Any]:
    """Schemathesis' own strategy for an operation's body."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(document)
    results: Any = schema.get_all_operations()
    for found in results:
        operation: Any = found.ok()
        if operation is not None and operation.definition.raw["operationId"] == name:
            strategy: SearchStrategy[Any] = operation.as_strategy()
            return strategy
    raise LookupError(name)


def main() -> None:
    """Print the table."""
    contract = load()
    plain = without_patterns(copy.deepcopy(contract.operations["OpenTunnel"].input))
    subjects: dict[str, Callable[[], SearchStrategy[Any]]] = {
        "tunnelspec.strategies": lambda: valid.requests(contract, "OpenTunnel"),
        "hypothesis-jsonschema, no patterns": lambda: from_schema(plain),
        "Schemathesis": lambda: schemathesis_strategy(copy.deepcopy(dict(contract.document)), "OpenTunnel"),
    }
    for name, make in subjects.items():
        try:
            print(f"{name:36} {rate(make()):8.0f} bodies/s")
        except Exception as problem:
            # hypothesis-jsonschema reaches into Hypothesis, and breaks when that changes.
            print(f"{name:36} does not run: {type(problem).__name__}: {problem}"[:100])


if __name__ == "__main__":
    main()
