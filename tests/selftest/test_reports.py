"""Reports show what the record holds, within bounds, in every form."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, Emulator, Params
from tunnelspec.record.deciding import deciding
from tunnelspec.record.document import Record
from tunnelspec.report import badge, coverage, frame, html
from tunnelspec.report.causes import causes
from tunnelspec.report.kinds import kind_of, missing
from tunnelspec.report.levels import reached, scores
from tunnelspec.report.summary import finding_lines
from tunnelspec.runner.case import Case
from tunnelspec.runner.latency import BOUNDS_MS, Latency

from .reporting import FIVE, made, shown


def test_five_faults_are_five_findings(five: Record) -> None:
    """Each seeded fault is one defect with a sentence, however many cases show it."""
    found = causes(five)
    assert [(cause.kind, cause.constraint or cause.rule) for cause in found] == [
        ("wrong-error", "validation/error-status"),
        ("fail", "listing/listed"),
        ("fail", "tokens/exactly"),
        ("fail", "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum"),
        ("fail", "OpenTunnel/description/pattern"),
    ]
    page = html.render(five)
    first_screen = page[page.index('class="defects"') : page.index('class="levels"')]
    assert first_screen.count("<li>") == 5
    for words in (
        "must be at most 720",
        "ZERO WIDTH JOINER U+200D",
        "ListTunnels must return every OPEN tunnel",
        "must return the access tokens of the client mode",
        "the status must be 400",
    ):
        assert words in first_screen.replace("<wbr>", "")
    assert "5 defects, the most important first" in shown(five)


def test_the_sample_is_of_these_faults() -> None:
    """The committed sample shows five defects in its first screen, and is small enough to be kept."""
    root = Path(__file__).parents[2]
    sample = (root / "reports" / "sample" / "report.html").read_text(encoding="utf-8")
    assert len(sample.encode()) < 1_000_000
    assert sample[sample.index('class="defects"') : sample.index('class="levels"')].count("<li>") == len(FIVE)
    assert frame.policy(script=True) in sample, "made by another release: nox -s sample"
    for picture in (root / "docs" / "images").glob("report*.png"):
        assert picture.stat().st_size < 400_000
    assert (root / "docs" / "images" / "report.png").is_file()


def test_a_wrong_error_has_its_own_kind(five: Record) -> None:
    """A correct rejection with the wrong error has its own kind; totals count it as a failure."""
    kinds = [kind_of(case, {}) for case in five["cases"]]
    assert kinds.count("wrong-error") > 10
    assert kinds.count("wrong-error") + kinds.count("fail") == five["totals"]["fail"]
    errors = next(score for score in scores(five) if score.level == "errors")
    assert (errors.passed, errors.wrong_error) == (0, errors.tested)


class _OpensNothing(Emulator):
    def open_tunnel(self, params: Params) -> Params:
        raise ApiError("InternalFailure", status=500)


class _ShortDescriptions(Emulator):
    def open_tunnel(self, params: Params) -> Params:
        if len(params.get("description") or "") > 1000:
            raise ApiError("ValidationException")
        return super().open_tunnel(params)


def test_one_cause_is_one_defect(contract: Contract, cases: list[Case]) -> None:
    """A broken OpenTunnel is not reported as defects of all that opens tunnels, nor of the ways to write the call;
    several lengths within one bound are one defect."""
    [broken] = causes(made(contract, cases, _OpensNothing))
    assert broken.operations == ["OpenTunnel"]
    some = [case for case in cases if case.id.startswith("validation/OpenTunnel/description/pattern/longest")]
    [short] = causes(made(contract, some, _ShortDescriptions))
    assert len(short.cases) == len(some) > 1


def test_what_is_not_implemented_is_no_defect(lacking: Record) -> None:
    """Levels and badge count what is there; totals and the sentence say what is not."""
    assert list(missing(lacking)) == ["RotateTunnelAccessToken"]
    assert lacking["totals"]["fail"] == 1
    assert [cause.kind for cause in causes(lacking)] == ["missing"]
    assert reached(scores(lacking)) == "behaviour"
    written = badge.badge(lacking)
    assert "7 of 8 operations" in str(written["message"])
    assert written["color"] != "brightgreen"
    page = html.render(lacking)
    assert '<p class="verdict"><span class="mark pass"' in page
    assert 'class="missing" href="#cases" data-operation="RotateTunnelAccessToken"' in page
    assert "✗" not in shown(lacking)


def test_what_a_baseline_lists_stands_apart(five: Record) -> None:
    """A known failure is no defect of the first screen, has a kind of its own, and is counted as known."""
    listed = copy.deepcopy(five)
    for case in listed["cases"]:
        if case["outcome"] == "fail":
            case["known"] = {"reason": "not mended yet", "link": "", "expires": "", "flaky": False}
    assert {cause.kind for cause in causes(listed)} == {"known"}
    page = html.render(listed)
    assert "No new defects" in page
    assert "all known" in page
    assert 'class="mark fail"' not in page
    assert "✗ v" not in shown(listed)


def test_every_constraint_is_tried_on_both_sides(reference: Record, five: Record, contract: Contract) -> None:
    """At the bound and past it, for all of the document's constraints; a loosened bound shows."""
    rows = coverage.coverage(reference)
    assert len(rows) == len(contract.constraints)
    assert coverage.totals(rows) == {"both": len(rows)}
    assert {row.accepted for row in rows} == {coverage.HELD}
    assert {row.rejected for row in rows} == {coverage.HELD, coverage.NONE}
    broken = [row.row["name"] for row in coverage.coverage(five) if row.rejected == coverage.WRONG]
    assert broken == [
        "OpenTunnel/description/pattern",
        "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum",
    ]
    partial: Any = {**reference, "cases": [c for c in reference["cases"] if c["operation"] != "ListTunnels"]}
    unreached = [r.row["operation"] for r in coverage.coverage(partial) if r.accepted == r.rejected == coverage.SILENT]
    assert set(unreached) == {"ListTunnels"}


