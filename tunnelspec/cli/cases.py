"""`tunnelspec cases`: the cases by name, with what they demand and where that is written."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tunnelspec.cli.group import document_option, main, select_option, sentences
from tunnelspec.contract import load
from tunnelspec.suite import build, select


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array, with sentences and sources.")
@select_option
@document_option
@sentences
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
            "requirement": case.requirement,
            "cites": [{"title": sources[c].title, "url": sources[c].url} for c in dict.fromkeys(case.cites)],
        }
        for case in chosen
    ]
    click.echo(json.dumps(rows, indent=1))
