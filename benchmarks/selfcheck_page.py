"""Writes docs/selfcheck.md from what `tunnelspec selfcheck` wrote.

    python -m benchmarks.selfcheck_page SELFCHECK.JSON

The page is a function of that file and of the versions of what is installed. What each fault and variant does is in
docs/reference/faults.md.
"""

from __future__ import annotations

import json
import platform
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docs.generate.markdown import code, escaped, table
from tunnelspec.report.selfcheck import sentence
from tunnelspec.selfcheck import REFERENCE

PAGE = Path(__file__).parents[1] / "docs" / "selfcheck.md"
_SHOWN = 20


def page(result: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    figures, faults = result["figures"], result["faults"]
    seeded = Counter(kill["defect_class"] for kill in faults)
    killed = Counter(kill["defect_class"] for kill in faults if kill["verdict"] == "killed")
    missed = [kill for kill in faults if kill["verdict"] != "killed"]
    longest = sorted(faults, key=lambda kill: -kill["requests"])[:_SHOWN]
    variants: dict[str, list[str]] = {}
    for run in result["variants"]:
        variants.setdefault(run["variant"], []).extend(run["false_positives"])
    parts = [
        "# Seeded faults and conforming variants\n",
        "Written by `nox -s nightly`. Each seeded fault changes the reference emulator in a few lines and names the"
        " case that must detect it. Each conforming variant does what AWS's sources allow or leave unspecified, and"
        " must not be flagged. [The catalogue](reference/faults.md) says what each of them does.\n",
        f"{sentence(result)}\n",
        "Median to the first finding, in one process and without a network:"
        f" {figures['median_requests_to_first']:.0f} requests, {figures['median_seconds_to_first']:.2f} s.\n",
        f"{datetime.now(UTC):%Y-%m-%d}, tunnelspec {version('tunnelspec')}, Hypothesis {version('hypothesis')},"
        f" Python {platform.python_version()}, {result['seconds']:.0f} s.\n",
        "## Faults by kind of defect\n",
        table(
            ("kind of defect", "seeded", "killed by the case they name"),
            [(escaped(kind), str(count), str(killed[kind])) for kind, count in seeded.most_common()],
        ),
        "## Misses\n",
        _faults(missed) if missed else "None.\n",
        f"## The {_SHOWN} faults that take the most requests\n",
        _faults(longest),
        "## Variants\n",
        f"{figures['variant_runs'] // len(variants)} seeds each for the reference emulator and these variants:"
        f" {', '.join(code(name) for name in variants if name != REFERENCE)}.\n",
        *(f"* {code(name)} is flagged: {escaped('; '.join(found))}\n" for name, found in variants.items() if found),
    ]
    return "\n".join(parts)


def _faults(kills: Sequence[Mapping[str, Any]]) -> str:
    head = ("fault", "what is wrong", "detected by", "requests to the first finding")
    rows = [
        (code(kill["fault"]), escaped(kill["sentence"]), code(kill["named"] or kill["verdict"]), str(kill["requests"]))
        for kill in kills
    ]
    return table(head, rows)


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
