"""What cases find and cost, measured: writes `tests/conformance/measured.json`, by which runs are ordered and planned.

    python -m benchmarks.case_order
    python -m benchmarks.case_order --costs

Every exact case is run against every seeded fault, and once against the reference emulator. The order is greedy: next
comes the case that finds the most faults which no case before it finds, for each request that it sends. A case that
finds nothing new keeps the place of its priority. Takes a quarter of an hour on two cores. `--costs` measures
what cases cost, in half a minute, and leaves the order as it is.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from tunnelspec.contract import Contract, load
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.faults import Fault, all_faults
from tunnelspec.runner.case import Case, CaseKind, Result
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.suite import build, enabled
from tunnelspec.verdict import Outcome

PATH = Path(__file__).parents[1] / "tests" / "conformance" / "measured.json"
#: Random cases, which have no place of their own.
_RANDOM = ("search", "journeys")
#: No fault is looked at for longer, in seconds.
_MOST_S = 10.0


def order(found: Mapping[str, set[str]], requests: Mapping[str, int]) -> list[str]:
    """The names of cases in the order in which they find the most for the least; `found` are faults by case."""
    left, chosen = dict(found), []
    covered: set[str] = set()
    while left:
        best = max(left, key=lambda name: (len(left[name] - covered) / requests[name], name))
        if not left[best] - covered:
            break
        covered |= left.pop(best)
        chosen.append(best)
    return chosen


def costs(contract: Contract, cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    """The calls by operation that each case sends to a conforming target, and how many resources it opens.

    One call of its operation, which opens nothing, is not listed.
    """
    sent: Counter[str] = Counter()

    class Noting(DirectSender):
        def send(self, raw: RawRequest) -> Exchange:
            exchange = super().send(raw)
            sent[raw.operation or ""] += 1
            creates = contract.created_by(raw.operation or "") is not None
            if creates and exchange.response is not None and exchange.response.accepted:
                sent["opened"] += 1
            return exchange

    found: dict[str, dict[str, int]] = {}

    def note(result: Result) -> None:
        calls = dict(sorted(sent.items()))
        sent.clear()
        if calls != {result.case.operation: 1}:
            found[result.case.id] = calls

    sender = Noting(Emulator(contract))
    run_cases(contract, cases, lambda: Session(contract, sender), probes=presence_cases(contract), on_result=note)
    return found


def declared(contract: Contract) -> dict[str, object]:
    """The costs of all cases, and of those that are shorter in a quick run."""
    everything = build(contract, depth="standard")
    calls = costs(contract, everything)
    scenarios = [case for case in enabled(build(contract)) if case.kind is CaseKind.SCENARIO]
    quick = {name: row for name, row in costs(contract, scenarios).items() if row != calls.get(name)}
    examples = {case.id: case.settings.examples for case in everything if case.kind.is_random}
    return {"examples": examples, "calls": calls, "quick": quick}


def write(data: Mapping[str, object]) -> None:
    """Write the file, with a line for each case."""
    parts = []
    for name, rows in data.items():
        listed = [json.dumps(row) for row in rows] if isinstance(rows, list) else []
        if isinstance(rows, dict):
            listed = [f"{json.dumps(key)}: {json.dumps(row)}" for key, row in sorted(rows.items())]
        start, end = "[]" if isinstance(rows, list) else "{}"
        parts.append(f'"{name}": {start}\n' + ",\n".join(listed) + f"\n{end}")
    PATH.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


class _TooLong(Exception):
    """A fault takes time for each call; what has been found by then is enough."""


def finders(contract: Contract, cases: Sequence[Case], fault: type[Fault]) -> set[str]:
    """The names of the cases that find the fault."""
    names: set[str] = set()
    until = time.monotonic() + _MOST_S

    def note(item: Result) -> None:
        if item.outcome in (Outcome.FAIL, Outcome.WARN):
            names.add(item.case.id)
        if time.monotonic() > until:
            raise _TooLong

    with suppress(_TooLong):
        run_in_process(contract, cases, fault, on_result=note, verifying=fault.verifying, served=fault.served)
    return names


@cache
def _exact() -> tuple[Contract, list[Case]]:
    """The contract and the cases that are no search, once in each process."""
    contract = load()
    return contract, [case for case in enabled(build(contract)) if case.area not in _RANDOM]


def _found(fault: str) -> tuple[str, set[str]]:
    contract, exact = _exact()
    return fault, finders(contract, exact, all_faults(contract)[fault])


def main() -> None:
    """Measure and write the file."""
    ignore_local_constants()
    contract, exact = _exact()
    write({"order": _kept() if sys.argv[1:] == ["--costs"] else _measured(contract, exact), **declared(contract)})


def _kept() -> list[str]:
    listed: list[str] = json.loads(PATH.read_text(encoding="utf-8"))["order"]
    return listed


def _measured(contract: Contract, exact: Sequence[Case]) -> list[str]:
    run, _ = run_in_process(contract, exact)
    requests = {item.case.id: item.requests for item in run.results if item.requests}
    found: dict[str, set[str]] = {name: set() for name in requests}
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=ignore_local_constants) as pool:
        for fault, names in pool.map(_found, all_faults(contract), chunksize=4):
            for name in names:
                found.setdefault(name, set()).add(fault)
            print(fault, flush=True)
    return order({name: faults for name, faults in found.items() if name in requests}, requests)


if __name__ == "__main__":
    main()
