"""Which cases a command is about: `--select`, `--exclude`, `--operation`, `--area`, `--level`, `--failed`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import click

from tunnelspec.cli.group import option_group, select_option
from tunnelspec.cli.loading import loading
from tunnelspec.contract import Contract
from tunnelspec.errors import UserError
from tunnelspec.names import matches, matches_any
from tunnelspec.record import document as record
from tunnelspec.runner.case import Case
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.suite import UnknownCase, build

_OPTIONS = (
    select_option,
    click.option("--exclude", multiple=True, metavar="GLOB", help="Not the cases whose name matches."),
    click.option("--operation", "operations", multiple=True, metavar="NAME", help="Only cases of this operation."),
    click.option("--area", "areas", multiple=True, metavar="NAME", help="Only cases of this area, such as tags."),
    click.option("--level", "levels", multiple=True, metavar="NAME", help="Only cases of this level, such as wire."),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice of cases: those that fit every option given; an option given twice takes either."""

    globs: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    def of(self, cases: Sequence[Case]) -> list[Case]:
        """The cases chosen, in their order. Raises UnknownCase for a name or glob that fits none of them."""
        names = [case.id for case in cases]
        for glob in (*self.globs, *self.exclude):
            if not any(matches(name, glob) for name in names):
                raise UnknownCase(f"No case is named '{glob}'{_hint(glob, names)} See `tunnelspec cases`.")
        _known("operation", self.operations, {case.operation for case in cases})
        _known("area", self.areas, {case.area for case in cases})
        _known("level", self.levels, {case.level for case in cases})
        chosen = [case for case in cases if self._includes(case)]
        if not chosen:
            raise UnknownCase("No case fits all of these options together; see `tunnelspec cases`.")
        return chosen

    def _includes(self, case: Case) -> bool:
        return (
            (not self.globs or matches_any(case.id, self.globs))
            and not matches_any(case.id, self.exclude)
            and (not self.operations or case.operation in self.operations)
            and (not self.areas or case.area in self.areas)
            and (not self.levels or case.level in self.levels)
        )


selection_options = option_group("selection", Selection, *_OPTIONS)


def build_suite(
    contract: Contract, *, depth: str = "quick", seed: int = 0, examples: Iterable[Path] = ()
) -> list[Case]:
    """Every case of the suite, drawn from in a process that is ours alone. Raises ExampleError."""
    ignore_local_constants()
    with loading():
        return build(contract, depth=depth, seed=seed, examples=examples)


def failed_last(report_dir: Path, cases: Sequence[Case]) -> list[Case]:
    """The cases that failed in the last run of this report directory.

    Raises RecordError without a record, UserError where nothing failed.
    """
    rows = record.read(report_dir / "record.json")["cases"]
    failed = {row["id"] for row in rows if row["outcome"] == "fail"}
    chosen = [case for case in cases if case.id in failed]
    if not chosen:
        raise UserError(f"No case failed in the last run of {report_dir}: run without --failed.")
    return chosen


def _known(what: str, given: Iterable[str], known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise UnknownCase(f"There is no {what} '{name}'{_hint(name, known)} There are {', '.join(sorted(known))}.")


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"; did you mean '{close[0]}'?" if close else "."
