"""`tunnelspec report`: what is made of run records; with nothing but a record, it is rendered once more."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tunnelspec.cli.console import Console
from tunnelspec.cli.group import FAILED, FILE, NO_VERDICT, PASSED, PATH, Command, main, report_dir_option
from tunnelspec.record import document as record
from tunnelspec.record.merge import merge_shards
from tunnelspec.report import expected_failures, levels, terminal
from tunnelspec.report.forms import FORMS, write_all
from tunnelspec.text_file import write_text


class _RecordFirst(click.Group):
    """A group whose first argument may be a record instead of a command: it is then rendered."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["render", *args]
        return super().resolve_command(ctx, args)


@main.group(
    cls=_RecordFirst,
    subcommand_metavar="RECORD | COMMAND ...",
    context_settings={"ignore_unknown_options": True},
)
def report() -> None:
    """Render a run record in another form, or compare records."""


@report.command()
@click.argument("file", metavar="RECORD", type=PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", *FORMS]),
    default="terminal",
    show_default=True,
    help="Form to write.",
)
@click.option("--output", type=FILE, help="File to write [default: beside the record].")
def render(file: Path, form: str, output: Path | None) -> None:
    """Render a run record again, in any form (the word render may be left out)."""
    run_record = record.read(file)
    if form == "terminal":
        directory = file.parent if (file.parent / "reproduce").is_dir() else None
        terminal.show(run_record, Console(), directory=directory)
        return
    usual, rendered = FORMS[form]
    path = output or file.parent / usual
    write_text(path, rendered(run_record))
    click.echo(str(path))


@report.command()
@click.argument("places", metavar="DIR...", nargs=-1, required=True, type=PATH)
@report_dir_option("tunnelspec-report")
def merge(places: tuple[Path, ...], report_dir: Path) -> None:
    """Make one report of the shards of a run, each a report directory or a record.

    Refuses shards of different runs, and where one is missing or there twice. Exits as the whole run would.
    """
    files = [place / "record.json" if place.is_dir() else place for place in places]
    run_record = merge_shards([(file, record.read(file)) for file in files])
    write_all(run_record, report_dir)
    terminal.show(run_record, Console(), directory=report_dir)
    if expected_failures.failed(run_record):
        sys.exit(FAILED)
    sys.exit(NO_VERDICT if run_record["run"].get("stopped") or levels.not_tested(run_record) else PASSED)
