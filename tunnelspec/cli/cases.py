"""`tunnelspec cases`: the cases by name, with their requirements and sources."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tunnelspec.cli.group import document_option, main
from tunnelspec.cli.selection import Selection, build_suite, selection_options
from tunnelspec.contract import load


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array, with sentences and sources.")
@selection_options
@document_option
def cases(as_json: bool, selection: Selection, document: Path | None) -> None:
    """List the cases by name."""
    contract = load(document)
    chosen = selection.of(build_suite(contract))
    if not as_json:
        click.echo("\n".join(case.id for case in chosen))
        return
    rows = [
        {
            "id": case.id,
            "operation": case.operation,
            "area": case.area,
            "level": case.level,
            "requirement": case.requirement,
            "cites": [{"title": source.title, "url": source.url} for source in contract.cited(case.cites)],
        }
        for case in chosen
    ]
    click.echo(json.dumps(rows, indent=1))
