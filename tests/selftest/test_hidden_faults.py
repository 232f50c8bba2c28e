"""One fault hides no other: what is wrong with the form of a response leaves the rest of the target to be tested."""

from __future__ import annotations

import pytest

from tunnelspec.contract import Contract
from tunnelspec.faults import seeded
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.verdict import Outcome

_OTHER = "derived/TagResource/tags[].key/pattern/dropped"
_CASES = ("protocol/OpenTunnel/plain", "validation/TagResource/tags[].key/pattern/newline-at-the-end")


@pytest.mark.parametrize("form", ["envelope/name-twice", "envelope/byte-order-mark"])
def test_json_that_is_not_strict_names_what_it_creates(form: str, contract: Contract, cases: list[Case]) -> None:
    """A tunnel is opened for the case of another operation, and closed, as lenient clients could."""
    chosen = [case for case in cases if case.id in _CASES]
    run, emulator = run_in_process(contract, chosen, seeded(contract, [form, _OTHER]))
    assert {item.case.id: item.outcome for item in run.results} == dict.fromkeys(_CASES, Outcome.FAIL)
    assert emulator.store.newest_first() == []
