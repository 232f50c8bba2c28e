"""`tunnelspec explain`: what a case, a check, a seeded fault or a conforming variant means."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tunnelspec.cli.group import document_option, main
from tunnelspec.contract import load


@main.command()
@click.argument("name")
@click.option("--faults", "measured", is_flag=True, help="Run every seeded fault, and name those that it detects.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@document_option
def explain(name: str, measured: bool, as_json: bool, document: Path | None) -> None:
    """Explain a case, a check, a seeded fault or a conforming variant.

    Of a case: what it demands and where that is written, what is sent, what the outcomes mean, and which
    seeded faults it detects.
    """
    from tunnelspec.explain import explain as explained
    from tunnelspec.report import explanation
    from tunnelspec.runner.constants import ignore_local_constants

    ignore_local_constants()

    explanations = explained(name, load(document), measured=measured)
    if as_json:
        click.echo(json.dumps(explanations, indent=1))
    else:
        click.echo("\n\n".join(explanation.text(item) for item in explanations))
