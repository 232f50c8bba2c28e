"""What the state machine finds by itself: every fault of behaviour, the directed scripts left out.

Writes `docs/journeys.md`. Takes some minutes; `python benchmarks/journeys.py [seed]`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tunnelspec.contract import load
from tunnelspec.faults import FAULTS
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import AREAS, build
from tunnelspec.verdict import Outcome

_HEAD = """\
# What journeys find

The rule-based state machine at `--depth standard`, with the directed scripts left out, against the
emulator with each fault of behaviour planted. Written by `benchmarks/journeys.py`, seed {seed}.

{found} of {all} faults found ({share:.0%}); the longest script has {longest} calls. Faults of isolation need
several clients at once, and a journey is one client's.

| fault | found | calls of the shortest script | the script |
| --- | --- | --- | --- |
"""


def main(seed: int) -> None:
    """Run every faulty emulator and write the table."""
    ignore_local_constants()
    contract = load()
    cases = [case for case in build(contract, depth="standard", seed=seed) if case.area == "journeys"]
    rows, longest, found = [], 0, 0
    faults = [fault for fault in FAULTS.values() if fault.id.split("/")[0] in AREAS]
    for fault in faults:
        started = time.monotonic()
        run, _ = run_in_process(contract, cases, fault.apply)
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
    path = Path(__file__).parents[1] / "docs" / "journeys.md"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{found} of {len(faults)}, longest {longest}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
