"""The model, the scenarios and the stateful test: each rule is reported when violated, and only then."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.emulator import Emulator, Params, Tunnel, serve
from tunnelspec.faults import all_faults, all_variants, combined
from tunnelspec.model import RULES
from tunnelspec.model.rules import LIFETIME
from tunnelspec.runner.case import Case, CaseKind
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.suite import AREAS, SCENARIOS, ScenarioClient, build
from tunnelspec.verdict import Outcome

from .command import tunnelspec, without_aws


@pytest.fixture(scope="module")
def scenarios(cases: list[Case]) -> list[Case]:
    """The cases that are scenarios."""
    return [case for case in cases if case.area in AREAS]


@pytest.fixture(scope="module")
def stateful(contract: Contract) -> list[Case]:
    """The stateful test, long enough to find defects; with several seeds, since much is chance."""
    suites = [build(contract, depth="standard", seed=seed) for seed in (7, 8, 9, 10)]
    found = [case for suite in suites for case in suite if case.kind is CaseKind.STATEFUL]
    return [replace(case, settings=replace(case.settings, examples=40)) for case in found]


def test_every_scenario_is_the_killer_of_a_fault(contract: Contract) -> None:
    """A scenario that detects no seeded fault proves nothing."""
    quick = {name for name, found in SCENARIOS.items() if not found.thorough}
    assert quick - {fault.killer for fault in all_faults(contract).values()} == set()


def test_every_rule_of_the_model_is_tested_by_a_scenario() -> None:
    """A rule that no scenario tests would be left to chance."""
    tested = {name for found in SCENARIOS.values() for name in found.watched}
    assert set(RULES) - tested == {LIFETIME.id}  # which has a case of its own


def test_every_scenario_states_its_requirement(scenarios: list[Case]) -> None:
    """The docstring of a scenario is the requirement that a report shows."""
    assert [case.id for case in scenarios if not case.requirement.endswith(".") or not case.cites] == []


@pytest.mark.parametrize(
    "fault",
    [
        "lifecycle/one-for-all",
        "listing/pages-skip",
        "tags/on-all",
        "tokens/source-as-before",
    ],
)
def test_the_stateful_test_reports_short_sequences(fault: str, contract: Contract, stateful: list[Case]) -> None:
    """The stateful test alone finds the fault, in at most eight calls, the last of which shows it.

    One fault of each area; the nightly session has all that the stateful test finds.
    """
    runs = (run_in_process(contract, [case], all_faults(contract)[fault])[0].results[0] for case in stateful)
    found = next((item for item in runs if item.outcome is Outcome.FAIL), None)
    assert found is not None
    assert min(len(seen.before) + 1 for seen in found.evidence) <= 8
    assert all(seen.finding.observation for seen in found.evidence)


def test_the_stateful_test_flags_nothing_on_the_reference_emulator(contract: Contract) -> None:
    """Whatever is drawn at depth standard; the nightly session has more seeds."""
    cases = [case for case in build(contract, depth="standard", seed=1) if case.kind is CaseKind.STATEFUL]
    run, emulator = run_in_process(contract, cases)
    assert [(item.outcome, item.evidence) for item in run.results] == [(Outcome.PASS, ())]
    assert emulator.store.newest_first() == []


class _Lagging(Emulator):
    """Returns tags as they were before, each time they change, for three reads: as a distributed service may."""

    def set_up(self) -> None:
        super().set_up()
        self._returned: dict[str, tuple[list[Params], list[Params], int]] = {}

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        fresh = super().tags_of(tunnel)
        seen, before, left = self._returned.get(tunnel.id, ([], [], 0))
        if fresh != seen:
            before, left = seen, 3
        self._returned[tunnel.id] = (fresh, before, left - 1)
        return before if left > 0 else fresh


@pytest.mark.parametrize(("consistency_timeout_s", "outcome"), [(0.0, Outcome.FAIL), (60.0, Outcome.PASS)])
def test_a_read_may_lag_within_the_consistency_timeout(
    consistency_timeout_s: float, outcome: Outcome, contract: Contract, scenarios: list[Case]
) -> None:
    """A real service need not show a write at once, an emulator must."""
    case = next(case for case in scenarios if case.id == "tags/TagResource/overwritten")
    sender = DirectSender(_Lagging(contract))
    run = run_cases(
        contract,
        [case],
        lambda: Session(contract, sender, RunContext(consistency_timeout_s=consistency_timeout_s)),
        probes=[],
    )
    assert [item.outcome for item in run.results] == [outcome]


def test_scenarios_of_an_unimplemented_operation_are_skipped(contract: Contract, scenarios: list[Case]) -> None:
    """With the reason."""

    class WithoutTags(Emulator):
        METHODS: ClassVar[Mapping[str, str]] = {
            name: method for name, method in Emulator.METHODS.items() if name != "TagResource"
        }

    run, _ = run_in_process(contract, scenarios, WithoutTags)
    outcomes = {item.outcome for item in run.results}
    assert outcomes == {Outcome.PASS, Outcome.SKIPPED}
    reasons = {item.reason for item in run.results if item.outcome is Outcome.SKIPPED}
    assert all("does not implement TagResource" in reason for reason in reasons)


def test_a_tunnel_past_its_lifetime_may_be_closed(contract: Contract) -> None:
    """The model follows a lifetime that ends during a run."""
    now = [1_700_000_000.0]
    emulator = Emulator(contract, clock=lambda: now[0])
    session = Session(contract, DirectSender(emulator))
    client = ScenarioClient(session, watched=set(RULES), clock=lambda: now[0])
    client.open(timeoutConfig={"maxLifetimeTimeoutMinutes": 1})
    client.describe("t1")
    now[0] += 61
    assert client.describe("t1")["status"] == "CLOSED"
    client.walk()
    assert client.evidence == []
    client.close()


@pytest.mark.parametrize("after", [3, 40, 90])
def test_an_interrupted_run_leaves_no_tunnel(after: int, contract: Contract, scenarios: list[Case]) -> None:
    """After Ctrl-C the run ends its call, and what it opened is deleted."""
    emulator = Emulator(contract)
    sender = DirectSender(emulator)
    done: list[object] = []
    main = threading.main_thread()

    def interrupt(item: object) -> None:
        done.append(item)
        if len(done) == after:
            import signal

            assert main.ident is not None
            signal.pthread_kill(main.ident, signal.SIGINT)
            time.sleep(0.05)

    run = run_cases(
        contract,
        scenarios,
        lambda: Session(contract, sender),
        probes=presence_cases(contract),
        on_result=interrupt,
    )
    assert run.stopped == "the run was interrupted"
    assert emulator.store.newest_first() == []


def test_a_race_between_close_and_tag_is_no_defect(contract: Contract, scenarios: list[Case]) -> None:
    """A target that rejects tags on a tunnel that another client has just closed conforms."""

    class CloseFirst(Emulator):
        def perform(self, operation: str, params: Params) -> Params:
            if operation == "TagResource":
                self.store.close(self.find_arn(params["resourceArn"]))
            return super().perform(operation, params)

    case = next(case for case in scenarios if case.id == "isolation/CloseTunnel/parallel")
    run, _ = run_in_process(contract, [case], combined(CloseFirst, all_variants()["closed-untouchable"]))
    assert [(item.outcome, item.reason) for item in run.results] == [(Outcome.PASS, "")]


def test_a_spent_budget_leaves_no_tunnel(contract: Contract, scenarios: list[Case]) -> None:
    """Deletions are not counted against the budget."""
    from tunnelspec.runner.budget import Budget

    for limit in (10, 11, 12, 57):
        emulator = Emulator(contract)
        budget = Budget(max_requests=limit)
        sender = DirectSender(emulator)
        run = run_cases(contract, scenarios, partial(Session, contract, sender, RunContext(budget)), probes=[])
        assert "budget" in run.stopped
        assert emulator.store.newest_first() == []


def _record(tmp_path: Path, case: str, url: str) -> Mapping[str, Any]:
    done = tunnelspec("run", "--endpoint-url", url, "--report-dir", tmp_path, "--select", case, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    found: Mapping[str, Any] = json.loads((tmp_path / "record.json").read_text())["cases"][0]
    return found


def test_a_finding_has_a_program_that_reproduces_it(contract: Contract, tmp_path: Path) -> None:
    """The program in the report directory makes the calls and prints the violating response, and no token."""
    emulator = all_faults(contract)["lifecycle/rotation-reopens"](contract)
    with serve(emulator) as server:
        found = _record(tmp_path, "lifecycle/CloseTunnel/stays-closed", server.url)
        (program,) = (tmp_path / "reproduce").glob("01-*.py")
        done = subprocess.run(
            [sys.executable, str(program)], capture_output=True, text=True, check=True, env=without_aws()
        )
    *_, wrong, _clean = (line for line in done.stdout.splitlines() if line.startswith("< "))
    assert '"status":"OPEN"' in wrong
    tokens = [token for tunnel in emulator.store.newest_first() for token in tunnel.tokens.values()]
    assert tokens == []  # it deleted what it opened
    assert "AQGG" not in done.stdout  # how every token of the emulator begins
    calls = [step["call"] for step in found["findings"][0]["script"]]
    assert calls[0] == "t1 = OpenTunnel {}"
    assert calls[-1] == 'DescribeTunnel {"tunnelId": t1.tunnelId}'


def test_scenarios_follow_the_document(contract: Contract, tmp_path: Path) -> None:
    """A document with another default lifetime leads to another verdict."""
    changed = json.loads(json.dumps(contract.document))
    changed["components"]["schemas"]["TimeoutConfig"]["properties"]["maxLifetimeTimeoutMinutes"]["default"] = 60
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(changed), encoding="utf-8")
    document = load(path)
    case = [c for c in build(document) if c.id == "lifecycle/DescribeTunnel/default-lifetime"]
    run, _ = run_in_process(document, case, emulator_contract=contract)
    assert run.results[0].outcome is Outcome.FAIL
    assert "60" in run.results[0].evidence[0].finding.requirement


def test_shortening_keeps_the_violation_and_drops_the_rest() -> None:
    """Calls that are needed stay with their names; other members and calls go."""
    from tunnelspec.exchange import Live, Request
    from tunnelspec.scenario.shrink import Calls, shortest

    def violates(calls: Calls) -> Calls | None:
        opened = {call.returns for call in calls if call.body.get("poison")}
        return calls if calls[-1].body.get("id") in [Live(name, "id") for name in opened] else None

    noise = [Request("Open", {"a": n, "b": "text"}, returns=f"t{n}") for n in range(1, 9)]
    wrong = Request("Open", {"poison": "xxxx", "b": ["idle"]}, returns="t9")
    reads = [Request("Read", {"id": Live(f"t{n}", "id")}) for n in range(1, 9)]
    last = Request("Read", {"id": Live("t9", "id"), "verbose": True})
    shorter = shortest([*noise, wrong, *reads, last], violates)
    assert shorter == (Request("Open", {"poison": "x"}, returns="t9"), Request("Read", {"id": Live("t9", "id")}))
