"""The command line: run, emulator, cases, report. Each command is a few lines over the engine.

Exit status: 0 nothing failed; 1 at least one failure; 2 wrong usage or configuration; 3 the target
could not be judged.
"""

from __future__ import annotations

import json
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tunnelspec import __version__
from tunnelspec.client import TargetError
from tunnelspec.contract import Contract, ContractError, load
from tunnelspec.engine.case import Case, Result
from tunnelspec.engine.probe import probe_cases
from tunnelspec.engine.recorder import record as make_record
from tunnelspec.engine.run import Run, run_cases
from tunnelspec.engine.target import ConfigurationError, Settings, open_target
from tunnelspec.report import html, junit, markdown, programs, record, terminal
from tunnelspec.suite import DEPTHS, UnknownCase, build, select
from tunnelspec.verdict import Outcome

PASSED, FAILED, WRONG_USAGE, COULD_NOT_JUDGE = 0, 1, 2, 3
_F = TypeVar("_F", bound=Callable[..., Any])


def _sentences(command: _F) -> _F:
    """Bad input ends in one clear sentence and exit status 2, never in a traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (
            ConfigurationError,
            ContractError,
            TargetError,
            UnknownCase,
            record.RecordError,
        ) as problem:
            click.echo(f"tunnelspec: {problem}", err=True)
            sys.exit(WRONG_USAGE)

    return wrapped  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tunnelspec")
def main() -> None:
    """Judge an endpoint of AWS IoT Secure Tunneling by the service's contract."""


_document = click.option(
    "--document", type=click.Path(path_type=Path), help="Contract document instead of the own one."
)
_select = click.option(
    "--select", "globs", multiple=True, metavar="GLOB", help="Only cases whose name matches."
)


