"""The end of a tunnel's lifetime, which is minutes away: what is open before it, and listed after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Tunnel
from tunnelspec.emulator.store import Store
from tunnelspec.runner.case import Result
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.session import Session
from tunnelspec.scenario.lifetime import lifetime_cases
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome


def _lasting(lasts: Callable[[float], float]) -> type[Emulator]:
    """Closes tunnels after another time than their lifetime, in seconds."""

    class OtherLifetimes(Store):
        def open(self, lifetime_s: float) -> Tunnel:
            return super().open(lasts(lifetime_s))

    class Lasting(Emulator):
        def make_store(self) -> Store:
            return OtherLifetimes(self.clock, self.region, self.account)

    return Lasting


_COUNTS_SECONDS = _lasting(lambda seconds: seconds / 60)
_NEVER_CLOSES = _lasting(lambda seconds: seconds * 1000)
_CLOSES_WITHIN_A_MINUTE = _lasting(lambda seconds: seconds + 50)


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


def _run(contract: Contract, emulator_class: type[Emulator], name: str, seconds: float, *, thorough: bool) -> Result:
    """The result of a case that ends after so many seconds; it leaves no tunnel."""
    now = [1_700_000_000.0]
    emulator = emulator_class(contract, clock=lambda: now[0])
    made = lifetime_cases(contract, thorough=thorough, clock=lambda: now[0])
    cases = [*(case for case in build(contract) if case.id == "lifecycle/OpenTunnel/open"), *made]

    def later(result: object) -> None:
        now[0] += seconds

    run = run_cases(
        contract,
        [case for case in cases if case.id in ("lifecycle/OpenTunnel/open", name)],
        lambda: Session(contract, DirectSender(emulator)),
        probes=[],
        on_result=later,
    )
    assert emulator.store.newest_first() == []
    return next(item for item in run.results if item.case.id == name)


@pytest.mark.parametrize(
    ("name", "emulator_class", "seconds", "outcome"),
    [
        ("ends", Emulator, 130, Outcome.PASS),
        ("ends", _CLOSES_WITHIN_A_MINUTE, 130, Outcome.PASS),
        ("ends", Emulator, 90, Outcome.SKIPPED),
        ("ends", _NEVER_CLOSES, 130, Outcome.FAIL),
        ("ends", _Forgets, 130, Outcome.FAIL),
        ("ends", _ListsAsStored, 130, Outcome.FAIL),
        ("ends", _ListsWithoutClosed, 130, Outcome.PASS),
        ("lasts", Emulator, 2, Outcome.PASS),
        ("lasts", _COUNTS_SECONDS, 2, Outcome.FAIL),
        ("lasts", Emulator, 55, Outcome.SKIPPED),
        ("lasts", _COUNTS_SECONDS, 130, Outcome.SKIPPED),
    ],
)
def test_a_tunnel_is_open_for_its_lifetime_and_closed_afterwards(
    name: str, emulator_class: type[Emulator], seconds: float, outcome: Outcome, contract: Contract
) -> None:
    """It is looked at some seconds before its end or at least a minute after it, and deleted in the end."""
    case = f"lifecycle/OpenTunnel/lifetime-{name}"
    assert _run(contract, emulator_class, case, seconds, thorough=True).outcome is outcome


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
    found = _run(contract, emulator_class, "listing/ListTunnels/closed-lasts", share * find.listed_s, thorough=False)
    assert found.outcome is outcome
    assert all(len(shown.before) == 2 for shown in found.evidence), "it was opened and closed"
