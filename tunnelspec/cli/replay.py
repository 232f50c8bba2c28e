"""`tunnelspec replay` and `tunnelspec promote`: findings sent again, or kept so that every run sends them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import (
    FAILED,
    NO_VERDICT,
    PASSED,
    document_option,
    examples_option,
    main,
    sentences,
)
from tunnelspec.cli.selection import build_suite
from tunnelspec.cli.settings import target_options
from tunnelspec.cli.stopping import stopping
from tunnelspec.contract import load
from tunnelspec.record import document as record
from tunnelspec.record.recorder import record as make_record
from tunnelspec.report.summary import finding_lines
from tunnelspec.runner.case import Result
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.target import JOURNAL, ConfigurationError, Settings, open_target
from tunnelspec.suite import DEPTHS, ReplayCase, add_examples, again, findings, promotable
from tunnelspec.verdict import Outcome

_FIXED, _STILL, _UNKNOWN = "fixed", "still fails", "could not be judged"
_SIGNS = {_FIXED: "✓", _STILL: "✗", _UNKNOWN: "?"}
record_argument = click.argument("file", metavar="RECORD", type=click.Path(path_type=Path))
names_argument = click.argument("names", metavar="[CASE]...", nargs=-1)


@main.command()
@record_argument
@names_argument
@target_options
@document_option
@examples_option
@sentences
def replay(
    file: Path,
    names: tuple[str, ...],
    settings: Settings,
    document: Path | None,
    examples: tuple[Path, ...],
) -> None:
    """Send the findings of a record again.

    CASE is a name or a glob; without any, all findings are sent, to the endpoint of the record unless
    another is given. Exits with 0 if all are fixed, 1 if some still fail, 3 if some could not be judged.
    """
    made = record.read(file)
    contract = load(document)
    rows = _chosen(made, names)
    seed, depth = int(made["run"]["seed"]), str(made["run"]["depth"])
    suite = build_suite(contract, depth=depth if depth in DEPTHS else "quick", seed=seed, examples=examples)
    by_name = {case.id: case for case in suite}
    jobs = [job for row in rows for job in again(contract, row, by_name)]
    settings = replace(
        settings,
        endpoint_url=settings.endpoint_url or made["target"]["endpoint"],
        region=settings.region or made["target"]["region"],
    )
    console = Console(soft_wrap=True)
    if made["suite"].get("contract") != contract.digest:
        console.print("The contract document is another than that of the record.")
    counts: Counter[str] = Counter()
    with (
        open_target(settings, contract, file.parent / JOURNAL) as target,
        stopping(target.budget.stop, target.budget.abandon),
    ):
        console.print(f"sending to {target.url}, seed {seed}, depth {depth}")
        run = run_cases(contract, [job.case for job in jobs if job.case], target.make_session, probes=[])
        results = {item.case.id: item for item in run.results}
        told = make_record(
            run,
            contract,
            endpoint=target.url,
            region=target.endpoint.region,
            seed=seed,
            depth=depth,
            started=datetime.now(UTC),
            redact=target.redactor.text,
        )
        shown = {row["id"]: row for row in told["cases"]}
    for job in jobs:
        word, reason = _became(job, results.get(job.case.id) if job.case else None)
        counts[word] += 1
        console.print(f"{_SIGNS[word]} {word}: {job.id}" + (f" ({reason})" if reason else ""), markup=False)
        for finding in shown[job.id]["findings"][:1] if word == _STILL else ():
            console.print("\n".join(finding_lines(finding)), markup=False)
    console.print(f"{len(jobs)} findings: " + ", ".join(f"{counts[word]} {word}" for word in _SIGNS), markup=False)
    if any(_became(job, results.get(job.id))[0] == _STILL for job in jobs if job.outcome == "fail"):
        sys.exit(FAILED)
    sys.exit(NO_VERDICT if counts[_UNKNOWN] else PASSED)


def _became(job: ReplayCase, item: Result | None) -> tuple[str, str]:
    """What became of a finding, and why it could not be judged."""
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
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("tunnelspec-examples.json"),
    show_default=True,
    help="File of examples to add to.",
)
@sentences
def promote(file: Path, names: tuple[str, ...], kept: Path) -> None:
    """Keep the smallest requests of a record's findings as examples.

    `tunnelspec run --examples FILE` then sends them in every run, as cases of their own. Nothing is
    sent now.
    """
    rows = _chosen(record.read(file), names)
    made = [example for example, _ in promotable(rows)]
    if not made:
        raise ConfigurationError(
            f"{rows[0]['id']} has no calls that could be kept: it is malformed or long on purpose, and every"
            " run sends it under this name anyway."
        )
    added = add_examples(kept, made)
    for example in added:
        click.echo(example.id)
    click.echo(
        f"{len(added)} added to {kept}" + (f", {same} there already" if (same := len(made) - len(added)) else "")
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
    return any(row["id"] == name or fnmatchcase(row["id"], name) for row in rows)
