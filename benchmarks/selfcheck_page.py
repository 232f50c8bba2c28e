"""Writes docs/selfcheck.md from what `tunnelspec selfcheck` wrote.

    python -m benchmarks.selfcheck_page SELFCHECK.JSON

The page is a function of that file, of the catalogue of faults, and of the versions of what is installed.
"""

from __future__ import annotations

import json
import platform
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tunnelspec.faults import all_variants
from tunnelspec.report.selfcheck import sentence

PAGE = Path(__file__).parents[1] / "docs" / "selfcheck.md"


def page(result: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    figures = result["figures"]
    medians = (
        "Median to the first finding, in one process and without a network:"
        f" {figures['median_requests_to_first']:.0f} requests, {figures['median_seconds_to_first']:.2f} s."
    )
    lines = [
        "# Mutation test results",
        "",
        "Written by `nox -s nightly`. Each seeded fault changes the reference emulator in a few lines and names the"
        " case that must detect it. Each conforming variant does what AWS's sources allow or leave unspecified, and"
        " must not be flagged.",
        "",
        sentence(result),
        "",
        medians,
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, tunnelspec {version('tunnelspec')}, Hypothesis {version('hypothesis')},"
        f" Python {platform.python_version()}, {result['seconds']:.0f} s.",
        "",
        "## Faults by kind of defect",
        "",
        "| kind of defect | seeded | killed by the case they name |",
        "| --- | --- | --- |",
    ]
    seeded = Counter(kill["defect_class"] for kill in result["faults"])
    killed = Counter(kill["defect_class"] for kill in result["faults"] if kill["verdict"] == "killed")
    lines += [f"| {kind} | {count} | {killed[kind]} |" for kind, count in seeded.most_common()]
    lines += ["", "## Faults", "", "| fault | what is wrong | detected by | requests |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [_row(kill) for kill in result["faults"]]
    lines += ["", "## Conforming variants", "", "| variant | what is different | why it conforms | false positives |"]
    lines += ["| --- | --- | --- | --- |"]
    flagged = Counter[str]()
    for item in result["variants"]:
        flagged[item["variant"]] += len(item["false_positives"])
    lines += [
        f"| `{variant.id}` | {_cell(variant.sentence)} | {_cell(variant.why)} | {flagged[variant.id]} |"
        for variant in all_variants().values()
        if variant.id in flagged
    ]
    return "\n".join(lines) + "\n"


def _row(kill: Mapping[str, Any]) -> str:
    by = kill["named"] or kill["verdict"]
    return f"| `{kill['fault']}` | {_cell(kill['sentence'])} | `{by}` | {kill['requests']} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
