"""`tunnelspec run`: judge an endpoint, write the reports, and say by the exit status what came of it."""

from __future__ import annotations

import secrets
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from tunnelspec.cli.group import (
    COULD_NOT_JUDGE,
    FAILED,
    PASSED,
    document_option,
    main,
    select_option,
    sentences,
)
from tunnelspec.cli.listed import Listed, baseline_options
from tunnelspec.cli.progress import COLUMNS
from tunnelspec.contract import Contract, load
from tunnelspec.engine.case import Case, Result
from tunnelspec.engine.probe import probe_cases
from tunnelspec.engine.recorder import record as make_record
from tunnelspec.engine.run import Run, run_cases
from tunnelspec.engine.target import Settings, open_target
from tunnelspec.report import known, record, terminal
from tunnelspec.report.forms import write_all
from tunnelspec.suite import DEPTHS, build, select
from tunnelspec.verdict import Outcome


@main.command()
@click.option("--endpoint-url", metavar="URL", help="The endpoint; without it, the own emulator.")
@click.option("--region", help="AWS region (default: AWS_REGION, the profile's, us-east-1).")
@click.option("--profile", help="AWS profile that has the credentials.")
@click.option("--depth", type=click.Choice(list(DEPTHS)), default="quick", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Repeat a run; without it, one is drawn.")
@select_option
@document_option
@baseline_options
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tunnelspec-report"),
    show_default=True,
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--max-requests", type=click.IntRange(min=1), help="Send no more than this.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=10.0, show_default=True)
@click.option(
    "--settle", type=click.FloatRange(min=0), metavar="SECONDS", help="A read may lag a write (AWS: 5, else 0)."
)
@click.option("--allow-account", metavar="ID", help="Allow judging real AWS in this account.")
@click.option("--send-credentials-to", metavar="HOST", help="Allow real credentials to this host.")
@click.option("--ca-bundle", metavar="FILE", help="Certificates to trust (default: AWS_CA_BUNDLE).")
@sentences
def run(
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    depth: str,
    seed: int | None,
    globs: tuple[str, ...],
    document: Path | None,
    baseline_file: Path | None,
    update_baseline: bool,
    report_dir: Path,
    workers: int,
    max_requests: int | None,
    timeout: float,
    settle: float | None,
    allow_account: str | None,
    send_credentials_to: str | None,
    ca_bundle: str | None,
) -> None:
    """Judge an endpoint, write the reports, and exit with 1 if it breaks the contract."""
    contract = load(document)
    seed = secrets.randbelow(2**32) if seed is None else seed
    suite = build(contract, depth=depth, seed=seed)
    cases = select(suite, globs)
    listed = Listed(baseline_file, [case.id for case in suite], update=update_baseline)
    settings = Settings(
        endpoint_url=endpoint_url,
        region=region,
        profile=profile,
        allow_account=allow_account,
        send_credentials_to=send_credentials_to,
        ca_bundle=ca_bundle,
        max_requests=max_requests,
        timeout_s=timeout,
        settle_s=settle,
    )
    console = Console(highlight=False, soft_wrap=False)
    started = datetime.now(UTC)
    signal.signal(signal.SIGTERM, _interrupt)
    report_dir.mkdir(parents=True, exist_ok=True)
    with open_target(settings, contract, report_dir / "journal.jsonl") as target:
        finished = _with_progress(
            contract, cases, target.make_session, workers, console, target.url, depth, seed
        )
        made = make_record(
            finished,
            contract,
            endpoint=target.url,
            region=target.endpoint.region,
            seed=seed,
            depth=depth,
            started=started,
            redact=target.redactor.text,
        )
    if finished.nothing_judged or not any(
        item.outcome not in (Outcome.INCONCLUSIVE, Outcome.SKIPPED) for item in finished.results
    ):
        click.echo(f"tunnelspec: {_why_not(finished, made)}", err=True)
        write_all(made, report_dir)
        sys.exit(COULD_NOT_JUDGE)
    listed.apply(made)
    write_all(made, report_dir)
    terminal.show(made, console)
    console.print(f"report: {report_dir / 'report.html'}", soft_wrap=True)
    if known.failed(made):
        sys.exit(FAILED)
    sys.exit(COULD_NOT_JUDGE if finished.stopped else PASSED)


def _why_not(finished: Run, made: record.Record) -> str:
    if finished.stopped:
        return finished.stopped
    reasons = [item.reason for item in finished.results if item.reason]
    where = made["target"]["endpoint"]
    return f"{where} could not be judged: {reasons[0] if reasons else 'no case was judged'}."


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _with_progress(
    contract: Contract,
    cases: list[Case],
    make_session: Any,
    workers: int,
    console: Console,
    url: str,
    depth: str,
    seed: int,
) -> Run:
    """Run with a live bar on a terminal, with a plain line every so often elsewhere."""
    console.print(f"judging {url}, {len(cases)} cases, depth {depth}, seed {seed}", soft_wrap=True)
    failed = 0
    lock = threading.Lock()
    with Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("judging", total=len(cases))
        done = 0

        def tell(item: Result) -> None:
            nonlocal failed, done
            with lock:
                done += 1
                failed += item.outcome is Outcome.FAIL
                words = f"{failed} failed" if failed else "judging"
                bar.update(task, advance=1, description=words)
                if not console.is_terminal and done % 500 == 0:
                    console.print(f"{done} of {len(cases)} cases, {failed} failed")

        return run_cases(
            contract,
            cases,
            make_session,
            probes=probe_cases(contract),
            workers=workers,
            on_result=tell,
        )
