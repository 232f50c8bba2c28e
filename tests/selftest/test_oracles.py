"""Near misses, atomicity, scale, lifetime and confirmation: what seeded faults at depth quick do not cover."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256

import pytest

from tunnelspec.contract import Contract
from tunnelspec.edits import EDITS
from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.exchange import Live, Request
from tunnelspec.faults import all_faults
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.calls import plain_calls, read_calls
from tunnelspec.runner.case import Case, Reproduces
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.session import Session
from tunnelspec.scenario.lifetime import lifetime_cases
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


@pytest.mark.parametrize("fault", ["atomicity/opened-then-described", "atomicity/tags-one-by-one"])
def test_a_change_is_bisected_to_one_call(fault: str, contract: Contract) -> None:
    """The evidence is the rejected call, with nothing but the call that opened its tunnel before it."""
    seeded = all_faults(contract)[fault]
    run, _ = run_in_process(contract, [_case(contract, seeded.killer)], seeded)
    (evidence,) = run.results[0].evidence
    assert evidence.reproduces is Reproduces.ALONE
    rejected = [step for step in evidence.before if step.response is not None and step.response.rejected]
    assert len(rejected) == 1
    assert len(evidence.before) <= 2


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


class _CountsSeconds(Emulator):
    """Takes minutes for seconds."""

    def make_store(self) -> Store:
        class Short(Store):
            def open(self, lifetime_s: float) -> Tunnel:
                return super().open(lifetime_s / 60)

        return Short(self.clock, self.region, self.account)


class _NeverCloses(Emulator):
    def make_store(self) -> Store:
        return _Endless(self.clock, self.region, self.account)


class _Endless(Store):
    def open(self, lifetime_s: float) -> Tunnel:
        return super().open(lifetime_s * 1000)


class _Forgets(Emulator):
    def find(self, tunnel_id: str) -> Tunnel:
        tunnel = super().find(tunnel_id)
        if self.clock() > tunnel.closes_at:
            self.delete(tunnel)
        return super().find(tunnel_id)


class _ListsAsStored(Emulator):
    """Notices the end of a lifetime only when the tunnel is named."""

    def make_store(self) -> Store:
        return _Lazy(self.clock, self.region, self.account)


class _Lazy(Store):
    def newest_first(self) -> list[Tunnel]:
        return list(self._by_id.values())[::-1]


class _ListsWithoutClosed(Emulator):
    """Lists no tunnel whose lifetime is over."""

    def listed(self, thing: str | None) -> list[Tunnel]:
        return [tunnel for tunnel in super().listed(thing) if tunnel.status == "OPEN"]


class _ClosedWithinSixtySeconds(Emulator):
    def make_store(self) -> Store:
        return _Late(self.clock, self.region, self.account)


class _Late(Store):
    def open(self, lifetime_s: float) -> Tunnel:
        return super().open(lifetime_s + 50)


@pytest.mark.parametrize(
    ("name", "emulator_class", "seconds", "outcome"),
    [
        ("ends", Emulator, 130, Outcome.PASS),
        ("ends", _ClosedWithinSixtySeconds, 130, Outcome.PASS),
        ("ends", Emulator, 90, Outcome.SKIPPED),
        ("ends", _NeverCloses, 130, Outcome.FAIL),
        ("ends", _Forgets, 130, Outcome.FAIL),
        ("ends", _ListsAsStored, 130, Outcome.FAIL),
        ("ends", _ListsWithoutClosed, 130, Outcome.PASS),
        ("lasts", Emulator, 2, Outcome.PASS),
        ("lasts", _CountsSeconds, 2, Outcome.FAIL),
        ("lasts", Emulator, 55, Outcome.SKIPPED),
        ("lasts", _CountsSeconds, 130, Outcome.SKIPPED),
    ],
)
def test_a_tunnel_is_open_for_its_lifetime_and_closed_afterwards(
    name: str, emulator_class: type[Emulator], seconds: float, outcome: Outcome, contract: Contract
) -> None:
    """It is looked at some seconds before its end or at least a minute after it, and deleted in the end."""
    now = [1_700_000_000.0]
    emulator = emulator_class(contract, clock=lambda: now[0])
    made = lifetime_cases(contract, thorough=True, clock=lambda: now[0])
    case = next(case for case in made if case.id.endswith(f"/lifetime-{name}"))

    def later(result: object) -> None:
        now[0] += seconds

    run = run_cases(
        contract,
        [_case(contract, "lifecycle/OpenTunnel/open"), case],
        lambda: Session(contract, DirectSender(emulator)),
        probes=[],
        on_result=later,
    )
    assert next(item.outcome for item in run.results if item.case is case) is outcome
    assert emulator.store.newest_first() == []


@pytest.mark.parametrize(
    ("emulator_class", "share", "outcome"),
    [
        (Emulator, 0.9, Outcome.PASS),
        (_ListsWithoutClosed, 0.9, Outcome.FAIL),
        (_ListsWithoutClosed, 1.1, Outcome.SKIPPED),
    ],
)
def test_what_was_closed_is_listed_as_long_as_the_document_says(
    emulator_class: type[Emulator], share: float, outcome: Outcome, contract: Contract
) -> None:
    """A list without it is a finding before that time, and nothing after it."""
    find = contract.resources["tunnel"].find
    assert find is not None
    assert find.listed_s is not None
    now, seconds = [1_700_000_000.0], share * find.listed_s
    emulator = emulator_class(contract, clock=lambda: now[0])
    made = lifetime_cases(contract, thorough=False, clock=lambda: now[0])
    case = next(case for case in made if case.id == "listing/ListTunnels/closed-lasts")

    def later(result: object) -> None:
        now[0] += seconds

    chosen = [_case(contract, "lifecycle/OpenTunnel/open"), case]
    run = run_cases(contract, chosen, lambda: Session(contract, DirectSender(emulator)), probes=[], on_result=later)
    found = next(item for item in run.results if item.case is case)
    assert found.outcome is outcome
    assert all(len(shown.before) == 2 for shown in found.evidence), "it was opened and closed"
    assert emulator.store.newest_first() == []


class _WrongOnce(Emulator):
    """Describes the first tunnel as CLOSED, once."""

    described = 0

    def description(self, tunnel: Tunnel) -> Params:
        self.described += 1
        return {**super().description(tunnel), **({"status": "CLOSED"} if self.described == 1 else {})}


def test_the_finding_of_a_scenario_is_confirmed(contract: Contract) -> None:
    """What the scenario shows again on fresh tunnels shows alone; what it does not, once; what several clients show
    together, beside one another."""
    faults = all_faults(contract)
    cases = {
        Reproduces.ONCE: ("lifecycle/OpenTunnel/open", _WrongOnce),
        Reproduces.ALONE: ("lifecycle/OpenTunnel/open", faults["lifecycle/opens-closed"]),
        Reproduces.BESIDE: ("isolation/TagResource/parallel", faults["isolation/lost-update"]),
    }
    for expected, (name, emulator) in cases.items():
        sender = DirectSender(emulator(contract))
        run = run_cases(contract, [_case(contract, name)], lambda s=sender: Session(contract, s), probes=[])  # type: ignore[misc]
        assert [evidence.reproduces for evidence in run.results[0].evidence] == [expected]


class _FewTokens(Emulator):
    """Rotations take turns with few access tokens, whatever the tunnel."""

    turn = 0

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        self.turn += 1
        return {**output, "sourceAccessToken": sha256(bytes([self.turn % 4])).hexdigest()}


def test_what_a_scenario_was_given_twice_is_given_again(contract: Contract) -> None:
    """The step that showed it names a tunnel that is gone: it is sent again about another."""
    unique = _case(contract, "identity/OpenTunnel/unique-access-tokens")
    cases = [case for case in build(contract) if case.id.startswith("tokens/RotateTunnelAccessToken/")]
    session = Session(contract, DirectSender(_FewTokens(contract)))
    run = run_cases(contract, [*cases, unique], lambda: session, probes=[])
    found = {item.case.id: item for item in run.results}[unique.id]
    assert [item.finding.rule for item in found.evidence] == ["identity/unique-access-tokens"]
    assert found.evidence[0].reproduces is Reproduces.ALONE
