"""Bodies per second and operation, without sending them, beside other generators.

hypothesis-jsonschema and Schemathesis read `pattern` as Python's `re`, which has no \\p{…}: they get the schema
without patterns, which is less work. `from_regex` makes texts for one pattern alone, with \\p{…} left out.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis_jsonschema import from_schema

from benchmarks.performance.measure import table
from tunnelspec.contract import Contract, Member
from tunnelspec.strategies import text, valid, violations

EXAMPLES = 100


def generation(contract: Contract) -> list[str]:
    """The two tables: by operation, and texts of one pattern."""
    rows = []
    for name, operation in contract.operations.items():
        plain = _without_patterns(copy.deepcopy(operation.input_schema))
        makers: tuple[Callable[[], SearchStrategy[Any]], ...] = (
            lambda name=name: valid.requests(contract, name),  # type: ignore[misc]
            lambda name=name: violations.requests(contract, name),  # type: ignore[misc]
            lambda plain=plain: from_schema(plain),  # type: ignore[misc]
            lambda name=name: _schemathesis(contract, name),  # type: ignore[misc]
        )
        rows.append((name, *(_rate(make) for make in makers)))
    head = ("operation", "valid", "violating", "hypothesis-jsonschema", "Schemathesis")
    texts = [
        ("our strategy for the pattern of `description`", _rate(lambda: text.text_matching(r"^[^\p{C}]{1,2048}$"))),
        ("`from_regex`, nearest pattern", _rate(lambda: st.from_regex(r"\A[^\x00-\x1f]{1,2048}\Z"))),
        ("our full-size OpenTunnel bodies", _rate(lambda: _full(contract.operations["OpenTunnel"].input))),
    ]
    return [*table(head, rows), *table(("texts and full-size bodies", "per second"), texts)]


def _full(member: Member) -> SearchStrategy[Any]:
    """Values as long as they can be: every member, every text and every list at its maximum."""
    match member.type:
        case "object":
            return st.fixed_dictionaries({n: _full(m) for n, m in member.properties.items() if not m.opaque})
        case "array":
            key = next((row.repeated for row in member.unspecified if row.repeated), None)
            each = range(member.most_items(50))
            return _full(member.element).map(lambda value: [valid.varied(member.element, value, n, key) for n in each])
        case "string" if member.pattern is not None and member.identifies is None:
            longest = member.max_length or member.pattern.lengths[1]
            return text.text_matching(member.pattern.source, longest or 0, longest)
    return valid.bodies(member)


def _rate(make: Callable[[], SearchStrategy[Any]]) -> float | str:
    """Examples per second, or why there are none."""
    drawn = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def loop(data: Any) -> None:
        nonlocal drawn
        data.draw(strategy)
        drawn += 1

    try:
        strategy = make()
        loop()  # what is computed once
        started, drawn = time.perf_counter(), 0
        loop()
        return drawn / (time.perf_counter() - started)
    except Exception as problem:
        # hypothesis-jsonschema reaches into Hypothesis, and breaks when that changes.
        return f"does not run: {type(problem).__name__}"


def _without_patterns(schema: Any) -> Any:
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if key != "pattern" and not key.startswith("x-")}
        return {key: _without_patterns(value) for key, value in kept.items()}
    return [_without_patterns(item) for item in schema] if isinstance(schema, list) else schema


def _schemathesis(contract: Contract, name: str) -> SearchStrategy[Any]:
    schema = schemathesis.openapi.from_dict(copy.deepcopy(dict(contract.document)))
    results: Any = schema.get_all_operations()
    for found in results:
        operation: Any = found.ok()
        if operation.definition.raw["operationId"] == name:
            strategy: SearchStrategy[Any] = operation.as_strategy()
            return strategy
    raise LookupError(name)
