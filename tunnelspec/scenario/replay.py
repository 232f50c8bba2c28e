"""The findings of a run record as cases, so that they can be tested again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.runner.calls import NoCalls, read_calls
from tunnelspec.runner.case import Case
from tunnelspec.scenario.examples import Example, example_case, named

_FAILED = ("fail", "warn")


@dataclass(frozen=True, slots=True)
class ReplayCase:
    """A finding to be tested again: its case, or None where the contract lacks an operation of it."""

    id: str
    outcome: str
    case: Case | None


def findings(record: Mapping[str, Any]) -> list[Mapping[str, object]]:
    """The rows of a record that violate a rule."""
    return [row for row in record["cases"] if row["outcome"] in _FAILED]


def again(contract: Contract, row: Mapping[str, Any], suite: Mapping[str, Case]) -> list[ReplayCase]:
    """The cases that test the findings of a record's row again: the case of the suite, or for a random search, which
    would send others, one case for each finding."""
    known = suite.get(row["id"])
    if known is not None and not known.kind.is_random:
        return [ReplayCase(row["id"], row["outcome"], known)]
    examples = promotable([row])
    if not examples:
        return [ReplayCase(row["id"], row["outcome"], known)]
    replays = []
    for number, (example, level) in enumerate(examples, 1):
        name = row["id"] if len(examples) == 1 else f"{row['id']}#{number}"
        case = example_case(contract, example, name) if example.unknown(contract) is None else None
        replays.append(ReplayCase(name, "fail" if level == "MUST" else "warn", case))
    return replays


def promotable(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Example, str]]:
    """The findings of rows whose calls the record holds, as examples, each with its level."""
    examples = []
    for row in rows:
        for finding in row.get("findings", ()):
            try:
                calls = read_calls(finding.get("calls"))
            except NoCalls:
                continue
            check = str(finding.get("check", ""))
            examples.append((Example(named(calls, check), calls, check, row["id"]), str(finding.get("level", ""))))
    return examples
