"""What changed between two records, as text for a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tunnelspec.grouping import grouped
from tunnelspec.history.diff import Change, Diff
from tunnelspec.printable import counted

#: Cases named for one and the same change; the rest are counted, and stand in the JSON.
MOST_NAMED = 6
#: Different changes in each part.
MOST_PRINTED = 40
#: The symbol and style of each kind of change, in their order.
_MARKS = (("✗", "bold red"), ("?", "bold yellow"), ("✓", "bold green"), ("!", "bold yellow"), ("?", ""))
#: A sentence longer than this is cut; the records hold it whole.
LONGEST = 400


def show(made: Diff, console: Console) -> None:
    """Print what changed, the worst first, and the counts."""
    console.print(Text(f"old  {made.old}\nnew  {made.new}"))
    for sentence in made.settings:
        console.print(Text(f"note {sentence}", style="yellow"))
    for (title, changes), (symbol, style) in zip(made.parts(), _MARKS, strict=True):
        _part(title, symbol, style, changes, console)
    console.print()
    console.print(Text(sentence_of(made), style="bold red" if made.new_failures else "bold green"))


def sentence_of(made: Diff) -> str:
    """The counts in a sentence."""
    failures = len(made.new_failures)
    return (
        f"{counted(failures, 'new failure')}, {len(made.fixed)} fixed, {len(made.changed)}"
        f" changed, {len(made.newly_tested)} newly tested, {len(made.not_observed)} not observed,"
        f" {made.same} as before."
    )


def _part(title: str, symbol: str, style: str, changes: Sequence[Change], console: Console) -> None:
    """One kind of change: what is the same for several cases is printed once."""
    if not changes:
        return
    console.print(Text(f"\n{title}", style="bold"))
    groups = grouped(changes, lambda change: (change.old, change.new, change.words))
    for (old, new, words), same in list(groups.items())[:MOST_PRINTED]:
        for change in same[:MOST_NAMED]:
            _line(symbol, change.case, style, console)
        if len(same) > MOST_NAMED:
            _line(symbol, f"and {len(same) - MOST_NAMED} more", style, console)
        turn = f"{old} → {new}" if old != new else new
        _line("", f"{turn}: {_cut(words)}", "", console)
    rest = sum(len(same) for same in list(groups.values())[MOST_PRINTED:])
    if rest:
        _line("", f"and {counted(rest, 'other case')}", "", console)


def _line(symbol: str, words: str, style: str, console: Console) -> None:
    """A line that hangs under its symbol, and is broken anywhere: names have no spaces."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row(Text(symbol, style=style), Text(words, style=style))
    console.print(grid)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
