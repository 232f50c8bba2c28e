"""Records over time: what changed from one to the next, and the trend page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tunnelspec.cli import main
from tunnelspec.history.diff import diff
from tunnelspec.record import document

HOSTILE = '<script>alert(1)</script>\u202e"'


def record_of(started: str, **cases: tuple[str, str]) -> Any:
    """A record of cases with an outcome and what was observed."""
    made: list[dict[str, Any]] = []
    for name, (outcome, observed) in cases.items():
        finding = {
            "check": "c",
            "level": "MUST",
            "axis": "form",
            "constraint": "",
            "expected": "e",
            "observed": observed,
            "cites": [],
            "reproduce": {"curl": "", "python": ""},
        }
        made.append(
            {
                "id": f"area/Op/{name}",
                "operation": "Op",
                "area": "area",
                "level": "wire",
                "outcome": outcome,
                "requests": 1,
                "cites": [],
                "reproduce": {"curl": "", "python": ""},
                "reason": observed,
                "expected": "e",
                "observed": observed,
                "findings": [finding] if outcome in ("fail", "warn") else [],
            }
        )
    totals = dict.fromkeys(("pass", "fail", "warn", "skipped", "inconclusive"), 0)
    for case in made:
        totals[case["outcome"]] += 1
    return {
        "schema": "tunnelspec.record/1",
        "suite": {"version": "1", "contract": "x"},
        "target": {"endpoint": "http://t", "region": "r"},
        "run": {"seed": 1, "depth": "quick", "started": started, "requests": 1, "duration_s": 1.0, "stopped": ""},
        "totals": totals,
        "cases": made,
    }


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        (("pass", ""), ("fail", "o"), "new_failures"),
        (("warn", "o"), ("fail", "o"), "new_failures"),
        (("inconclusive", "o"), ("fail", "o"), "newly_tested"),
        (None, ("fail", "o"), "newly_tested"),
        (("fail", "o"), ("pass", ""), "fixed"),
        (("fail", "o"), ("warn", "o"), "fixed"),
        (("pass", ""), ("warn", "o"), "changed"),
        (("fail", "status 500"), ("fail", "status 400"), "changed"),
        (("skipped", "o"), ("pass", ""), "newly_tested"),
        (("pass", ""), ("inconclusive", "throttled"), "not_observed"),
        (("fail", "o"), ("skipped", "o"), "not_observed"),
        (("fail", "o"), None, "not_observed"),
        (("pass", "1 call"), ("pass", "2 calls"), None),
        (("skipped", "o"), ("inconclusive", "o"), None),
        (
            ("fail", "it is 1048a189-9a7e-486f-8c7f-142286c5679a since 1700000000.5"),
            ("fail", "it is 2048a189-9a7e-486f-8c7f-142286c5679a since 1800000000.25"),
            None,
        ),
    ],
)
def test_what_changed(old: tuple[str, str] | None, new: tuple[str, str] | None, part: str | None) -> None:
    """Each case is in one part, or in none if nothing changed."""
    made = diff(
        record_of("2026-01-01", **({"x": old} if old else {})),
        record_of("2026-01-02", **({"x": new} if new else {})),
    )
    parts = ("new_failures", "newly_tested", "fixed", "changed", "not_observed")
    assert [name for name in parts if getattr(made, name)] == ([part] if part else [])
    assert made.same == (part is None)


def test_the_trend_page(tmp_path: Path) -> None:
    """Every run with its counts on hovering, what changed by name, and nothing of the target's is markup."""
    outcomes = [("pass", ""), ("fail", HOSTILE), ("fail", HOSTILE), ("pass", "")]
    for number, outcome in enumerate(outcomes):
        made = record_of(f"2026-01-0{number + 1}", x=outcome, y=("pass", ""))
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "record.json").write_text(json.dumps(made))
    (tmp_path / "other.json").write_text("{}")
    done = CliRunner().invoke(main, ["report", "trend", str(tmp_path)])
    assert (done.exit_code, done.output.strip()) == (0, str(tmp_path / "trend.html"))
    page = (tmp_path / "trend.html").read_text(encoding="utf-8")
    assert "<title>2026-01-02: 1 pass, 1 fail</title>" in page
    assert page.count('<g class="run">') == 2 * 4, "of the area and of all areas"
    assert "1 new failure, 0 fixed" in page
    assert "0 new failures, 1 fixed" in page
    assert "1 of 3 steps from run to run changed nothing" in page
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "\u202e" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://t", "")


@pytest.mark.parametrize("arguments", [("trend", "."), ("diff", "a.json", "b.json")])
def test_without_records_there_is_a_sentence(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["report", *arguments])
    assert done.exit_code == 2
    assert done.stderr.startswith("tunnelspec: ")
    assert len(done.stderr.splitlines()) == 1


def test_targets_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`report matrix` takes the newest record of each directory; hostile names stay text."""
    monkeypatch.chdir(tmp_path)
    for name, outcome in (("good", "pass"), ("<b>bad", "fail")):
        record = record_of("2026-01-01T00:00:00+00:00", one=(outcome, "o"))
        document.write(record, tmp_path / name / "record.json")
    done = CliRunner().invoke(main, ["report", "matrix", "good", "<b>bad"])
    assert (done.exit_code, done.output) == (0, "targets.html\n")
    page = (tmp_path / "targets.html").read_text("utf-8")
    assert "<b>bad" not in page
    assert page.index("good") < page.index("&lt;b&gt;bad")
