"""Measures every part in one run and writes docs/performance.md.

    python -m benchmarks.performance [PART …] [--rounds N] [--whole]

With parts, only these are measured and printed. `--whole` takes the whole catalogue of faults, which takes minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from benchmarks.performance import emulator, first_finding, generation, growth, phases
from tunnelspec.contract import load
from tunnelspec.runner.constants import ignore_local_constants

_PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_NOTES = Path(__file__).with_name("notes.md")
_LIBRARIES = ("tunnelspec", "hypothesis", "schemathesis", "h11", "requests", "requests-aws4auth", "jsonschema-rs")


def main() -> None:
    """Measure, print, and write the page."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.performance")
    options.add_argument("parts", nargs="*")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--whole", action="store_true")
    given = options.parse_args()
    ignore_local_constants()
    contract = load()
    parts: Mapping[str, tuple[str, Callable[[], list[str]]]] = {
        "phases": ("Phases", partial(phases.phases, contract, given.rounds)),
        "generation": ("Generation", partial(generation.generation, contract)),
        "start-up": ("Start-up", partial(growth.start_up, contract, given.rounds)),
        "emulator": ("The bundled emulator", partial(emulator.emulator, contract, given.rounds)),
        "depths": ("Growth with depth", partial(growth.depths, contract, given.rounds)),
        "sizes": ("Growth with bodies and accounts", partial(growth.sizes, contract, given.rounds)),
        "findings": ("Growth with findings", partial(growth.findings, contract, given.rounds)),
        "first": ("First finding", partial(first_finding.first_finding, contract, whole=given.whole)),
    }
    lines: list[str] = []
    for name in given.parts or parts:
        title, measured = parts[name]
        lines += [f"## {title}", "", *measured()]
        print("\n".join(lines[-40:]), flush=True)
    if not given.parts:
        _PAGE.write_text(
            "\n".join([*_head(given.rounds), *lines, _NOTES.read_text(encoding="utf-8")]), encoding="utf-8"
        )


def _head(rounds: int) -> list[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return [
        "# Performance",
        "",
        f"Written by `python -m benchmarks.performance`, {datetime.now(UTC):%Y-%m-%d}. Each figure is the median of"
        f" {rounds} rounds, in which everything that is compared runs by turns;"
        " generation, first findings and stock Schemathesis run once.",
        "",
        f"{_machine()}{_load()}, Python {platform.python_version()}, {versions}.",
        "",
        "Other programs that run beside the benchmark, as a load average above the number of cores says, make every"
        " figure worse; ratios within a table compare.",
        "",
    ]


def _machine() -> str:
    try:
        models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    except OSError:
        models = []
    name = models[0].partition(": ")[2] if models else platform.processor()
    return f"{name}, {len(models)} cores, {platform.system()} {platform.release()}"


def _load() -> str:
    """How busy the machine was, this program included; CPU seconds grow with that, too."""
    return f", load average {os.getloadavg()[2]:.1f}" if hasattr(os, "getloadavg") else ""


if __name__ == "__main__":
    main()
