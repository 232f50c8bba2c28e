"""A baseline is drafted from what fails, updated without losing what people wrote, and used night after night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tunnelspec.contract import Contract
from tunnelspec.history import baseline, draft, expected
from tunnelspec.history.patterns import patterns
from tunnelspec.names import matches
from tunnelspec.report import expected_failures

from .command import tunnelspec
from .test_baseline import ABOVE, LOOSENED, SELECTED, TODAY, record_of, served

NAMES = [f"v/{op}/{member}/{way}" for op in "AB" for member in "xy" for way in ("max-1", "max-2", "max-3", "min")]


@pytest.mark.parametrize(
    ("failing", "wanted"),
    [
        (NAMES, ["v/*"]),
        ([n for n in NAMES if n.startswith("v/A/")], ["v/A/*"]),
        ([n for n in NAMES if n.startswith("v/A/x/max")], ["v/A/x/max-*"]),
        ([n for n in NAMES if n.endswith("/min")], ["v/*/min"]),
        (["v/A/x/min", "v/B/y/max-1"], ["v/A/x/min", "v/B/y/max-1"]),
    ],
)
def test_patterns_of_a_draft_say_exactly_what_fails(failing: list[str], wanted: list[str]) -> None:
    """A pattern stands for failing cases alone, and all of them are matched."""
    found = patterns(failing, NAMES)
    assert {name for name in NAMES if any(matches(name, p) for p in found)} == set(failing)
    assert len(found) == len(wanted)


WRITTEN = """\
# Mine.

known:
  # Look at the parser.
  - case: v/A/x/*
    reason: the parser
    link: https://example.org/1
  - case: v/B/x/min
    reason: gone
  - case: w/*
    reason: typo
  - case: v/B/y/min
    reason: old
    expires: 2026-01-01
  - case: v/A/y/min
    reason: untested
flaky:
  - case: v/B/x/max-1
    reason: races
    expires: 2027-01-01
"""


def test_an_update_keeps_what_people_wrote() -> None:
    """Reasons, links and comments stay; stale and unmatched entries go; expired ones are drafts again."""
    outcomes = {
        "v/A/x/max-1": "fail", "v/A/x/max-2": "fail", "v/A/x/max-3": "fail", "v/A/x/min": "pass",
        "v/B/x/min": "pass", "v/B/y/min": "fail", "v/A/y/min": "inconclusive", "v/B/x/max-1": "pass",
        "v/B/y/max-2": "fail",
    }  # fmt: skip
    made = record_of(outcomes)
    once = draft.text(draft.draft(made, baseline.parse(WRITTEN, "b.yaml"), NAMES, TODAY))
    again = baseline.parse(once, "b.yaml")
    assert [(entry.case, entry.reason) for entry in again.entries] == [
        ("v/A/x/max-*", "the parser"),
        ("v/A/y/min", "untested"),
        ("v/B/y/min", "draft: say why again (until 2026-01-01: old)"),
        ("v/B/y/max-2", "draft: say why"),
        ("v/B/x/max-1", "races"),
    ]
    assert again.head == ("# Mine.",)
    assert again.entries[0].comments == ("# Look at the parser.",)
    assert again.entries[0].link == "https://example.org/1"
    expected.apply(made, again, NAMES, TODAY)
    assert not expected_failures.failed(made)
    assert draft.text(draft.draft(made, again, NAMES, TODAY)) == once


def test_a_night(tmp_path: Path, contract: Contract) -> None:
    """Failures, a draft, a calm run, a fault mended: the run names the stale entry and diff what was fixed."""
    where = "known/mine.yaml"

    def night(url: str, name: str, *more: object) -> tuple[int, str, dict[str, Any]]:
        arguments = ("--endpoint-url", url, "--report-dir", name, *SELECTED, *more)
        done = tunnelspec("run", *arguments, cwd=tmp_path)
        assert done.stderr == ""
        return (
            done.returncode,
            " ".join(done.stdout.split()),
            json.loads((tmp_path / name / "record.json").read_text()),
        )

    with served(contract, LOOSENED, "lifecycle/close-ignored") as url:
        status, _, first = night(url, "first")
        assert (status, first["new_failures"]) == (1, first["totals"]["fail"])
        status, output, _ = night(url, "drafted", "--baseline", where, "--update-baseline")
        assert status == 0
        assert "drafts; say why" in output
        status, output, calm = night(url, "calm", "--baseline", where)
    assert status == 0
    assert "all known" in output
    assert "✗" not in output
    assert calm["totals"] == first["totals"]
    assert (calm["new_failures"], calm["baseline"]["stale"]) == (0, [])
    junit = ElementTree.parse(tmp_path / "calm" / "junit.xml").getroot()
    assert (junit.get("failures"), junit.get("skipped")) == ("0", str(first["totals"]["fail"]))
    skipped = junit.find(f".//testcase[@name='{ABOVE}']/skipped")
    assert skipped is not None
    assert skipped.get("message") == "known: draft: say why"

    with served(contract, "lifecycle/close-ignored") as url:
        status, output, mended = night(url, "mended", "--baseline", where)
    assert status == 1
    line = next(number for number, text in enumerate((tmp_path / where).read_text().splitlines(), 1) if ABOVE in text)
    assert f"{where}, line {line}: all of '" in output
    assert "no longer violate validation/decision (4); delete the entry." in output
    assert mended["new_failures"] == 0

    diff = ("report", "diff", "calm/record.json", "mended/record.json")
    done = tunnelspec(*diff, cwd=tmp_path)
    assert done.returncode == 0
    assert f"✓ {ABOVE}" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    back = tunnelspec("report", "diff", "mended/record.json", "first/record.json", "--json", cwd=tmp_path)
    assert back.returncode == 1
    assert ABOVE in [change["case"] for change in json.loads(back.stdout)["new_failures"]]
