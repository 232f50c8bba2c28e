"""Schemathesis' generators under our own loop: what they find shrinks and replays, and nothing else changes."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.faults import all_faults
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.suite import SCHEMATHESIS_EXAMPLES, UnknownCase, build, enabled
from tunnelspec.verdict import Outcome


@pytest.fixture(scope="module")
def searches(contract: Contract) -> dict[str, Case]:
    """The searches by Schemathesis' generators at depth standard, by operation, with half the examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCHEMATHESIS_EXAMPLES, "standard", SCHEMATHESIS_EXAMPLES["standard"] // 2)
        found = build(contract, depth="standard", seed=3)
    return {case.operation: case for case in found if case.id.endswith("/schemathesis")}


def test_a_correct_server_is_not_flagged(contract: Contract, searches: dict[str, Case]) -> None:
    """There is a search for each operation, and each passes after requests of its own."""
    assert set(searches) == set(contract.operations)
    run, emulator = run_in_process(contract, list(searches.values()))
    assert [item.outcome for item in run.results] == [Outcome.PASS] * len(searches)
    assert all(item.requests > 10 for item in run.results)
    assert emulator.store.newest_first() == []


@pytest.mark.parametrize(
    ("operation", "fault", "check"),
    [
        ("DescribeTunnel", "derived/DescribeTunnel/tunnelId/pattern/dropped", "validation/error-code"),
        ("CloseTunnel", "wire/crash-on-wrong-type", "protocol/no-server-error"),
    ],
)
def test_what_is_found_shrinks_and_replays(
    contract: Contract,
    searches: dict[str, Case],
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    fault: str,
    check: str,
) -> None:
    """A seeded fault ends as a small request, and the same seed sends the same requests again."""
    sent: list[bytes] = []
    through = DirectSender.send

    def noted(self: DirectSender, raw: RawRequest) -> Exchange:
        sent.append(raw.body)
        return through(self, raw)

    monkeypatch.setattr(DirectSender, "send", noted)
    emulator = all_faults(contract)[fault]
    runs = []
    for _ in range(2):
        sent.clear()
        run, _ = run_in_process(contract, [searches[operation]], emulator)
        # Identifiers of live tunnels differ from run to run.
        made = [body for body in sent if b"tunnelId" not in body and b"resourceArn" not in body]
        [result] = run.results
        assert result.outcome in (Outcome.FAIL, Outcome.WARN)
        [seen] = [item for item in result.evidence if item.finding.rule == check][:1]
        assert len(seen.exchange.sent.body) < 200
        runs.append((len(sent), made, seen.finding.identity))
    assert runs[0] == runs[1]


def test_the_first_depth_does_without(contract: Contract) -> None:
    """At depth quick the cases are there by name, for baselines and patterns, and are not asked."""
    whole = build(contract)
    later = [case for case in whole if case.id.endswith("/schemathesis")]
    assert len(later) == len(contract.operations)
    searches = [case for case in whole if case.area == "search"]
    assert [case for case in searches if case not in enabled(searches)] == later
    with pytest.raises(UnknownCase, match="standard"):
        enabled(later)


def test_hypothesis_prints_as_before(searches: dict[str, Case]) -> None:
    """Loading Schemathesis blanks drawn values for the whole process; loading our room gives them back."""

    @hypothesis.settings(database=None, max_examples=20, phases=[hypothesis.Phase.generate])
    @hypothesis.given(st.integers())
    def fails(number: int) -> None:
        raise AssertionError

    with pytest.raises(AssertionError) as caught:
        fails()
    notes = "\n".join(getattr(caught.value, "__notes__", []))
    assert "number=" in notes
    assert "number=," not in notes
