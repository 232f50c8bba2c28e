"""A comparison of two targets as plain data, on a terminal of 80 columns, and as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tunnelspec.history.compare import SCHEMA, Comparison, Difference, grouped
from tunnelspec.report.escape import printable
from tunnelspec.report.plain_page import page, text

#: Cases named for one difference on a terminal, and on a page; the JSON names them all.
_MOST_NAMED, _MOST_LISTED = 3, 200
#: Differences printed on a terminal.
_MOST_PRINTED = 40
#: A value longer than this is cut on a terminal.
_LONGEST = 300

STYLE = """
.difference dl { grid-template-columns: 7rem 1fr } .difference li { font-weight: 400; overflow-wrap: anywhere }
summary .what { font-weight: 600; display: inline }
.two { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
"""


def plain(
    made: Comparison, a: Mapping[str, object], b: Mapping[str, object], run: Mapping[str, object]
) -> dict[str, object]:
    """The comparison as plain data; `a` and `b` describe the targets, `run` what was sent."""
    groups = [
        {"kind": first.kind, "path": first.path, "a": first.a, "b": first.b, "cases": names}
        for first, names in grouped(made.differences)
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
    directory.mkdir(parents=True, exist_ok=True)
    # Escapes on purpose: a target may have sent lone surrogates, which UTF-8 cannot hold.
    (directory / "comparison.json").write_text(json.dumps(result, indent=1) + "\n", encoding="ascii")
    (directory / "comparison.html").write_text(render(result, made), encoding="utf-8")


def sentence(result: Mapping[str, Any]) -> str:
    """The result in a sentence."""
    differ, agree, left = result["differ"], result["agree"], len(result["not_compared"])
    compared = differ + agree
    if not compared:
        return "No case could be compared."
    if differ:
        verdict = f"They differ in {differ} of {compared} compared cases"
    else:
        verdict = f"They agree in all {compared} compared cases"
    return f"{verdict}{f'; {left} could not be compared' if left else ''}."


def show(result: Mapping[str, Any], made: Comparison, console: Console) -> None:
    """Print the differences, each once with its cases, and the result in a sentence."""
    groups = grouped(made.differences)
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
    words = {"outcome": "another verdict", "finding": "another finding"}.get(item.kind, item.kind)
    return printable(f"{words} {item.path}".strip())


def _row(label: str, words: str, console: Console) -> None:
    shown = printable(words).replace("\n", " ")
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=4, style="dim", justify="right")
    grid.add_column(overflow="fold")
    grid.add_row(label, Text(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"))
    console.print(grid)


def _reasons(result: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for why in result["not_compared"].values():
        found[why] = found.get(why, 0) + 1
    return found


def render(result: Mapping[str, Any], made: Comparison) -> str:
    """The comparison as one HTML page."""
    run = result["run"]
    groups = grouped(made.differences)
    reasons = "".join(f"<li>{count}: {text(why)}</li>" for why, count in _reasons(result).items())
    return page(
        "tunnelspec: comparison",
        STYLE,
        [
            "<header><h1>tunnelspec, two targets side by side</h1>",
            f'<p class="verdict {"warn" if result["differ"] else "pass"}">{text(sentence(result))}</p>',
            *(f'<p class="facts">{name.upper()}: {text(result[name]["endpoint"])}</p>' for name in "ab"),
            f'<p class="facts">depth {text(run["depth"])}, seed {text(run["seed"])},'
            f" {text(run['started'])}</p></header><main>",
            "<h2>Differences</h2>" if groups else "",
            *(_group(first, names, made, is_open=n < 5) for n, (first, names) in enumerate(groups)),
            f"<h2>Not compared</h2><ul>{reasons}</ul>" if reasons else "",
            "<h2>What this does not say</h2><p>Which of the two conforms: run the suite against each to"
            " see that. The wording of messages, the order of tags,"
            " ids, times and tokens are not compared.</p></main>",
        ],
    )


def _group(first: Difference, names: Sequence[str], made: Comparison, *, is_open: bool) -> str:
    calls = {item.case: item for item in made.differences if (item.kind, item.path) == (first.kind, first.path)}
    items = "".join(f"<li><code>{text(name)}</code>{_call(calls[name])}</li>" for name in names[:_MOST_LISTED])
    more = f"<li>and {len(names) - _MOST_LISTED} more</li>" if len(names) > _MOST_LISTED else ""
    return (
        f'<details{" open" if is_open else ""}><summary><span class="what">{text(_what(first))}</span>'
        f'<span class="two">A {text(first.a)}</span><span class="two">B {text(first.b)}</span>'
        f"<span>{len(names)} {'case' if len(names) == 1 else 'cases'}</span></summary>"
        f'<div class="difference finding"><ul>{items}{more}</ul></div></details>'
    )


def _call(item: Difference) -> str:
    call = f"{item.call}: " if item.call else ""
    return f"<br>{text(call + item.asked)}" if item.asked else ""
