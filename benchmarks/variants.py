"""Runs the suite at quick, over HTTP, against every conforming variant that the self-check leaves out.

`python -m benchmarks.variants [NAME...]`. Exits with 1 where one is flagged, where a tunnel is left open, or where 2 %
of the cases or more are inconclusive.
"""

from __future__ import annotations

import sys

from benchmarks.running import run
from tunnelspec.contract import load
from tunnelspec.emulator import serve
from tunnelspec.faults import Variant, all_variants

#: Options that a variant needs. A whole run at one request per second and operation would take a quarter of an hour.
OPTIONS = {
    "lists-lag": ("--settle", "5"),
    "one-call-per-second": ("--select", "protocol/*/plain", "--select", "lifecycle/CloseTunnel/*"),
}
_MOST_INCONCLUSIVE = 0.02


def flagged(variant: type[Variant]) -> list[str]:
    """What a run against a variant reports, and what it leaves open."""
    emulator = variant(load())
    with serve(emulator) as server:
        record = run("--endpoint-url", server.url, "--seed", "1", *OPTIONS.get(variant.id, ())).record
    totals = record["totals"]
    reported = [f"{case['outcome']} {case['id']}" for case in record["cases"] if case["outcome"] in ("fail", "warn")]
    if totals["inconclusive"] >= _MOST_INCONCLUSIVE * len(record["cases"]):
        reported.append(f"{totals['inconclusive']} of {len(record['cases'])} cases are inconclusive")
    left = len(emulator.store.newest_first())
    return [*reported, f"{left} tunnels were left"] if left else reported


def main() -> int:
    """Print a line for each variant."""
    chosen = [v for v in all_variants().values() if v.needs_own_run and (not sys.argv[1:] or v.id in sys.argv[1:])]
    failed = False
    for variant in chosen:
        reported = flagged(variant)
        failed = failed or bool(reported)
        print(f"{variant.id:28} {'; '.join(reported) or 'nothing flagged'}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
