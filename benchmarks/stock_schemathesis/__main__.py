"""The benchmark against stock Schemathesis: the same faulty emulators, equal budgets, side by side in one run.

    python -m benchmarks.stock_schemathesis                       regenerates docs/benchmark.md (about half an hour)
    python -m benchmarks.stock_schemathesis --faults 6 --seeds 1 --variants 2 --print    a quick look

Three runners. *Configured*: `st run` as installed on our document, with AWS JSON 1.1 and SigV4 added and the dispatch
header pinned. *Tuned*: the same on a document made friendly for it (no dispatch parameter, links from
OpenTunnel to whatever needs a tunnel, optional members nullable), with an exact validator behind its
generators and without the checks that flag a correct server. *Ours*: `tunnelspec run`, as installed.

A runner detects a fault if it reports on the faulty emulator what it does not report on the reference emulator,
over all seeds. Requests and times are taken at the emulator: those up to the finding.
"""

from __future__ import annotations

import argparse
import pickle
import random
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks.stock_schemathesis.job import CONFIGURED, RUNNERS, Job, Outcome
from benchmarks.stock_schemathesis.page import page
from benchmarks.stock_schemathesis.runners import run_jobs
from tunnelspec.contract import load
from tunnelspec.faults import Fault, all_faults, all_variants

PAGE = Path(__file__).parents[2] / "docs" / "benchmark.md"


def sample(count: int, seed: int) -> list[type[Fault]]:
    """So many seeded faults, from each class of defect in proportion to its size."""
    everything = list(all_faults(load()).values())
    drawn = random.Random(seed)
    sizes = Counter(fault.defect_class for fault in everything)
    shares = {name: count * size / len(everything) for name, size in sizes.items()}
    places = {name: int(share) for name, share in shares.items()}
    # Largest remainders get the places that are left.
    for name in sorted(shares, key=lambda name: places[name] - shares[name])[: count - sum(places.values())]:
        places[name] += 1
    return [
        fault
        for name, number in sorted(places.items())
        for fault in drawn.sample([f for f in everything if f.defect_class == name], number)
    ]


def main() -> None:
    """Run the benchmark and write the page."""
    options = _options()
    faults = sample(options.faults, options.sample)
    variants = random.Random(options.sample).sample(sorted(all_variants()), min(options.variants, len(all_variants())))
    seeds = range(1, options.seeds + 1)
    budget = {"requests": options.requests, "seconds": options.seconds}
    started, lock = time.monotonic(), threading.Lock()

    def note(outcome: Outcome) -> None:
        with lock:
            job = outcome.job
            found = f"found after {outcome.at} requests" if outcome.at else "nothing new"
            print(
                f"{time.monotonic() - started:6.0f} s  {job.runner:28} {job.subject:60} seed {job.seed}:"
                f" {found}, {outcome.sent} requests in {outcome.took_s:.0f} s",
                flush=True,
            )
            if options.keep:
                with options.keep.open("ab") as file:
                    pickle.dump((outcome, time.monotonic() - started), file)

    quiet = [Job(runner, "", "", seed, **budget) for seed in seeds for runner in RUNNERS]
    reference = run_jobs(quiet, options.workers, note)
    known = {runner: frozenset().union(*(o.said for o in reference if o.job.runner == runner)) for runner in RUNNERS}
    jobs = [
        Job(runner, fault.id, "", seed, **budget, known=known[runner])
        for seed in seeds
        for fault in faults
        for runner in RUNNERS
        if runner != CONFIGURED or seed <= options.configured_seeds
    ]
    jobs += [
        Job(runner, "", variant, seed, **budget, known=known[runner])
        for seed in seeds[: options.variant_seeds]
        for variant in variants
        for runner in RUNNERS
    ]
    outcomes = [*reference, *run_jobs(jobs, options.workers, note)]
    took_s = time.monotonic() - started
    text = page(outcomes, faults, variants, options, took_s)
    if options.print:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--faults", type=int, default=24, help="how many seeded faults")
    parser.add_argument("--variants", type=int, default=8, help="how many conforming variants")
    parser.add_argument("--seeds", type=int, default=5, help="how many runs of each")
    parser.add_argument("--variant-seeds", type=int, default=1, help="how many runs of each variant")
    parser.add_argument("--configured-seeds", type=int, default=5, help="how many runs of the configured one")
    parser.add_argument("--keep", type=Path, help="file to add the raw outcomes to")
    parser.add_argument("--sample", type=int, default=1, help="seed that draws faults and variants")
    parser.add_argument("--requests", type=int, default=2000, help="requests a run may send")
    parser.add_argument("--seconds", type=float, default=30.0, help="processor seconds a run may use")
    parser.add_argument("--workers", type=int, default=2, help="runs at a time")
    parser.add_argument("--print", action="store_true", help="print the page and do not write it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
