"""The page of the tunnel lifecycle: the table that the model runs on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from docs.generate.markdown import code, top
from docs.generate.markdown import table as markdown_table
from tunnelspec.contract import Contract
from tunnelspec.model import LIFECYCLE, Expectation, Status

WORDS = {
    Expectation.ACCEPT: "succeeds",
    Expectation.CONDITIONAL: "if the state allows it",
    Expectation.EITHER: "either conforms",
    Expectation.NOT_FOUND: "ResourceNotFoundException",
}


class Move(NamedTuple):
    """A call that, if it succeeds, changes the status of a tunnel."""

    before: Status
    call: str
    after: Status


def moves() -> Iterator[Move]:
    """Every change of status in the table."""
    for before in Status:
        for call, row in LIFECYCLE.items():
            if row[before].next is not before:
                yield Move(before, call, row[before].next)


def page(contract: Contract) -> str:
    """`lifecycle.md`: what each call does in each status, and which status follows."""
    rows = [[code(call), *(WORDS[row[status].expectation] for status in Status)] for call, row in LIFECYCLE.items()]
    changes = [[code(move.before), code(move.call), code(move.after)] for move in moves()]
    parts = [
        top(
            "Tunnel lifecycle",
            "lifecycle",
            "The model runs beside the target, and every response is checked against it. `DELETED` is a tunnel that "
            "was deleted. Where AWS's sources are silent, either outcome conforms and the model follows the target. "
            "[Rules of behaviour](checks.md#rules-of-behaviour) lists the requirements on responses.",
            "![The statuses of a tunnel and the calls that lead from one to the next](lifecycle.svg)",
        ),
        "## Calls by status\n",
        markdown_table(("call", *map(code, Status)), rows),
        "`OpenTunnel` creates a tunnel that is `OPEN`; `ListTunnels` names no tunnel and always succeeds.\n",
        "## Changes of status\n",
        markdown_table(("from", "call that succeeds", "to"), [["", code("OpenTunnel"), code("OPEN")], *changes]),
        "Near the end of its lifetime a tunnel may be `OPEN` or `CLOSED`; after it, a change may be rejected.\n",
    ]
    return "\n".join(parts)
