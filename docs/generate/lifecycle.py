"""The page of a tunnel's life: the model's transition table, and the transitions that the model makes."""

from __future__ import annotations

from dataclasses import dataclass

from docs.generate.markdown import code, top
from docs.generate.markdown import table as markdown_table
from tunnelspec.contract import Contract
from tunnelspec.model import Model, Told
from tunnelspec.model.machine import TABLE

#: The statuses of a tunnel in the order of its life. GONE is a deleted tunnel, which AWS has no word for.
STATUSES = tuple(dict.fromkeys(status for row in TABLE.values() for status in row))
WORDS = {
    "accept": "succeeds",
    "not-found": "ResourceNotFoundException",
    "either": "either is right",
}
#: Calls that may move a tunnel on, by the words that tell them apart.
_CALLS = {
    **{name: (name, {}) for name in TABLE if name != "CloseTunnel"},
    "CloseTunnel": ("CloseTunnel", {}),
    "CloseTunnel, delete": ("CloseTunnel", {"delete": True}),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A call that, where it succeeds, moves a tunnel from one status to another."""

    before: str
    call: str
    after: str


def transitions(contract: Contract) -> list[Transition]:
    """Every transition, found by playing each call in each status on the model itself."""
    found = []
    for before in STATUSES:
        for words, (operation, members) in _CALLS.items():
            if TABLE[operation][before] == "not-found":
                continue
            model = Model(contract)
            opened = {"tunnelId": "t", "tunnelArn": "a"}
            model.advance("OpenTunnel", {}, Told(200, None, opened), 0.0)
            tunnel = model.tunnels["t"]
            tunnel.status = before
            # A body that every operation can read: the model takes what it needs.
            body = {"tunnelId": "t", "tags": [], "tagKeys": [], "clientMode": "ALL", **members}
            model.advance(operation, body, Told(200, None, {}), 0.0)
            if tunnel.status != before:
                found.append(Transition(before, words, tunnel.status))
    return found


def page(contract: Contract) -> str:
    """`lifecycle.md`: what each operation does in each status, and what leads from one to the next."""
    rows = [
        [code(operation), *(WORDS.get(row[status], row[status]) for status in STATUSES)]
        for operation, row in TABLE.items()
    ]
    moves = [[code(move.before), code(move.call), code(move.after)] for move in transitions(contract)]
    parts = [
        top(
            "A tunnel's life",
            "lifecycle",
            "The model runs beside the target, and every answer is held against it. `GONE` is a tunnel that "
            "was deleted. Where AWS's sources are silent, either answer is right and the model follows the "
            "target. [Rules of behaviour](checks.md#rules-of-behaviour) has the sentences that answers are "
            "held to.",
            "![The statuses of a tunnel and the calls that lead from one to the next](lifecycle.svg)",
        ),
        "## What a call does\n",
        markdown_table(("operation", *map(code, STATUSES)), rows),
        "`OpenTunnel` makes a tunnel that is `OPEN`; `ListTunnels` asks about no tunnel and always succeeds.\n",
        "## What leads on\n",
        markdown_table(("from", "call that succeeds", "to"), [["", code("OpenTunnel"), code("OPEN")], *moves]),
        "Near the end of its lifetime a tunnel may be told `OPEN` or `CLOSED`; after it, a change may be refused.\n",
    ]
    return "\n".join(parts)
