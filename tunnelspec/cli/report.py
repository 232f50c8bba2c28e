"""`tunnelspec report`: a run record once more, in any form."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from tunnelspec.cli.group import main, sentences
from tunnelspec.report import html, junit, markdown, record, terminal


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
@sentences
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
