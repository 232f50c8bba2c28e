"""How `--dry-run` shows what a run would send."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.table import Table

from tunnelspec.cli.console import Console
from tunnelspec.contract import Contract
from tunnelspec.printable import counted
from tunnelspec.runner.bundled import EMBEDDED, chosen_endpoint
from tunnelspec.runner.case import Case
from tunnelspec.runner.settings import Settings, rates_in_force
from tunnelspec.suite import cost

if TYPE_CHECKING:
    from tunnelspec.runner.plan import Plan


def show_plan(
    contract: Contract,
    cases: Sequence[Case],
    settings: Settings,
    *,
    depth: str,
    seed: int,
    as_json: bool,
) -> None:
    """Print the plan of a run, as JSON if asked for. Raises what the target's settings raise."""
    from tunnelspec.runner.plan import plan

    target = chosen_endpoint(settings, contract)
    where = target.url if target is not None else EMBEDDED
    rates = rates_in_force(settings, contract, on_aws=target is not None and target.is_aws)
    measured = plan(contract, cases, settings, rates, cost)
    if as_json:
        click.echo(json.dumps(_plain(measured, where, depth, seed, settings), indent=1))
        return
    console = Console()
    console.print(f"plan for {where}", soft_wrap=True)
    console.print(f"{counted(measured.cases, 'case')}, depth {depth}, seed {seed}, mode {settings.mode.value}")
    console.print(_table(measured))
    for line in _lines(measured):
        console.print(line)


def _table(measured: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("operation")
    table.add_column("calls", justify="right")
    table.add_column("a second", justify="right")
    for name, count in sorted(measured.calls.items(), key=lambda item: -item[1]):
        rate = measured.rates.get(name, math.inf)
        table.add_row(name or "none", f"{count:,}", f"{rate:g}" if math.isfinite(rate) else "no limit")
    table.add_row("all", f"{measured.requests:,}", "")
    return table


def _lines(measured: Plan) -> list[str]:
    skipped = measured.cases - measured.tested
    lines = [f"tunnels opened: {measured.opened:,}; requests that could open one: {measured.creates_sent:,}"]
    if measured.seconds:
        lines.append(f"the rates make this last {_time(measured.seconds)} or longer")
    if skipped:
        lines.append(f"{skipped:,} cases are not tested: the mode or a budget leaves them out")
    if measured.left:
        lines.append(f"ends early: {measured.left}")
    return [
        *lines,
        "Counted against a target that conforms: a defect costs some more, and",
        "--max-tunnels and --max-requests hold whatever happens. Nothing was sent.",
    ]


def _time(seconds: float) -> str:
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def _plain(measured: Plan, where: str, depth: str, seed: int, settings: Settings) -> dict[str, object]:
    return {
        "target": where,
        "depth": depth,
        "seed": seed,
        "mode": settings.mode.value,
        "cases": measured.cases,
        "judged": measured.tested,
        "requests": measured.requests,
        "calls": dict(sorted(measured.calls.items())),
        "opened": measured.opened,
        "could_open": measured.creates_sent,
        "per_second": {name: rate for name, rate in measured.rates.items() if math.isfinite(rate)},
        "at_least_seconds": round(measured.seconds, 1),
        "ends_early": measured.left,
    }
