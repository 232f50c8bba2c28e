"""What a run may send: modes, budgets, rates, marks; and what it sends again."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tunnelspec.contract import Contract
from tunnelspec.contract.document import Effect
from tunnelspec.emulator import Emulator, serve
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.ownership.owned import Ownership
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case, CaseSettings
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.outcomes import run_case
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.rates import Rates
from tunnelspec.runner.search import search_case
from tunnelspec.runner.session import Session
from tunnelspec.suite import NOT_VERIFYING, build
from tunnelspec.verdict import Outcome

from .accounts import RUN
from .command import record_of, tunnelspec


class Noting(DirectSender):
    """Notes what is sent."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.sent: list[RawRequest] = []

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        self.sent.append(raw)
        return super().send(raw)


def run_in_process(contract: Contract, cases: list[Case], budget: Budget) -> tuple[Run, Noting]:
    """A run of these cases with this budget against the reference emulator, and what it sent."""
    sender = Noting(Emulator(contract))
    run = run_cases(
        contract,
        cases,
        lambda: Session(contract, sender, RunContext(budget, Ownership(RUN))),
        probes=presence_cases(contract),
    )
    return run, sender


@pytest.mark.parametrize(
    ("mode", "allowed"),
    [(Mode.READ_ONLY, {Effect.READ}), (Mode.NO_CREATE, {Effect.READ, Effect.WRITE})],
)
def test_a_mode_sends_only_what_it_allows(
    mode: Mode, allowed: set[Effect], contract: Contract, cases: list[Case]
) -> None:
    """Not one call of another effect; what is left out is skipped and says why; the rest is tested."""
    run, sender = run_in_process(contract, cases, Budget(mode=mode))
    effects = {contract.operations[str(raw.operation)].effect for raw in sender.sent}
    assert effects == allowed
    outcomes = Counter(item.outcome for item in run.results)
    assert set(outcomes) == {Outcome.PASS, Outcome.SKIPPED}
    assert outcomes[Outcome.PASS] > 100
    reasons = [item.reason for item in run.results if item.outcome is Outcome.SKIPPED]
    skipped = [reason for reason in reasons if reason != NOT_VERIFYING]
    assert all(f"is not sent in the mode {mode.value}" in reason for reason in skipped)


def test_what_could_open_a_tunnel_is_counted_before_it_is_sent(contract: Contract, cases: list[Case]) -> None:
    """No more than allowed, whether it should be refused or not; the rest is still tested, all is closed."""
    run, sender = run_in_process(contract, cases, Budget(max_creates=25))
    # A call of no known operation may open one as well.
    assert sum(raw.operation in ("OpenTunnel", None) for raw in sender.sent) == 25
    assert "25 requests that can open a tunnel" in run.spent
    totals = run.totals()
    assert totals["pass"] > 200
    assert totals["inconclusive"] > 200
    assert totals["fail"] == totals["warn"] == 0
    assert sender.emulator.store.newest_first() == []


@pytest.mark.parametrize("budget", [Budget(max_requests=100), Budget(max_seconds=0.05)])
def test_a_spent_budget_ends_the_run(budget: Budget, contract: Contract, cases: list[Case]) -> None:
    """The rest is inconclusive with the reason, nothing fails, and everything is closed."""
    run, sender = run_in_process(contract, cases, budget)
    assert "budget of" in run.stopped
    assert run.totals()["inconclusive"] > 500
    assert run.totals()["fail"] == 0
    assert sender.emulator.store.newest_first() == []


def test_a_spent_budget_is_reported_in_full(tmp_path: Path) -> None:
    """Exit 3, with every report written."""
    done = tunnelspec("run", "--max-requests", 60, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    record = record_of(tmp_path)
    assert "budget of 60 requests" in record["run"]["stopped"]
    assert record["totals"]["pass"] > 10
    for name in ("report.html", "summary.md", "junit.xml"):
        assert (tmp_path / "tunnelspec-report" / name).stat().st_size > 100


def test_rates_hold_for_all_workers_and_for_cleaning_up(contract: Contract) -> None:
    """What no rate names is free; a call beyond the rate is not let through, whoever asks."""
    rates = Rates({"CloseTunnel": 1, "OpenTunnel": 0.5})
    assert [rates.acquire("CloseTunnel", 0) for _ in range(3)] == [True, False, False]
    assert [rates.acquire("OpenTunnel", 0) for _ in range(2)] == [True, False]
    assert all(rates.acquire("ListTunnels", 0) for _ in range(100))
    rates.close()
    asked: list[str] = []

    class Asked(Rates):
        def acquire(self, operation: str, timeout_s: float) -> bool:
            asked.append(operation)
            return True

    run_in_process(contract, build(contract)[:60], budget := Budget(rates=Asked({})))
    # Quotas are by operation: a call of none has no rate.
    assert len(asked) == budget.requests - budget.by_operation[""]
    assert "CloseTunnel" in asked


def test_the_documented_quotas_are_in_the_document(contract: Contract) -> None:
    """One a second to open and to close, ten for the rest."""
    found = {name: operation.per_second for name, operation in contract.operations.items()}
    assert found == {name: 1 if name in ("OpenTunnel", "CloseTunnel") else 10 for name in contract.operations}


def test_shared_tunnels_are_marked_and_plain_requests_stay_plain(contract: Contract, cases: list[Case]) -> None:
    """The run's tag and a short lifetime where cases share, `{}` where the request is `{}`, no tag before
    a call that adds tags.
    """
    _, sender = run_in_process(contract, [c for c in cases if "/ListTagsForResource/" in c.id], Budget())
    marked = [raw.body for raw in sender.sent if raw.operation == "OpenTunnel" and RUN.encode() in raw.body]
    assert marked
    assert all(b'"maxLifetimeTimeoutMinutes":10' in body for body in marked)
    _, sender = run_in_process(
        contract, [c for c in cases if c.id == "validation/OpenTunnel/tags/minItems/at"], Budget()
    )
    assert RUN.encode() not in sender.sent[-2].body
    _, sender = run_in_process(contract, [c for c in cases if c.id.startswith("search/TagResource/")], Budget())
    before = [raw.body for raw, following in zip(sender.sent, sender.sent[1:], strict=False)
              if raw.operation == "OpenTunnel" and following.operation == "TagResource"]  # fmt: skip
    assert before
    assert not any(b"tags" in body for body in before)


def test_a_target_that_knows_no_marks_is_tested_nevertheless(contract: Contract, cases: list[Case]) -> None:
    """A refusal of tags is met with a plain request."""
    emulator = Emulator(contract)
    validate = emulator.validators["OpenTunnel"]
    emulator.validators["OpenTunnel"] = lambda body: validate({**body, "tags": 1} if "tags" in body else body)
    sender = DirectSender(emulator)
    chosen = [case for case in cases if case.id.startswith("validation/UntagResource/")]
    run = run_cases(
        contract, chosen, lambda: Session(contract, sender, RunContext(ownership=Ownership(RUN))), probes=[]
    )
    assert run.totals()["pass"] == len(chosen)


def _names(text: str) -> str:
    """A request's body without what only this run could know: ids, and page tokens that hold them."""
    known: dict[str, str] = {}
    return re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda m: known.setdefault(m[0], f"#{len(known)}"), text
    )


