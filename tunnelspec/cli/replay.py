"""`tunnelspec replay` and `tunnelspec promote`: findings sent again, or kept so that every run sends them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import (
    FAILED,
    FILE,
    NO_VERDICT,
    PASSED,
    PATH,
    document_option,
    examples_option,
    main,
)
from tunnelspec.cli.selection import build_suite
from tunnelspec.cli.settings import target_options
from tunnelspec.cli.stopping import stopping
from tunnelspec.contract import load
from tunnelspec.names import matches
from tunnelspec.printable import counted
from tunnelspec.record import document as record
from tunnelspec.record.recorder import record_of
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.summary import finding_lines, title
from tunnelspec.runner.case import Result
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.settings import ConfigurationError, Settings
from tunnelspec.runner.target import JOURNAL, open_target
from tunnelspec.suite import DEPTHS, ReplayCase, add_examples, again, findings, promotable
from tunnelspec.verdict import Outcome

_FIXED, _STILL, _UNKNOWN = "fixed", "still fails", "no verdict"
_SIGNS = {_FIXED: "✓", _STILL: "✗", _UNKNOWN: "?"}
record_argument = click.argument("file", metavar="RECORD", type=PATH)
names_argument = click.argument("names", metavar="[CASE]...", nargs=-1)


@main.command()
@record_argument
@names_argument
@target_options
@document_option
@examples_option
def replay(
    file: Path,
    names: tuple[str, ...],
    settings: Settings,
    document: Path | None,
    examples: tuple[Path, ...],
) -> None:
    """Send the findings of a record again.

    CASE is a name or a glob; without any, all findings are sent, to the endpoint of the record unless
    another is given. Exits with 0 if all are fixed, 1 if some still fail, 3 if some have no verdict.
    """
    run_record = record.read(file)
    contract = load(document)
    rows = _chosen(run_record, names)
    seed, depth = int(run_record["run"]["seed"]), str(run_record["run"]["depth"])
    suite = build_suite(contract, depth=depth if depth in DEPTHS else "quick", seed=seed, examples=examples)
    by_name = {case.id: case for case in suite}
    jobs = [job for row in rows for job in again(contract, row, by_name)]
    settings = replace(
        settings,
        endpoint_url=settings.endpoint_url or run_record["target"]["endpoint"],
        region=settings.region or run_record["target"]["region"],
    )
    console = Console(soft_wrap=True)
    if run_record["suite"].get("contract") != contract.digest:
        console.print("The contract document is another than that of the record.")
    with (
        open_target(settings, contract, file.parent / JOURNAL) as target,
        stopping(target.budget.stop, target.budget.abandon),
    ):
        console.print(f"sending to {target.url}, seed {seed}, depth {depth}")
        run = run_cases(contract, [job.case for job in jobs if job.case], target.make_session, probes=[])
        results = {item.case.id: item for item in run.results}
        replayed = record_of(run, target, seed=seed, depth=depth, started=datetime.now(UTC))
    chosen: record.Record = {**run_record, "cases": rows}  # type: ignore[typeddict-item]  # rows of this very record
    sys.exit(_show(chosen, replayed, jobs, results, console))


def _show(
    chosen: record.Record,
    replayed: record.Record,
    jobs: Sequence[ReplayCase],
    results: Mapping[str, Result],
    console: Console,
) -> int:
    """Print what became of each defect; the exit status."""
    findings_now = {row["id"]: row["findings"] for row in replayed["cases"]}
    counts: Counter[str] = Counter()
    explained = set[str]()
    failed = False
    for cause in causes(chosen):
        word, reason, names_of = _of_defect(cause, jobs, results, findings_now)
        counts[word] += 1
        explained.update(names_of)
        count = f"{len(names_of)} of {counted(len(cause.cases), 'case')}: {names_of[0]}" if names_of else reason
        console.print(f"{_SIGNS[word]} {word}: {title(cause)}" + (f" ({count})" if count else ""))
        if word == _STILL:
            failed |= cause.kind != "warn"
            shown = next(item for item in findings_now[names_of[0]] if _is_of(cause, item))
            console.print("\n".join(finding_lines(shown, replayed)))
    other = [name for name, item in results.items() if item.outcome is Outcome.FAIL and name not in explained]
    if other:
        console.print(f"✗ {counted(len(other), 'case')} now fail{'s' * (len(other) == 1)} by another rule: {other[0]}")
    words = f"{counts[_FIXED]} fixed, {counts[_STILL]} left, {counts[_UNKNOWN]} no verdict"
    console.print(f"{counted(sum(counts.values()), 'defect')}: {words}")
    if failed or other:
        return FAILED
    return NO_VERDICT if counts[_UNKNOWN] else PASSED


def _of_defect(
    cause: Cause,
    jobs: Iterable[ReplayCase],
    results: Mapping[str, Result],
    now: Mapping[str, Sequence[record.RecordedFinding]],
) -> tuple[str, str, list[str]]:
    """What became of a defect, why it could not be tested, and the cases in which it still shows."""
    # A search's findings are sent one by one: `name#2`.
    mine = [job for job in jobs if job.id.partition("#")[0] in {case["id"] for case in cause.cases}]
    became = {job.id: _became(job, results.get(job.id)) for job in mine}
    still = [name for name in became if any(_is_of(cause, finding) for finding in now.get(name, ()))]
    if still:
        return _STILL, "", still
    reasons = [reason for word, reason in became.values() if word == _UNKNOWN]
    if not reasons and {finding.get("reproduces") for _, finding in cause.evidence} <= {"once", "beside"}:
        reasons = ["it did not show again alone when it was observed, so that its absence proves nothing"]
    return (_UNKNOWN, reasons[0], []) if reasons else (_FIXED, "", [])


def _is_of(cause: Cause, finding: record.RecordedFinding) -> bool:
    """Whether a finding is of this defect: the same rule, and a requirement that it violated before."""
    return finding["check"] == cause.rule and finding["expected"] in {old["expected"] for _, old in cause.evidence}


def _became(job: ReplayCase, item: Result | None) -> tuple[str, str]:
    """The state of a finding, and why it has no verdict."""
    if job.case is None or item is None:
        return _UNKNOWN, "this version and document have no such case, and the record has no calls of it"
    if item.outcome is Outcome.FAIL or (item.outcome is Outcome.WARN and job.outcome == "warn"):
        return _STILL, ""
    if item.outcome in (Outcome.PASS, Outcome.WARN):
        return _FIXED, ""
    return _UNKNOWN, item.reason


@main.command()
@record_argument
@names_argument
@click.option(
    "--file",
    "kept",
    type=FILE,
    default=Path("tunnelspec-examples.json"),
    show_default=True,
    help="File of examples to add to.",
)
def promote(file: Path, names: tuple[str, ...], kept: Path) -> None:
    """Keep the smallest requests of a record's findings as examples.

    `tunnelspec run --examples FILE` then sends them in every run, as cases of their own. Nothing is
    sent now.
    """
    rows = _chosen(record.read(file), names)
    examples = [example for example, _ in promotable(rows)]
    if not examples:
        raise ConfigurationError(
            f"{rows[0]['id']} has no calls that could be kept: it is malformed or long on purpose, and every"
            " run sends it under this name anyway."
        )
    added = add_examples(kept, examples)
    for example in added:
        click.echo(example.id)
    click.echo(
        f"{len(added)} added to {kept}" + (f", {same} there already" if (same := len(examples) - len(added)) else "")
    )


def _chosen(made: Mapping[str, Any], names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The findings of a record that are asked for. Raises ConfigurationError for a name without one."""
    rows = findings(made)
    for name in names:
        if not _matching(rows, name):
            passed = any(row["id"] == name for row in made["cases"])
            why = "broke no rule in it" if passed else "is not in it"
            raise ConfigurationError(f"The record has no finding to take: {name} {why}.")
    if not rows:
        raise ConfigurationError("The record has no findings: no case of it broke a rule.")
    return [row for row in rows if not names or any(_matching([row], name) for name in names)]


def _matching(rows: Iterable[Mapping[str, Any]], name: str) -> bool:
    return any(matches(row["id"], name) for row in rows)
