"""Closes the entries that a run's journal still has open when the run ends, by what the target then shows.

A deletion that was accepted and a request that was rejected prove nothing by themselves: the target's list
does. It is read once at the end, and once for some thousands of deletions before, so that a long run's stay few.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from tunnelspec.client import Journal, JournalEntry
from tunnelspec.contract import Contract
from tunnelspec.ownership.candidate import FAR, NEAR, SweepOutcome, SweepScope
from tunnelspec.ownership.inventory import Inventory, Listed, Send, Unreadable
from tunnelspec.ownership.owned import Ownership
from tunnelspec.ownership.sweep import Sweep
from tunnelspec.printable import counted


class Log(Protocol):
    """A journal, as far as deletions are settled in it."""

    def own_entries(self) -> list[JournalEntry]:
        """The open entries of this run."""

    def settle(self, entry: JournalEntry, proof: str) -> None:
        """Nothing is left of an entry."""


def settle(contract: Contract, journal: Journal, send: Send, ownership: Ownership, *, near: bool) -> list[str]:
    """Close this run's open entries where it is proved that nothing is left, and what is left where it is ours.

    Sentences about what could not be decided. `near` is whether the target is on this machine. Raises what
    `send` raises; the entries that are not settled by then stay open.
    """
    if not journal.own_entries():
        return []
    listed: list[Listed] = []
    for resource in contract.resources.values():
        with suppress(Unreadable):  # each is asked for by itself
            rows = settle_deleted(journal, Inventory(contract, resource, send))
            listed += rows if resource.name in ownership.listed else []
    scope = SweepScope(
        frozenset({journal.origin.run} - {""}),
        guess=near,
        window=NEAR if near else FAR,
        existed_before=lambda run, identifiers: ownership.existed_before(identifiers),
        is_doubtful=ownership.is_doubtful,
    )
    sweep = Sweep(contract, journal.own_entries(), send, scope, logs=(journal,), apply=True)
    swept = [result.candidate.identifiers for result in sweep.run() if result.outcome is SweepOutcome.CLOSED]
    strangers = [row for row in listed if row.identifiers not in swept and not ownership.is_known(row.identifiers)]
    if near and strangers:
        sweep.notes.append(
            f"{counted(len(strangers), 'resource')} that no response named appeared during the run, created by another"
            " client or by a request that the target carried out twice, and not touched."
        )
    return sweep.notes


def settle_deleted(journal: Log, inventory: Inventory) -> list[Listed]:
    """Close the entries whose deletion was requested and which no page of a list shows; what the list shows, if it had
    to be read.

    Raises Unreadable, and what the inventory's `send` raises.
    """
    deleted = [entry for entry in journal.own_entries() if entry.closing and entry.resource == inventory.resource.name]
    rows = inventory.all() if deleted else []
    listed = {value for row in rows for value in row.identifiers.values()}
    for entry in deleted:
        if listed.isdisjoint(entry.identifiers.values()):
            journal.settle(entry, "it was deleted, and the list does not show it")
    return rows
