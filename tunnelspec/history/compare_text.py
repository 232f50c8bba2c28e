"""A comparison of two targets as plain data, on a terminal of 80 columns, and as a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tunnelspec.history.compare import SCHEMA, Comparison, Difference, by_difference
from tunnelspec.printable import counted
from tunnelspec.report.escape import printable
from tunnelspec.text_file import write_text

#: Cases named for one difference on a terminal, and on a page; the JSON names them all.
_MOST_NAMED, _MOST_LISTED = 3, 60
#: Differences printed on a terminal.
_MOST_PRINTED = 40
#: A value longer than this is cut on a terminal.
_LONGEST = 300


def plain(
    made: Comparison, a: Mapping[str, object], b: Mapping[str, object], run: Mapping[str, object]
) -> dict[str, object]:
    """The comparison as plain data; `a` and `b` describe the targets, `run` what was sent."""
    groups = [
        {"kind": first.kind, "path": first.path, "a": first.a, "b": first.b, "cases": names}
        for first, names in by_difference(made.differences)
    ]
    return {
        "schema": SCHEMA,
        "a": dict(a),
        "b": dict(b),
        "run": dict(run),
        "agree": made.agree,
        "differ": len(made.differing),
        "not_compared": made.not_compared,
        "groups": groups,
        "differences": [asdict(item) for item in made.differences],
    }


def write(result: Mapping[str, Any], made: Comparison, directory: Path) -> None:
    """Write `comparison.json` and `comparison.html`. Raises OSError."""
    write_text(directory / "comparison.json", json.dumps(result, indent=1) + "\n")
    write_text(directory / "comparison.html", render(result, made))


def sentence(result: Mapping[str, Any]) -> str:
    """The result in a sentence."""
    differ, agree, left = result["differ"], result["agree"], len(result["not_compared"])
    compared = differ + agree
    if not compared:
        return "No case could be compared."
    if differ:
        verdict = f"They differ in {differ} of {counted(compared, 'compared case')}"
    else:
        verdict = f"They agree in {'all ' * (compared > 1)}{counted(compared, 'compared case')}"
    return f"{verdict}{f'; {left} could not be compared' if left else ''}."


def show(result: Mapping[str, Any], made: Comparison, console: Console) -> None:
    """Print the differences, each once with its cases, and the result in a sentence."""
    groups = by_difference(made.differences)
    for first, names in groups[:_MOST_PRINTED]:
        console.print(Text(f"≠ {_what(first)}", style="bold yellow"))
        _row("A", first.a, console)
        _row("B", first.b, console)
        named = names[:_MOST_NAMED]
        for number, name in enumerate(named):
            _row("in" if number == 0 else "", name, console)
        if len(names) > len(named):
            _row("", f"and {len(names) - len(named)} more", console)
    if len(groups) > _MOST_PRINTED:
        console.print(Text(f"and {len(groups) - _MOST_PRINTED} other differences, in comparison.json"))
    for why, count in _reasons(result).items():
        console.print(Text(printable(f"? {count} not compared: {why}")))
    console.print(Text(f"A {result['a']['endpoint']}\nB {result['b']['endpoint']}"))
    console.print(Text(sentence(result), style="bold yellow" if result["differ"] else "bold green"))


def _what(item: Difference) -> str:
    words = {"outcome": "outcome of the case", "finding": "finding of the case"}.get(item.kind, item.kind)
    return printable(f"{words} {item.path}".strip())


def _row(label: str, words: str, console: Console) -> None:
    shown = printable(words).replace("\n", " ")
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=4, style="dim", justify="right")
    grid.add_column(overflow="fold")
    grid.add_row(label, Text(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"))
    console.print(grid)


def _reasons(result: Mapping[str, Any]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for why in result["not_compared"].values():
        reasons[why] = reasons.get(why, 0) + 1
    return reasons


def render(result: Mapping[str, Any], made: Comparison) -> str:
    """The comparison as one HTML page."""
    # Here, so that a command that writes no page does not wait for the template engine.
    from tunnelspec.report.html.environment import page

    return page(
        "comparison.html.j2",
        "tunnelspec: comparison",
        result=result,
        sentence=sentence(result),
        state="warn" if result["differ"] else "pass",
        areas=_areas(made),
        groups=[_group(first, names, made) for first, names in by_difference(made.differences)],
        reasons=_reasons(result),
    )


def _areas(made: Comparison) -> dict[str, Counter[str]]:
    """How many cases of each area differ, agree, or were not compared."""
    areas: dict[str, Counter[str]] = {}
    for kind, names in (("differ", made.differing), ("agree", made.agreeing), ("not compared", made.not_compared)):
        for name in names:
            areas.setdefault(name.partition("/")[0], Counter())[kind] += 1
    return areas


def _group(first: Difference, names: Sequence[str], made: Comparison) -> dict[str, object]:
    calls = {item.case: item for item in made.differences if (item.kind, item.path) == (first.kind, first.path)}
    return {
        "what": _what(first),
        "a": first.a,
        "b": first.b,
        "count": len(names),
        "cases": [(name, _call(calls[name])) for name in names[:_MOST_LISTED]],
        "more": max(0, len(names) - _MOST_LISTED),
    }


def _call(item: Difference) -> str:
    return f"{item.call}: {item.asked}" if item.call and item.asked else item.asked
