"""The finding of a scenario is reduced, and sent again before it is reported."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.faults import all_faults
from tunnelspec.runner.case import Case, Reproduces
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.session import Session
from tunnelspec.suite import build


def _case(contract: Contract, name: str) -> Case:
    return next(case for case in build(contract) if case.id == name)


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
        run = run_cases(contract, [_case(contract, name)], partial(Session, contract, sender), probes=[])
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
