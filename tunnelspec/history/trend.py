"""The trend page: outcomes over time for each area, and what changed from each run to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from tunnelspec.history.charts import NAMES, chart
from tunnelspec.history.diff import Diff, diff
from tunnelspec.history.diff_text import sentence_of
from tunnelspec.printable import counted
from tunnelspec.record.document import Record, RecordError, read
from tunnelspec.report import expected_failures
from tunnelspec.report.summary import verdict_sentence
from tunnelspec.report.table import areas
from tunnelspec.text_file import write_text

#: Most runs that a chart has room for; older ones are counted.
MOST_RUNS = 120
#: Cases named for each kind of change.
_MOST_NAMED = 30


def read_all(directory: Path) -> list[Record]:
    """Every run record below a directory, the oldest first; other files are passed over.

    Raises RecordError where there is none.
    """
    records = []
    for path in sorted(directory.rglob("*.json")):
        try:
            records.append(read(path))
        except RecordError:
            continue
    if not records:
        raise RecordError(f"There is no run record below {directory}.")
    return sorted(records, key=lambda record: str(record["run"]["started"]))


def write(records: Sequence[Record], path: Path) -> None:
    """Write the page. Raises OSError."""
    write_text(path, render(records))


def render(records: Sequence[Record]) -> str:
    """The page of these records, the oldest first; there is at least one."""
    # Here, so that a command that writes no page does not wait for the template engine.
    from tunnelspec.report.html.environment import page

    drawn = records[-MOST_RUNS:]
    named = list(dict.fromkeys(area for record in reversed(drawn) for area in areas(record)))
    charts = [chart(area, drawn) for area in named]
    changes = [(new, made) for old, new in reversed(list(pairwise(drawn))) if (made := diff(old, new)).is_change]
    quiet = len(drawn) - 1 - len(changes)
    older = len(records) - len(drawn)
    return page(
        "trend.html.j2",
        "tunnelspec: trend",
        state="fail" if expected_failures.new_failures(drawn[-1]) else "pass",
        verdict=verdict_sentence(drawn[-1]),
        runs=f"{counted(len(drawn), 'run')},",
        first=drawn[0]["run"]["started"],
        last=drawn[-1]["run"]["started"],
        older=f" {counted(older, 'older one')} {'is' if older == 1 else 'are'} not drawn." if older else "",
        names=NAMES,
        total=chart("", drawn),
        charts=[item for item in charts if item.is_tested],
        untested=[item.area for item in charts if not item.is_tested],
        changes=[_change(made, new) for new, made in changes],
        quiet=quiet if quiet or len(drawn) == 1 else None,
        steps=len(drawn) - 1,
        table=[
            {"record": record, "count": Counter(expected_failures.state(case) for case in record["cases"])}
            for record in reversed(drawn)
        ],
    )


def _change(made: Diff, new: Record) -> dict[str, object]:
    """What changed from a run to the next, as the template shows it."""
    return {
        "started": new["run"]["started"],
        "kind": "fail" if made.new_failures else "pass" if made.fixed else "warn",
        "sentence": sentence_of(made),
        "settings": made.settings,
        "parts": list(_parts(made)),
    }


def _parts(made: Diff) -> Iterator[tuple[str, Sequence[object], int]]:
    for title, changes in made.parts():
        if changes:
            yield title.capitalize(), changes[:_MOST_NAMED], max(0, len(changes) - _MOST_NAMED)
