"""`tunnelspec run`: tests an endpoint, writes the reports, and gives the verdict as the exit status."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click

from tunnelspec.cli.baseline import RunBaseline, baseline_options
from tunnelspec.cli.corpus import Corpus, corpus_options
from tunnelspec.cli.group import (
    depth_option,
    document_option,
    examples_option,
    main,
    option_group,
    report_dir_option,
    seed_option,
)
from tunnelspec.cli.result import Output, output_options, status, write_reports
from tunnelspec.cli.selection import Selection, build_suite, failed_last, selection_options
from tunnelspec.cli.settings import target_options
from tunnelspec.cli.testing import Shard
from tunnelspec.cli.watch import is_watched, watch
from tunnelspec.cli.workers import WorkerOptions, test, worker_options
from tunnelspec.contract import load
from tunnelspec.fleet.coordinator import RunSpec
from tunnelspec.record.merge import digest, share
from tunnelspec.runner.bundled import chosen_endpoint, starting
from tunnelspec.runner.settings import Settings
from tunnelspec.suite import cost, enabled


def _most(fail_fast: bool, max_failures: int | None) -> int | None:
    return 1 if fail_fast else max_failures


@main.command()
@target_options
@depth_option
@seed_option
@selection_options
@click.option("--failed", "only_failed", is_flag=True, help="Only what failed in the last run of --report-dir.")
@option_group(
    "most_failures",
    _most,
    click.option("-x", "--fail-fast", is_flag=True, help="Stop at the first failure."),
    click.option(
        "--max-failures", type=click.IntRange(min=1), metavar="N", help="Stop after N failures [default: no limit]."
    ),
)
@document_option
@baseline_options
@examples_option
@corpus_options
@report_dir_option("tunnelspec-report")
@worker_options
@click.option("--shard", type=Shard(), help="Only a share of the cases, such as 2/3 [default: all].")
@click.option(
    "--allow-inconclusive", is_flag=True, help="Exit with 0 although a level is not tested: too much is inconclusive."
)
@click.option(
    "--watch",
    "watched",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Run again when files here change or the endpoint comes back; failed cases first.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@output_options
def run(
    settings: Settings,
    depth: str,
    seed: int,
    selection: Selection,
    only_failed: bool,
    most_failures: int | None,
    document: Path | None,
    baseline: RunBaseline,
    examples: tuple[Path, ...],
    corpus: Corpus,
    report_dir: Path,
    workers: WorkerOptions,
    shard: tuple[int, int] | None,
    allow_inconclusive: bool,
    watched: tuple[Path, ...],
    dry_run: bool,
    output: Output,
) -> None:
    """Test an endpoint and write the reports.

    Without an endpoint, the bundled emulator is tested. Exits with 1 if a case fails that the baseline
    does not list, with 3 if there is no verdict.
    """
    contract = load(document)
    if watched and not is_watched():
        where = chosen_endpoint(settings, contract)
        watch(watched, report_dir, where.url if where else None, [*sys.argv[1:], "--seed", str(seed)])
        return
    settings, examples = replace(settings, corpus=corpus.directory), (*examples, *corpus.examples)
    # The emulator starts while this process makes the cases.
    emulator = nullcontext(lambda: settings) if dry_run else starting(settings, contract)
    started = click.get_current_context().with_resource(emulator)
    suite = build_suite(contract, depth=depth, seed=seed, examples=examples)
    cases = enabled(selection.of(suite))
    if only_failed:
        cases = failed_last(report_dir, cases)
    selection_digest = digest([case.id for case in cases])
    if shard is not None:
        cases = [case for case in cases if share(case.id, shard[1]) == shard[0]]
    if dry_run:
        from tunnelspec.cli.plan import show_plan

        show_plan(contract, cases, settings, depth=depth, seed=seed, as_json=output.is_json)
        return
    names = tuple(case.id for case in cases)
    costs = tuple(sum(cost(case).calls.values()) for case in cases)
    whole = RunSpec(names, depth, seed, started(), report_dir, document, examples, most_failures, costs)
    finished = test(whole, contract, cases, workers, output.console())
    finished.record["run"]["selection"] = selection_digest
    if shard is not None:
        finished.record["run"]["shard"] = f"{shard[0]}/{shard[1]}"
    changed = write_reports(finished, baseline, [case.id for case in suite], report_dir)
    corpus.keep(finished.record, cases)
    output.show(finished.record, changed, report_dir)
    sys.exit(status(finished, allow_inconclusive=allow_inconclusive))
