"""Requests and seconds to the first finding over the catalogue of seeded faults."""

from __future__ import annotations

import random
from statistics import median, quantiles

from benchmarks.performance.measure import table
from tunnelspec.contract import Contract
from tunnelspec.faults import all_faults
from tunnelspec.selfcheck import selfcheck

#: Faults that are measured where not all are.
SAMPLE = 60


def first_finding(contract: Contract, *, whole: bool) -> list[str]:
    """The table; a sample of the faults by a fixed seed, or the whole catalogue."""
    names = list(all_faults(contract))
    chosen = names if whole else random.Random(1).sample(names, SAMPLE)
    kills = [kill for kill in selfcheck(globs=chosen, workers=1).kills if kill.first]
    requests, seconds = [kill.requests for kill in kills], [kill.seconds for kill in kills]
    rows = [
        ("median", int(median(requests)), median(seconds)),
        ("nine of ten within", int(quantiles(requests, n=10)[-1]), quantiles(seconds, n=10)[-1]),
        ("most", max(requests), max(seconds)),
    ]
    head = (f"{len(kills)} of {len(names)} faults, in one process", "requests to the first finding", "seconds")
    return table(head, rows)
