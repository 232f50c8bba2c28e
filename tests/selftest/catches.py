"""One run of every seeded fault through the cases that it names, which several tests share.

It records where in the code each finding is made.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tunnelspec import model
from tunnelspec.checks import CHECKS
from tunnelspec.checks.registry import CheckContext, CheckFunction, Yielded
from tunnelspec.contract import Contract
from tunnelspec.faults import Fault, all_faults, isolation
from tunnelspec.model.rules import Mismatch
from tunnelspec.names import matches
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import ScenarioClient
from tunnelspec.verdict import Outcome

#: Cases that look for what no list holds; every fault is caught without.
SEARCHES = ("search", "journeys")
BAD = (Outcome.FAIL, Outcome.WARN)
#: So many faults are run at a time.
_AT_A_TIME = 8
#: So long each call is open to others in a faulty server that loses some of them, in seconds: beside so many threads, a
#: client's next request may take its time.
_GAP_S = 0.5
#: A file and a line in it.
Site = tuple[str, int]


@dataclass
class Catches:
    """What the named cases found, by fault, and the lines at which findings were made."""

    results: dict[str, list[Result]] = field(default_factory=dict)
    made_at: set[Site] = field(default_factory=set)

    def checks(self, fault: str) -> list[set[str]]:
        """Of each named case that found something, the checks and rules that spoke."""
        return [{context.finding.rule for context in item.evidence} for item in self.results[fault]]

    def needed_for(self, check: str) -> list[str]:
        """The faults that no named case would find without this check or rule."""
        return [
            fault
            for fault in self.results
            if self.results[fault] and all(spoke == {check} for spoke in self.checks(fault))
        ]


def catches(contract: Contract, cases: list[Case]) -> Catches:
    """Run the pass: several faults at a time, since many a faulty server makes its client wait, and those first."""
    made = Catches()
    listed = [case for case in cases if case.area not in SEARCHES]
    faults = list(all_faults(contract).values())
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(_AT_A_TIME) as pool:
        _listen(patch, made.made_at)
        patch.setattr(isolation, "GAP_S", _GAP_S)
        ordered = sorted(faults, key=lambda fault: not fault.served)
        found = dict(zip(ordered, pool.map(lambda fault: _found(fault, contract, listed), ordered), strict=True))
    made.results = {fault.id: found[fault] for fault in faults}
    return made


def _found(fault: type[Fault], contract: Contract, cases: list[Case]) -> list[Result]:
    """What the cases that a fault names find, without a look at which operations there are."""
    named = [case for case in cases if matches(case.id, fault.killer)]
    assert named, f"{fault.killer} names no case"
    run, _ = run_in_process(contract, named, fault, verifying=fault.verifying, served=fault.served, probed=False)
    return [item for item in run.results if item.outcome in BAD]


def _listen(patch: pytest.MonkeyPatch, made_at: set[Site]) -> None:
    for name, check in CHECKS.items():
        patch.setitem(CHECKS, name, replace(check, function=_watched(check.function, made_at)))
    made: Any = Mismatch.__init__

    def noted(self: Mismatch, *args: Any) -> None:
        frame = sys._getframe(1)
        made_at.add((frame.f_code.co_filename, frame.f_lineno))
        made(self, *args)

    patch.setattr(Mismatch, "__init__", noted)


def _watched(function: CheckFunction, made_at: set[Site]) -> CheckFunction:
    def watched(context: CheckContext) -> Iterator[Yielded]:
        generator: Any = function(context)
        for item in generator:
            made_at.add((generator.gi_code.co_filename, generator.gi_frame.f_lineno))
            yield item

    return watched


def sites() -> Mapping[str, tuple[str, range]]:
    """Every place in the code at which a finding is made, by `file:line`: the file, and the lines it takes."""
    found: dict[str, tuple[str, range]] = {}
    for check in CHECKS.values():
        file = inspect.getsourcefile(check.function) or ""
        first = check.function.__code__.co_firstlineno
        for node in ast.walk(ast.parse(inspect.getsource(check.function))):
            if isinstance(node, ast.Yield):
                _note(found, file, node, first - 1)
    for room in (Path(model.__path__[0]), Path(inspect.getfile(ScenarioClient)).parent):
        for path in sorted(room.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Mismatch":
                    _note(found, str(path), node, 0)
    return found


def _note(found: dict[str, tuple[str, range]], file: str, node: ast.expr, offset: int) -> None:
    lines = range(node.lineno + offset, (node.end_lineno or node.lineno) + offset + 1)
    found[f"{Path(file).parent.name}/{Path(file).name}:{lines.start}"] = (file, lines)


__all__ = ["BAD", "SEARCHES", "Catches", "catches", "sites"]
