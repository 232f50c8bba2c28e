"""The stateful test alone, without the scenarios, against every fault of behaviour.

Writes `docs/stateful-tests.md`. Takes some minutes; `python -m benchmarks.stateful_tests [seed]`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tunnelspec.contract import load
from tunnelspec.faults import all_faults
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import AREAS, build
from tunnelspec.verdict import Outcome

_HEAD = """\
# Stateful test results

The stateful test (a rule-based state machine) at `--depth standard`, without the scenarios, against the emulator with
each fault of behaviour seeded. Written by `python -m benchmarks.stateful_tests`, seed {seed}.

{found} of {all} faults detected ({share:.0%}); the longest sequence has {longest} calls. Faults of isolation show only
with several clients at once; a stateful test is one client.

| fault | detected | calls in the shortest sequence | sequence |
| --- | --- | --- | --- |
"""


def main(seed: int) -> None:
    """Run the stateful test against every fault and write the table."""
    ignore_local_constants()
    contract = load()
    cases = [case for case in build(contract, depth="standard", seed=seed) if case.area == "journeys"]
    rows, longest, found = [], 0, 0
    faults = [fault for fault in all_faults(contract).values() if fault.id.split("/")[0] in AREAS]
    for fault in faults:
        started = time.monotonic()
        run, _ = run_in_process(contract, cases, fault)
        item = run.results[0]
        if item.outcome is not Outcome.FAIL:
            rows.append(f"| `{fault.id}` | no | | |")
        else:
            best = item.evidence[0]
            calls = [step.operation for step in (*best.before, best.exchange)]
            found, longest = found + 1, max(longest, len(calls))
            rows.append(f"| `{fault.id}` | yes | {len(calls)} | {', '.join(map(str, calls))} |")
        print(rows[-1], f"{time.monotonic() - started:.1f} s", flush=True)
    share = found / len(faults)
    head = _HEAD.format(seed=seed, found=found, all=len(faults), share=share, longest=longest)
    path = Path(__file__).parents[1] / "docs" / "stateful-tests.md"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{found} of {len(faults)}, longest {longest}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