def test_the_same_seed_sends_the_whole_suite_alike(contract: Contract) -> None:
    """Every request in the same order, clients at the same time aside."""
    sent = []
    for _ in range(2):
        # Near misses are made of identifiers that differ from run to run.
        cases = [case for case in build(contract, seed=5) if case.area not in ("isolation", "identity")]
        _, sender = run_in_process(contract, cases, Budget())
        sent.append([_names(raw.body.decode("utf-8", "backslashreplace")) for raw in sender.sent])
    assert len(sent[0]) > 1800
    assert sent[0] == sent[1]


def test_findings_are_sent_again_and_kept(tmp_path: Path, contract: Contract) -> None:
    """Still failing, fixed, or without a verdict; and as examples, tested in every later run."""
    from tunnelspec.faults import seeded

    emulator = seeded(contract, ["validation/astral-letter-refused"])(contract)
    chosen = ("--select", "search/TagResource/*", "--select", "validation/OpenTunnel/tags[].key/maxLength/*")
    with serve(emulator) as server:
        tunnelspec("run", "--endpoint-url", server.url, "--seed", 5, *chosen, cwd=tmp_path)
        record = "tunnelspec-report/record.json"
        again = tunnelspec("replay", record, cwd=tmp_path)
        assert again.returncode == 1
        assert "✗ still fails: " in again.stdout
        assert "0 fixed, 1 left, 0 no verdict" in again.stdout
        kept = tunnelspec("promote", record, "search/*", "--file", "kept.json", cwd=tmp_path)
        assert kept.returncode == 0
        name = kept.stdout.splitlines()[0]
        assert name.startswith("examples/TagResource/")
        example = json.loads((tmp_path / "kept.json").read_text())["examples"][0]
        assert example["calls"][0]["body"]["resourceArn"] == {"$live": "tunnel.tunnelArn"}
        arguments = ("run", "--examples", "kept.json", "--select", name, "--report-dir", "second")
        assert tunnelspec(*arguments, "--endpoint-url", server.url, cwd=tmp_path).returncode == 1
    assert tunnelspec(*arguments, cwd=tmp_path).returncode == 0
    with serve(Emulator(contract)) as server:
        fixed = tunnelspec("replay", record, "search/*", "--endpoint-url", server.url, cwd=tmp_path)
        assert (fixed.returncode, fixed.stdout.count("✓ fixed")) == (0, 1)
    lost = tunnelspec("replay", record, "search/*", cwd=tmp_path)
    assert lost.returncode == 3
    assert "1 no verdict" in lost.stdout


def test_a_search_ends_with_the_run_even_where_hypothesis_discards_what_it_draws(
    contract: Contract, cases: list[Case]
) -> None:
    """Nothing is drawn after the run was stopped, and the case has no verdict."""
    budget, drawn = Budget(), list[int]()

    def discard(number: int) -> bool:
        drawn.append(number)
        budget.stop("the run was interrupted")
        return False

    never = st.integers().filter(discard).map(lambda number: Request("ListTunnels", {"maxResults": number}))
    usual = next(case for case in cases if case.id == "search/ListTunnels/valid")
    case = replace(usual, run=search_case(lambda: never), settings=CaseSettings(10_000, seed=1))
    item = run_case(case, Session(contract, DirectSender(Emulator(contract)), RunContext(budget)), {})
    assert item.error == ""
    assert (item.outcome, item.reason) == (Outcome.INCONCLUSIVE, "the run was interrupted")
    assert len(drawn) <= 3
