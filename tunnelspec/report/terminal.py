"""What a person reads at the end of a run: a table of defects, the first three in full, and what to do next.

On a terminal it fits 80 columns, and a bad target's summary 60 lines. Piped, no line is wrapped. Commands
are never wrapped. Every line begins with our own words, so that nothing that a target sent is taken for a
command by a CI system.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from rich.console import Console

from tunnelspec.printable import counted
from tunnelspec.record.document import Record
from tunnelspec.report import escape, expected_failures
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.kinds import KINDS
from tunnelspec.report.levels import not_tested, reached, scores
from tunnelspec.report.lines import Line, print_line, wrapped
from tunnelspec.report.matrix_lines import matrix_lines
from tunnelspec.report.summary import (
    finding_rows,
    further_rounds,
    not_implemented,
    title,
    untested,
    verdict_sentence,
    where,
)

#: Defects in full, and lines of a sequence of calls, unless everything is asked for.
MOST_IN_FULL, MOST_CALLS = 3, 4
#: Lines of 80 columns that the summary takes then: the table of defects has what the rest leaves, but never fewer rows.
MOST_LINES, FEWEST_LISTED, _COLUMNS = 50, 4, 80
#: Cases that show a defect, named below it.
MOST_NAMED = 3
#: A line longer than this is cut here; the record holds it whole.
LONGEST_LINE = 1500
_LABEL = 10


class Verbosity(IntEnum):
    """How much is printed: the verdict, the first defects, or everything."""

    QUIET = -1
    NORMAL = 0
    ALL = 1


def show(
    record: Record,
    console: Console,
    verbosity: int = Verbosity.NORMAL,
    since: str = "",
    directory: Path | None = None,
) -> None:
    """Print the summary of a record. `since` is a sentence about what changed since the last run, `directory`
    where the reports are.
    """
    for line in lines(record, verbosity, since, directory):
        print_line(line, console)


def lines(
    record: Record, verbosity: int = Verbosity.NORMAL, since: str = "", directory: Path | None = None
) -> Iterator[Line]:
    """The summary of a record, line by line."""
    end = [Line(since)] if since else []
    end += _verdict(record)
    if verbosity == Verbosity.QUIET:
        yield from end
        return
    everything = verbosity >= Verbosity.ALL
    defects = [cause for cause in causes(record) if cause.kind != "known"]
    full = list(_in_full(record, defects, directory, everything=everything))
    notes = [*matrix_and_notes(record, verbosity), *end, *next_step(record)]
    room = MOST_LINES - sum(len(wrapped(line, _COLUMNS)) for line in (*full, *notes))
    yield from _table(defects, len(defects) if everything else max(FEWEST_LISTED, room), everything=everything)
    yield from (*full, *notes)


def _table(found: list[Cause], most: int, *, everything: bool) -> Iterator[Line]:
    """One line a defect."""
    if found:
        warnings = sum(cause.kind == "warn" for cause in found)
        counts = (("defect", len(found) - warnings), ("warning", warnings))
        listed = " and ".join(counted(number, noun) for noun, number in counts if number)
        yield Line(f"{listed}, the most important first", "bold")
    for number, cause in enumerate(found[:most], 1):
        kind = KINDS[cause.kind]
        operations = where(cause) if len(cause.operations) == 1 else f"{len(cause.operations)} operations"
        tail = f"{operations}, {counted(len(cause.cases), 'case')}"
        text = f"{kind.symbol}{number:>3} {cause.level:<6} {title(cause)}"
        yield Line(text, kind.style, 12, most_lines=0 if everything else 1, tail=tail)
    if len(found) > most:
        yield Line(f"  and {len(found) - most} more: -v shows all")


def _in_full(record: Record, found: list[Cause], directory: Path | None, *, everything: bool) -> Iterator[Line]:
    """Each defect in full, or the first ones. What is not implemented, its author knows."""
    chosen = list(enumerate(found, 1))
    if not everything:
        chosen = ([pair for pair in chosen if pair[1].kind != "missing"] or chosen)[:MOST_IN_FULL]
    for number, cause in chosen:
        yield from [Line("")] if everything else []
        yield from cause_lines(record, cause, number, directory, everything=everything)


def cause_lines(
    record: Record, cause: Cause, number: int, directory: Path | None = None, *, everything: bool = True
) -> Iterator[Line]:
    """A defect in full: the violated rule, the smallest example, the cases affected, how to reproduce it."""
    kind = KINDS[cause.kind]
    yield Line(f"{kind.symbol} {number}. {title(cause)}", f"bold {kind.style}", 5, most_lines=0 if everything else 1)
    rows = finding_rows(record, cause.finding)
    names = [case["id"] for case in cause.cases]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    cases = ("cases", escape.one_line(", ".join(names[:MOST_NAMED])) + more)
    sources = "; ".join(escape.one_line(cite["url"] or cite["title"]) for cite in cause.finding["cites"][:2])
    commands = [text for label, text in rows if label == "reproduce"]
    rows = [row for row in rows if row[0] not in ("source", "reproduce")]
    if not everything:
        calls = [row for row in rows if row[0].startswith("call ")]
        # The first call opens what the others are about.
        left_out = calls[1 : 1 - MOST_CALLS] if len(calls) > MOST_CALLS else []
        rows = [row for row in rows if row not in left_out and row[0] != "response"]
        if cause.finding["expected"] == cause.title and cause.kind != "wrong-error":
            rows = rows[1:]
    for label, text in [*rows, cases, ("source", sources)]:
        most = 0 if everything else 2 if label == "expected" else 1
        yield Line(f"  {label:<{_LABEL}}{_cut(text)}", "", 2 + _LABEL, most_lines=most)
    if directory is not None and not everything:
        own = "" if directory == Path("tunnelspec-report") else f" --report-dir {shlex.quote(str(directory))}"
        commands = [f"tunnelspec reproduce {number}{own}"]
    for command in commands:
        yield Line(f"  {'reproduce':<{_LABEL}}{command}", is_command=True)


def matrix_and_notes(record: Record, verbosity: int) -> Iterator[Line]:
    """What was not tested and why, what is known, the matrix and the levels."""
    yield Line("")
    everything = verbosity >= Verbosity.ALL
    rows = sorted(untested(record), key=lambda row: -row[2])
    for outcome, reason, count in rows if everything else rows[:1]:
        text = f"{KINDS[outcome].symbol} {count} {outcome}: {escape.one_line(reason)}"
        more = sum(row[2] for row in rows[1:])
        tail = f"{more} more: -v says why" if more and not everything else ""
        yield Line(text, most_lines=0 if everything else 1, tail=tail)
    for line in expected_failures.lines(record):
        yield Line(f"{KINDS['known'].symbol} {escape.one_line(line)}")
    for line in not_implemented(record) if everything else ():
        yield Line(f"{KINDS['missing'].symbol} not implemented: {escape.one_line(line)}")
    yield from (Line(text) for text in matrix_lines(record, everything=everything))
    yield Line("levels  " + _levels(record), "", 8)


def _levels(record: Record) -> str:
    """How many cases of each level pass, and up to which level all do."""
    levels = scores(record)
    parts = []
    for score in levels:
        count = f"{score.passed}/{score.tested}" if score.tested and not score.not_tested else "not tested"
        parts.append(f"{KINDS[score.kind].symbol} {escape.one_line(score.level, 40)} {count}")
    highest = reached(levels)
    end = f"all levels pass through {escape.one_line(highest, 40)}" if highest else "no level passes completely"
    return f"{', '.join(parts)}; {end}"


def _verdict(record: Record) -> Iterator[Line]:
    run = record["run"]
    facts = (
        f"{counted(len(record['cases']), 'case')}, {counted(run['requests'], 'request')} in {run['duration_s']:.1f} s"
    )
    yield Line(f"{facts}, depth {escape.one_line(run['depth'], 40)}, seed {run['seed']}")
    if further_rounds(record):
        yield Line(escape.one_line(further_rounds(record), escape.LONGEST))
    if expected_failures.drafts(record):
        yield Line(escape.one_line(expected_failures.drafts(record)))
    bad = bool(expected_failures.new_failures(record))
    unclear = run.get("stopped") or not_tested(record)
    style = "bold red" if bad else "bold yellow" if unclear else "bold green"
    yield Line(escape.one_line(verdict_sentence(record), escape.LONGEST), style)
    for sentence in expected_failures.problems(record):
        yield Line(f"baseline: {escape.one_line(sentence, 600)}", "bold red")


def next_step(record: Record) -> Iterator[Line]:
    """What to fix first, and what to run then."""
    new = [cause for cause in causes(record) if cause.kind in ("missing", "fail", "wrong-error")]
    if not new:
        return
    # What is not implemented is known to its author, and explains no other failure.
    broken = [pair for pair in enumerate(new, 1) if pair[1].kind != "missing"] or list(enumerate(new, 1))
    number, first = broken[0]
    failed = {name for _, cause in broken for name in _failing(cause)}
    affected = len(_failing(first))
    text = f"Fix {number} first: it affects {affected:,} of {counted(len(failed), 'failed case')}. Then:"
    yield Line(f"{text} tunnelspec run --failed", "bold", is_command=True)


def _failing(cause: Cause) -> list[str]:
    return [case["id"] for case in cause.cases if case["outcome"] == "fail"]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"