def test_a_bad_target_has_a_handful_of_defects(worst: list[Record]) -> None:
    """Hundreds of failures have few causes; the summary fits 60 lines of 80 columns and says what to fix first."""
    for record in worst:
        assert len(causes(record)) <= 25
        text = shown(record, commands=False)
        assert len(text.splitlines()) <= 60
        assert "first: it affects" in text
    crashing, accepting = (causes(record) for record in worst)
    assert "protocol/no-server-error" in [cause.rule for cause in crashing[:3]]
    assert len(next(cause for cause in crashing if cause.rule == "protocol/no-server-error").cases) > 300
    decision = next(cause for cause in accepting if cause.rule == "validation/decision")
    assert decision.title == "Invalid input must be rejected"
    assert "8 operations" in decision.shared


def test_a_rejection_names_the_error_expected(worst: list[Record]) -> None:
    """Terminal and JUnit name status and error types where invalid input was accepted."""
    record = worst[1]
    cause = next(cause for cause in causes(record) if cause.rule == "validation/decision")
    text = "\n".join(finding_lines(cause.finding, record))
    assert "status 400 with " in text
    assert "Exception" in text


def test_the_finding_that_decided_is_the_reason(worst: list[Record]) -> None:
    """A case about a bound fails for its bound, whatever else is wrong with the response."""
    for case in worst[1]["cases"]:
        finding = deciding(case)
        if finding is not None:
            assert case["observed"] == finding["observed"]
            assert (finding["level"] == "MUST") is (case["outcome"] == "fail")
            if any(other["axis"] == "decision" and other["level"] == "MUST" for other in case["findings"]):
                assert finding["axis"] == "decision"


def test_latency_is_counted_into_buckets() -> None:
    """At a bound and past it, and beyond the last."""
    latency = Latency()
    for seconds in (0.0005, 0.00051, 0.004, 60.0):
        latency.add(seconds)
    assert sum(latency.counts) == 4
    assert [latency.counts[0], latency.counts[1], latency.counts[3], latency.counts[-1]] == [1, 1, 1, 1]
    assert len(latency.counts) == len(BOUNDS_MS) + 1
    assert latency.longest_s == 60.0