@main.command()
@click.option("--endpoint-url", metavar="URL", help="The endpoint; without it, the own emulator.")
@click.option("--region", help="AWS region (default: AWS_REGION, the profile's, us-east-1).")
@click.option("--profile", help="AWS profile that has the credentials.")
@click.option("--depth", type=click.Choice(list(DEPTHS)), default="quick", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Repeat a run; without it, one is drawn.")
@_select
@_document
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
@_sentences
def run(
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    depth: str,
    seed: int | None,
    globs: tuple[str, ...],
    document: Path | None,
    report_dir: Path,
    workers: int,
    max_requests: int | None,
    timeout: float,
    settle: float | None,
    allow_account: str | None,
    send_credentials_to: str | None,
) -> None:
    """Judge an endpoint, write the reports, and exit with 1 if it breaks the contract."""
    contract = load(document)
    seed = secrets.randbelow(2**32) if seed is None else seed
    cases = select(build(contract, depth=depth, seed=seed), globs)
    settings = Settings(
        endpoint_url=endpoint_url,
        region=region,
        profile=profile,
        allow_account=allow_account,
        send_credentials_to=send_credentials_to,
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
        record.write(made, report_dir / "record.json")
        sys.exit(COULD_NOT_JUDGE)
    _write_all(made, report_dir)
    terminal.show(made, console)
    console.print(f"report: {report_dir / 'report.html'}", soft_wrap=True)
    if made["totals"]["fail"]:
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


def _write_all(made: record.Record, directory: Path) -> None:
    record.write(made, directory / "record.json")
    junit.write(made, directory / "junit.xml")
    markdown.write(made, directory / "summary.md")
    html.write(made, directory / "report.html")
    programs.write(made, directory / "reproduce")


_COLUMNS = (
    BarColumn(bar_width=24),
    MofNCompleteColumn(),
    TextColumn("{task.description}"),
    TimeElapsedColumn(),
)


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
    with Progress(*_COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
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


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Plant this fault.")
@click.option("--variant", "variants", multiple=True, metavar="ID", help="Legal variant to be.")
@click.option("--credentials", metavar="KEY:SECRET", help="Verify signatures by these.")
@click.option("--region", default="us-east-1", show_default=True)
@_document
@_sentences
def emulator(
    host: str,
    port: int,
    faults: tuple[str, ...],
    variants: tuple[str, ...],
    credentials: str | None,
    region: str,
    document: Path | None,
) -> None:
    """Serve the embedded emulator until interrupted."""
    from tunnelspec.emulator import Emulator, serve
    from tunnelspec.faults import UnknownFault, plant

    pair = (credentials or "").partition(":")
    if credentials is not None and not (pair[0] and pair[2]):
        raise ConfigurationError("--credentials takes KEY:SECRET.")
    contract = load(document)
    keys = {pair[0]: pair[2]} if credentials else None
    subject = Emulator(contract, credentials=keys, region=region)
    try:
        plant(subject, contract, faults, variants)
        server = serve(subject, host, port)
    except UnknownFault as problem:
        raise ConfigurationError(str(problem)) from problem
    except (OSError, SystemExit) as problem:
        raise ConfigurationError(f"Cannot listen on {host}:{port}.") from problem
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    click.echo(f"listening on {server.url}")
    sys.stdout.flush()
    stopped.wait()
    server.close()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array, with sentences and sources.")
@_select
@_document
@_sentences
def cases(as_json: bool, globs: tuple[str, ...], document: Path | None) -> None:
    """List the cases by name."""
    contract = load(document)
    chosen = select(build(contract), globs)
    if not as_json:
        click.echo("\n".join(case.id for case in chosen))
        return
    sources = contract.sources
    rows = [
        {
            "id": case.id,
            "operation": case.operation,
            "area": case.area,
            "level": case.level,
            "demand": case.demand,
            "cites": [{"title": sources[c].title, "url": sources[c].url} for c in dict.fromkeys(case.cites)],
        }
        for case in chosen
    ]
    click.echo(json.dumps(rows, indent=1))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "junit", "markdown", "html"]),
    default="terminal",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@_sentences
def report(file: Path, form: str, output: Path | None) -> None:
    """Render a run record again, in any form."""
    made = record.read(file)
    if form == "terminal":
        terminal.show(made, Console(highlight=False))
        return
    default = {"junit": "junit.xml", "markdown": "summary.md", "html": "report.html"}[form]
    path = output or file.parent / default
    {"junit": junit.write, "markdown": markdown.write, "html": html.write}[form](made, path)
    click.echo(str(path))


@main.command()
@_select
@click.option("--depth", type=click.Choice(list(DEPTHS)), default="quick", show_default=True)
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Seeds per variant.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes (default: one for each core).")
@click.option(
    "--without", multiple=True, metavar="CHECK", help="Leave a check out, to see what it alone catches."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tunnelspec-selfcheck"),
    show_default=True,
)
@_sentences
def selfcheck(
    globs: tuple[str, ...],
    depth: str,
    seeds: int,
    workers: int | None,
    without: tuple[str, ...],
    as_json: bool,
    report_dir: Path,
) -> None:
    """Run the suite against every planted fault and every legal variant of the emulator.

    Exits with 1 if a fault is not caught by the case that it names, or a variant is accused.
    """
    from tunnelspec.faults import UnknownFault
    from tunnelspec.report import selfcheck as page
    from tunnelspec.selfcheck import selfcheck as check

    console = Console(highlight=False, stderr=as_json)
    with Progress(*_COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("faults and variants", total=None)
        try:
            done = check(
                depth=depth,
                seeds=range(seeds),
                globs=globs,
                without=without,
                workers=workers,
                on_done=lambda _, total: bar.update(task, advance=1, total=total),
            )
        except UnknownFault as problem:
            raise ConfigurationError(str(problem)) from problem
    result = done.plain()
    page.write(result, report_dir)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        page.show(result, console)
        console.print(f"page: {report_dir / 'selfcheck.html'}", soft_wrap=True)
    sys.exit(FAILED if done.failed else PASSED)
