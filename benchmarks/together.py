"""Seeds several faults at once, and shows which of them their cases do not find then.

`python -m benchmarks.together [GROUPS] [SEED]`.

Real servers have many defects at a time. A fault that its case does not find in company is hidden by the others, or
they change the same thing, which is for a reader to judge.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence

from tunnelspec.contract import Contract, load
from tunnelspec.faults import Fault, all_faults
from tunnelspec.faults.catalogue import combined
from tunnelspec.names import matches
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import build, enabled
from tunnelspec.verdict import Outcome

AT_ONCE = 8


def groups(contract: Contract, count: int, seed: int) -> Iterator[list[type[Fault]]]:
    """Faults drawn at random that need neither HTTP nor signatures, so many at a time."""
    drawn = random.Random(seed)
    faults = [fault for fault in all_faults(contract).values() if not (fault.served or fault.verifying)]
    for _ in range(count):
        yield drawn.sample(faults, AT_ONCE)


def hidden(contract: Contract, cases: Sequence[Case], faults: Sequence[type[Fault]]) -> list[str]:
    """The faults of an emulator with all of these that no case finds which they name."""
    run, _ = run_in_process(contract, cases, combined(*faults))
    bad = [item.case.id for item in run.results if item.outcome in (Outcome.FAIL, Outcome.WARN)]
    return [fault.id for fault in faults if not any(matches(name, fault.killer) for name in bad)]


def main(count: int = 50, seed: int = 1) -> None:
    """Print a line for each group with hidden faults, and how many were found of how many."""
    contract = load()
    cases = enabled(build(contract, seed=seed))
    lost = 0
    for faults in groups(contract, count, seed):
        names = hidden(contract, cases, faults)
        lost += len(names)
        if names:
            others = [fault.id for fault in faults if fault.id not in names]
            print(f"{', '.join(names)}: not found beside {', '.join(others)}", flush=True)
    print(f"{count * AT_ONCE - lost} of {count * AT_ONCE} faults found, {AT_ONCE} at a time")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
