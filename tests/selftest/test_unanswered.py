"""Requests whose responses did not say what they created get, together, what they may have created."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunnelspec.client import JournalEntry, Origin
from tunnelspec.client.fingerprint import fingerprints
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.ownership.assignment import assignment, components
from tunnelspec.ownership.candidate import NEAR, SweepOutcome, SweepScope
from tunnelspec.ownership.sweep import Sweep
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.session import Session

from .accounts import RUN, opened, state

_RELATIONS = st.dictionaries(st.integers(0, 4), st.lists(st.sampled_from("vwxyz"), unique=True), max_size=5)


@settings(deadline=None)
@given(_RELATIONS)
def test_an_assignment_is_found_where_there_is_one(fits: dict[int, list[str]]) -> None:
    """Each gets one of its own that fits, and parts that have nothing in common may be assigned apart."""
    exists = any(all(one in fits[a] for a, one in zip(fits, some, strict=False)) for some in permutations("vwxyz"))
    chosen = assignment(fits)
    assert (chosen is not None) is exists
    if chosen is not None:
        assert chosen.keys() == fits.keys()
        assert all(one in fits[a] for a, one in chosen.items())
        assert len(set(chosen.values())) == len(chosen)
    split = list(components(fits))
    assert {a: others for part in split for a, others in part.items()} == fits
    assert all(assignment(part) is not None for part in split) is exists


def _entry(number: int, at: datetime) -> JournalEntry:
    """A request of minutes ago that said nothing, and got status 500."""
    origin = Origin(RUN, "http://x", "us-east-1", since=at - timedelta(minutes=1))
    return JournalEntry(origin, number, "tunnel", at, at, {}, why="500", status=500)


def _sweep(contract: Contract, emulator: Emulator, entries: list[JournalEntry]) -> Sweep:
    session = Session(contract, DirectSender(emulator))
    return Sweep(contract, entries, session.inspect, SweepScope(guess=True, window=NEAR), apply=True)


@pytest.mark.parametrize(("hours", "is_open"), [(-5, True), (9, True), (-30, False)])
def test_a_wrong_clock_is_no_proof(hours: int, is_open: bool, contract: Contract) -> None:
    """Where the target shows local time, or somebody sets a clock, what fits a request otherwise may be its own: it is
    not closed, and the request is not forgotten."""
    emulator, at = Emulator(contract), datetime.now(UTC) - timedelta(minutes=1)
    tunnel = emulator.find(opened(emulator)["tunnelId"])
    tunnel.created_at = (at + timedelta(hours=hours)).timestamp()
    sweep = _sweep(contract, emulator, [_entry(1, at)])
    assert list(sweep.run()) == []
    assert bool(sweep.unresolved) is is_open
    assert tunnel.id in state(emulator)


@pytest.mark.parametrize("reverse", [False, True])
def test_each_tunnel_is_matched_with_a_request_of_its_time(reverse: bool, contract: Contract) -> None:
    """Of two requests alike, a while apart, one fits both tunnels and the other one of them: both are closed."""
    emulator, now = Emulator(contract), datetime.now(UTC) - timedelta(minutes=1)
    for seconds in sorted((0.0, 4.5), reverse=reverse):
        tunnel = emulator.find(opened(emulator)["tunnelId"])
        tunnel.created_at = (now + timedelta(seconds=seconds)).timestamp()
    sweep = _sweep(contract, emulator, [_entry(number, now + number * timedelta(seconds=6)) for number in range(2)])
    assert [result.outcome for result in sweep.run()] == [SweepOutcome.CLOSED] * 2
    assert sweep.unresolved == []
    assert state(emulator) == {}


def test_what_is_given_twice_may_be_stored_once(contract: Contract) -> None:
    """A tunnel with a tag is what a request may have opened that gave this tag twice."""
    emulator, tag = Emulator(contract), {"key": "Site", "value": "Hall 3"}
    opened(emulator, tags=[tag])
    said = fingerprints(json.dumps({"tags": [tag, tag]}).encode())
    [result] = _sweep(contract, emulator, [replace(_entry(1, datetime.now(UTC)), requested=said)]).run()
    assert result.outcome is SweepOutcome.CLOSED
    assert state(emulator) == {}
