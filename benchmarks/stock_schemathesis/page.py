"""The page of the benchmark: what was compared, the table, fault by fault, and where the other is better."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version

from benchmarks.stock_schemathesis.job import OURS, REFERENCE, RUNNERS, TUNED, Outcome
from tunnelspec.faults import Fault


def page(
    outcomes: list[Outcome],
    faults: list[type[Fault]],
    variants: list[str],
    options: argparse.Namespace,
    took_s: float,
) -> str:
    """The page: what was compared, the table, fault by fault, and where the other wins."""
    totals = [_totals(runner, outcomes, faults, variants, options.seeds) for runner in RUNNERS]
    versions = ", ".join(f"{name} {version(name)}" for name in ("tunnelspec", "schemathesis", "hypothesis"))
    lines = [
        "# Benchmark: stock Schemathesis",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}; {versions}, Python {sys.version.split()[0]}, {os.cpu_count()} cores.",
        f"`python -m benchmarks.stock_schemathesis --faults {len(faults)} --variants {len(variants)}"
        f" --seeds {options.seeds} --configured-seeds {options.configured_seeds}"
        f" --sample {options.sample} --requests {options.requests} --seconds {options.seconds:g}`"
        f" regenerates this page (here in {took_s / 60:.0f} minutes, {options.workers} runs at a time).",
        "",
        *_METHOD.format(
            faults=len(faults),
            seeds=options.seeds,
            requests=options.requests,
            seconds=options.seconds,
            configured="" if options.configured_seeds == 1 else f" with each of {options.configured_seeds} seeds",
        ).splitlines(),
        "",
        "| | " + " | ".join(RUNNERS) + " |",
        "| --- | " + " | ".join("---:" for _ in RUNNERS) + " |",
        *(f"| {label} | " + " | ".join(total[label] for total in totals) + " |" for label in totals[0]),
        "",
        "## Fault by fault",
        "",
        f"In how many of {options.seeds} runs each fault was detected, and after how many requests (median).",
        "",
        "| fault | " + " | ".join(RUNNERS) + " |",
        "| --- | " + " | ".join("---:" for _ in RUNNERS) + " |",
        *(
            f"| `{fault.id}`: {fault.sentence} | "
            + " | ".join(_cell([o for o in _of(outcomes, runner) if o.job.fault == fault.id]) for runner in RUNNERS)
            + " |"
            for fault in faults
        ),
        "",
        *_REMARKS.splitlines(),
        "",
    ]
    return "\n".join(lines)


_METHOD = """\
{faults} of the seeded faults, drawn from every class of defect in proportion to its size, each with {seeds} seeds. \
Each run may send {requests} requests or use {seconds:g} CPU seconds, whichever comes first. A run detects a fault \
if it reports something that the same runner never reports on the reference emulator.

* *configured*: `st run` as installed, on our document, with the media type and SigV4 added and the dispatch header \
pinned. There is one run of each fault{configured}.
* *tuned by hand*: in addition, a document adapted to it (no dispatch parameter, links from OpenTunnel to \
everything that needs a tunnel, optional members nullable), an exact validator behind its generators, so that valid \
bodies are valid and invalid ones invalid, and only the checks that do not flag a correct server.
* *tunnelspec*: `tunnelspec run --workers 1`, as installed.

Schemathesis fuzzes until its budget is spent; shrinking is off, since it does not help to detect anything. \
Requests and seconds to the first finding include start-up. Seconds are CPU seconds of the runner's process, \
without the emulator's: wall time would measure how busy the machine was."""

_REMARKS = """\
## Where Schemathesis is better

* It needs no model of the service: it works with any OpenAPI document at once. What tunnelspec knows beyond the \
document (which call depends on which, what AWS's sources leave unspecified) was written for this one service.
* It meets a bound that is off by one in a plain member after a few requests, sooner than this suite, which runs \
its cases in a fixed order: see the faults that both detected.
* It tests what this suite does not: methods that a path does not declare, requests without authentication or \
without a required header. For this API no source says what a server must do then, hence the false positives of the \
configured runner; for a REST API these are good tests.
* It checks declared response headers, links and formats, reads many media types, and writes more report formats.
* The two work together: `docs/schemathesis.md` describes how to use this suite's strategies and checks in `st \
run`.

A small budget favours a suite that tests the bounds first: with more requests, a random search detects more. \
`--seconds` and `--requests` raise it."""


def _of(outcomes: list[Outcome], runner: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.job.runner == runner]


def _cell(outcomes: list[Outcome]) -> str:
    found = [o.at for o in outcomes if o.at is not None]
    return f"{len(found)} ({statistics.median(found):.0f})" if found else "0"


def _totals(
    runner: str, outcomes: list[Outcome], faults: list[type[Fault]], variants: list[str], seeds: int
) -> dict[str, str]:
    mine = _of(outcomes, runner)
    reference = [o for o in mine if o.job.subject == REFERENCE]
    shared = set.intersection(
        *({o.job.fault for o in _of(outcomes, name) if o.job.fault and o.at is not None} for name in (TUNED, OURS))
    )
    on_shared = [o.at for o in mine if o.job.fault in shared and o.at is not None]
    by_seed = Counter(o.job.seed for o in mine if o.job.fault and o.at is not None)
    ever = {o.job.fault for o in mine if o.job.fault and o.at is not None}
    found = [o for o in mine if o.job.fault and o.at is not None]
    alarmed = {o.job.variant for o in mine if o.job.variant and o.said}
    newly = {o.job.variant for o in mine if o.job.variant and o.said - o.job.known}
    middle = statistics.median
    counts = [by_seed[seed] for seed in range(1, seeds + 1) if any(o.job.seed == seed and o.job.fault for o in mine)]
    return {
        "faults detected, median run": f"{middle(counts):g} of {len(faults)}",
        "faults detected, fewest and most": f"{min(counts)} to {max(counts)}",
        "faults detected in any run": f"{len(ever)} of {len(faults)}",
        "false positives on the reference emulator, median": f"{middle(len(o.said) for o in reference):g}",
        "conforming variants flagged": f"{len(alarmed)} of {len(variants)}",
        "conforming variants flagged for what the reference emulator is not": f"{len(newly)} of {len(variants)}",
        "requests to the first finding, median": f"{middle([o.at or 0 for o in found]):.0f}" if found else "none",
        f"the same, on the {len(shared)} that both the tuned Schemathesis and tunnelspec detected": (
            f"{middle(on_shared):.0f}" if on_shared else "none"
        ),
        "CPU seconds to the first finding, median": f"{middle([o.at_s or 0 for o in found]):.1f}" if found else "none",
        "requests per CPU second on the reference emulator, median": (
            f"{middle(o.sent / o.took_s for o in reference):.0f}"
        ),
        "tunnels left open on the reference emulator, median": f"{middle(o.left_open for o in reference):g}",
    }
