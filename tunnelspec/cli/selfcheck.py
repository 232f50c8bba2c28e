"""`tunnelspec selfcheck`: the suite against every seeded fault and every conforming variant."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import FAILED, PASSED, depth_option, main, report_dir_option, select_option
from tunnelspec.cli.progress import progress_bar
from tunnelspec.runner.settings import ConfigurationError


@main.command()
@select_option
@depth_option
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Seeds per variant.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes [default: one for each core].")
@click.option("--without", multiple=True, metavar="CHECK", help="Leave a check out, to see what it alone detects.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@report_dir_option("tunnelspec-selfcheck")
def selfcheck(
    globs: tuple[str, ...],
    depth: str,
    seeds: int,
    workers: int | None,
    without: tuple[str, ...],
    as_json: bool,
    report_dir: Path,
) -> None:
    """Run the suite against every seeded fault and every conforming variant of the emulator.

    Exits with 1 if the case that a fault names does not detect it, or if a variant is flagged.
    """
    from tunnelspec.faults import UnknownFault
    from tunnelspec.report import selfcheck as page
    from tunnelspec.selfcheck import selfcheck as check

    console = Console(stderr=as_json)
    with progress_bar(console) as bar:
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
        console.print_path("page", report_dir / "selfcheck.html")
    sys.exit(FAILED if done.failed else PASSED)
