"""Writes docs/selfcheck.md from what `tunnelspec selfcheck` wrote: `selfcheck_page.py SELFCHECK.JSON`.

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
        "# The suite against itself",
        "",
        "Written by `nox -s nightly`. Each planted fault changes the embedded emulator in a few lines and"
        " names the case that must catch it; each legal variant does what AWS's sources allow or leave open,"
        " and must be accused of nothing.",
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
        "| kind of defect | planted | killed by the case they name |",
        "| --- | --- | --- |",
    ]
    planted = Counter(kill["defect_class"] for kill in result["faults"])
    killed = Counter(kill["defect_class"] for kill in result["faults"] if kill["verdict"] == "killed")
    lines += [f"| {kind} | {count} | {killed[kind]} |" for kind, count in planted.most_common()]
    lines += ["", "## Faults", "", "| fault | what is wrong | caught by | requests |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [_row(kill) for kill in result["faults"]]
    lines += ["", "## Legal variants", "", "| variant | what is different | why it is legal | accusations |"]
    lines += ["| --- | --- | --- | --- |"]
    accusations = Counter[str]()
    for item in result["variants"]:
        accusations[item["variant"]] += len(item["accusations"])
    lines += [
        f"| `{variant.id}` | {_cell(variant.sentence)} | {_cell(variant.why)} | {accusations[variant.id]} |"
        for variant in all_variants().values()
        if variant.id in accusations
    ]
    return "\n".join(lines) + "\n"


def _row(kill: Mapping[str, Any]) -> str:
    by = kill["named"] or kill["verdict"]
    return f"| `{kill['fault']}` | {_cell(kill['sentence'])} | `{by}` | {kill['requests']} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
