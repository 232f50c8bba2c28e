"""Closes the entries that a run's journal still has open when the run ends, by what the target then shows.

A deletion that was accepted and a request that was rejected prove nothing by themselves: the target's list
does. It is read once, however many requests the run has sent.
"""

from __future__ import annotations

from tunnelspec.client import Journal, JournalEntry
from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.runner.candidate import FAR, NEAR
from tunnelspec.runner.inventory import Inventory, Send, Unreadable
from tunnelspec.runner.ownership import Ownership
from tunnelspec.runner.sweep import Sweep


def settle(contract: Contract, journal: Journal, send: Send, ownership: Ownership, *, near: bool) -> list[str]:
    """Close this run's open entries where it is proved that nothing is left, and what is left where it is ours.

    Sentences about what could not be decided. `near` is whether the target is on this machine. Raises what
    `send` raises; the entries that are not settled by then stay open.
    """
    if not journal.own_entries():
        return []
    for resource in contract.resources.values():
        _settle_deleted(contract, journal, send, resource)
    sweep = Sweep(
        contract,
        journal.own_entries(),
        send,
        runs=frozenset({journal.origin.run} - {""}),
        guess=near,
        window=NEAR if near else FAR,
        existed_before=lambda run, identifiers: ownership.existed_before(identifiers),
        is_doubtful=ownership.is_doubtful,
        logs=(journal,),
        apply=True,
    )
    for _ in sweep.run():
        pass  # each result is in the journal
    return sweep.notes


def _settle_deleted(contract: Contract, journal: Journal, send: Send, resource: Resource) -> None:
    """Close the entries whose deletion was requested and which no page of a list shows."""
    deleted: list[JournalEntry] = [
        entry for entry in journal.own_entries() if entry.closing and entry.resource == resource.name
    ]
    if not deleted:
        return
    try:
        rows = Inventory(contract, resource, send).all()
    except Unreadable:
        return  # each is asked for by itself
    listed = {value for row in rows for value in row.identifiers.values()}
    for entry in deleted:
        if listed.isdisjoint(entry.identifiers.values()):
            journal.settle(entry, "it was deleted, and the list does not show it")
