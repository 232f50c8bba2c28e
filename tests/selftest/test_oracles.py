"""Near misses of identifiers, and long lists: what seeded faults at depth quick do not cover."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tunnelspec.contract import Contract
from tunnelspec.edits import EDITS
from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.exchange import Live, Request
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.calls import plain_calls, read_calls
from tunnelspec.runner.case import Case
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.session import Session
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome

_ARN = "arn:aws:iot:us-east-1:123456789012:tunnel/0aB3-4000-8000"


def _case(contract: Contract, name: str, depth: str = "quick") -> Case:
    return next(case for case in build(contract, depth=depth) if case.id == name)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_means_the_same_in_python_and_jq(name: str) -> None:
    """What a report shows as the request is what was sent, and it is no longer the identifier."""
    edit = EDITS[name]
    expected = edit.apply(_ARN)
    assert expected != _ARN
    assert eval(edit.python("value"), {"re": __import__("re"), "value": _ARN}) == expected
    if shutil.which("jq"):
        done = subprocess.run(["jq", edit.jq(".")], input=json.dumps(_ARN), capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == expected


def test_an_edit_is_kept_in_plain_calls() -> None:
    """So that a promoted finding sends the near miss again."""
    request = Request("DescribeTunnel", {"tunnelId": Live("t1", "tunnelId", "shorter")})
    plain = plain_calls([(request, 10)])
    assert read_calls(json.loads(json.dumps(plain))) == (request,)


@pytest.mark.parametrize("thorough", [False, True])
def test_near_misses_touch_no_tunnel_of_others(thorough: bool, contract: Contract) -> None:
    """Where ids are numbers, a shortened id is often the id of somebody else's tunnel."""
    emulator = _Numbered(contract)
    others = [emulator.open_tunnel({})["tunnelId"] for _ in range(120)]
    cases = [case for case in build(contract, depth="standard" if thorough else "quick") if case.area == "identity"]
    run = run_cases(contract, cases, lambda: Session(contract, DirectSender(emulator)), probes=[])
    assert {item.outcome for item in run.results} == {Outcome.PASS}
    assert [emulator.find(name).status for name in others] == ["OPEN"] * 120


class _Numbered(Emulator):
    def make_store(self) -> Store:
        return _NumberedStore(self.clock, self.region, self.account)


class _NumberedStore(Store):
    def new_id(self) -> str:
        return str(self._number)


class _HundredAtMost(Emulator):
    def listed(self, thing: str | None) -> list[Tunnel]:
        return super().listed(thing)[:100]


class _ThreePages(Emulator):
    def list_tunnels(self, params: Params) -> Params:
        output = super().list_tunnels(params)
        listed = [tunnel.id for tunnel in self.listed(None)]
        if output["tunnelSummaries"] and listed.index(output["tunnelSummaries"][-1]["tunnelId"]) >= 299:
            output.pop("nextToken", None)
        return output


@pytest.mark.parametrize(
    ("emulator", "outcome"),
    [(Emulator, Outcome.PASS), (_HundredAtMost, Outcome.FAIL), (_ThreePages, Outcome.FAIL)],
)
def test_long_lists_are_read_to_their_end(emulator: type[Emulator], outcome: Outcome, contract: Contract) -> None:
    """Beyond the greatest page, and beyond three of them."""
    run, _ = run_in_process(contract, [_case(contract, "listing/ListTunnels/several-pages", "standard")], emulator)
    assert run.results[0].outcome is outcome


def test_long_lists_respect_the_bound_on_tunnels(contract: Contract) -> None:
    """A run that may not open so many tunnels opens none of them."""
    emulator, budget = Emulator(contract), Budget(max_creates=20)
    case = _case(contract, "listing/ListTunnels/several-pages", "standard")
    run = run_cases(contract, [case], lambda: Session(contract, DirectSender(emulator), RunContext(budget)), probes=[])
    assert run.results[0].outcome is Outcome.SKIPPED
    assert budget.creates_sent == 0
