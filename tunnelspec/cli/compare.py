"""`tunnelspec compare`: sends the same cases to two endpoints and shows where their responses differ."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import (
    FAILED,
    NO_VERDICT,
    PASSED,
    depth_option,
    document_option,
    main,
    report_dir_option,
    seed_option,
)
from tunnelspec.cli.progress import progress_bar
from tunnelspec.cli.selection import Selection, build_suite, selection_options
from tunnelspec.cli.settings import access_options
from tunnelspec.contract import Contract, load
from tunnelspec.history import compare_text
from tunnelspec.history.compare import compare as lay_side_by_side
from tunnelspec.record import document as record
from tunnelspec.record.recorder import record_of
from tunnelspec.runner.capture import CapturedRun, capture
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import OpenTarget, open_target
from tunnelspec.suite import enabled

#: In place of a URL: the bundled emulator.
EMULATOR = "emulator"


@main.command()
@click.argument("url_a")
@click.argument("url_b")
@access_options
@depth_option
@seed_option
@selection_options
@document_option
@report_dir_option("tunnelspec-comparison")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--messages", is_flag=True, help="Count the wording of errors as a difference, too.")
def compare(
    url_a: str,
    url_b: str,
    depth: str,
    seed: int,
    selection: Selection,
    document: Path | None,
    report_dir: Path,
    as_json: bool,
    messages: bool,
    settings: Settings,
) -> None:
    """Send the same cases to two endpoints and show where they differ.

    Differences within the contract count too. Either URL may be the word `emulator`: the bundled one.
    Exits with 1 if they differ.
    """
    contract = load(document)
    cases = enabled(selection.of(build_suite(contract, depth=depth, seed=seed)))
    started = datetime.now(UTC)
    console = Console(stderr=as_json)
    signal.signal(signal.SIGTERM, _interrupt)
    report_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        targets = [
            stack.enter_context(_open(url, settings, contract, report_dir / f"journal-{name}.jsonl"))
            for name, url in (("a", url_a), ("b", url_b))
        ]
        bar = stack.enter_context(progress_bar(console))

        def observe(target: OpenTarget) -> CapturedRun:
            task = bar.add_task(target.url, total=len(cases))
            return capture(contract, cases, target.make_session, lambda _: bar.update(task, advance=1))

        observed = _both(targets, observe)

        def redact(words: str) -> str:
            # A response of one may hold what the other issued, where one is a proxy of the other.
            return targets[0].redactor.text(targets[1].redactor.text(words))

        records = [
            record_of(item.run, target, seed=seed, depth=depth, started=started, redact=redact)
            for item, target in zip(observed, targets, strict=True)
        ]
        comparison = lay_side_by_side(observed[0].plain(redact), observed[1].plain(redact), messages=messages)
    for name, found in zip("ab", records, strict=True):
        record.write(found, report_dir / name / "record.json")
    run = {"seed": seed, "depth": depth, "started": started.isoformat(timespec="seconds"), "messages": messages}
    result = compare_text.plain(comparison, records[0]["target"], records[1]["target"], run)
    compare_text.write(result, comparison, report_dir)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        compare_text.show(result, comparison, console)
        console.print_path("page", report_dir / "comparison.html")
    sys.exit(_status(observed, result))


def _open(url: str, settings: Settings, contract: Contract, journal: Path) -> AbstractContextManager[OpenTarget]:
    embedded = url == EMULATOR
    return open_target(replace(settings, endpoint_url=None if embedded else url, embedded=embedded), contract, journal)


def _status(observed: list[CapturedRun], result: dict[str, Any]) -> int:
    """A target without a verdict is reported first: little may be left to compare."""
    stopped = [item.run.stopped for item in observed if item.run.stopped]
    if stopped or not result["agree"] + result["differ"]:
        click.echo(f"tunnelspec: {stopped[0] if stopped else 'No case could be compared.'}", err=True)
        return NO_VERDICT
    return FAILED if result["differ"] else PASSED


def _both(targets: list[OpenTarget], work: Callable[[OpenTarget], CapturedRun]) -> list[CapturedRun]:
    """Work with both targets at the same time: each waits for responses most of it."""
    with ThreadPoolExecutor(len(targets)) as pool:
        futures = [pool.submit(work, target) for target in targets]
        try:
            return [future.result() for future in futures]
        except KeyboardInterrupt:
            # What they opened is still deleted; then both end, and what was tested is compared.
            for target in targets:
                target.budget.stop("the comparison was interrupted")
            return [future.result() for future in futures]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
