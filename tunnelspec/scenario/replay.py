"""The findings of a run record as cases, so that they can be judged again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.runner.calls import NoCalls, read_calls
from tunnelspec.runner.case import Case
from tunnelspec.scenario.examples import Example, example_case, named

#: What is left to chance: a finding of these is sent again by itself, not by another search.
SEARCHED = ("search", "journeys")
_FOUND = ("fail", "warn")


@dataclass(frozen=True, slots=True)
class ReplayCase:
    """One finding to be judged again: by which case, or None where nothing can send it any more."""

    id: str
    outcome: str
    case: Case | None


def findings(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The cases of a record that broke a rule."""
    return [row for row in record["cases"] if row["outcome"] in _FOUND]


def again(contract: Contract, row: Mapping[str, Any], suite: Mapping[str, Case]) -> list[ReplayCase]:
    """What sends the findings of a record's case again.

    A case of the suite stands for all its findings; of a search, each smallest request for itself.
    """
    known = suite.get(row["id"])
    if known is not None and known.area not in SEARCHED:
        return [ReplayCase(row["id"], row["outcome"], known)]
    examples = promotable([row])
    if not examples:
        return [ReplayCase(row["id"], row["outcome"], known)]
    found = []
    for number, (example, level) in enumerate(examples, 1):
        name = row["id"] if len(examples) == 1 else f"{row['id']}#{number}"
        usable = all(call.operation in contract.operations for call in example.calls)
        outcome = "fail" if level == "MUST" else "warn"
        found.append(ReplayCase(name, outcome, example_case(contract, example, name) if usable else None))
    return found


def promotable(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Example, str]]:
    """The findings of a record's cases whose calls it holds, as examples, each with its level."""
    made = []
    for row in rows:
        for finding in row.get("findings", ()):
            try:
                calls = read_calls(finding.get("calls"))
            except NoCalls:
                continue
            check = str(finding.get("check", ""))
            made.append((Example(named(calls, check), calls, check, row["id"]), str(finding.get("level", ""))))
    return made
